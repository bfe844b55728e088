import Frames
import Wire

extension Director {
  /// An ICMP message: a ping to us, or an error about a packet of a connection.
  mutating func takeICMP(
    _ packet: Packet, _ index: Int, of batch: inout FrameBatch, outbox: inout FrameBatch,
    at now: Instant
  ) -> Verdict {
    let isForUs = ownAddresses.contains(packet.destination)
    switch ICMPReading(batch.readBytes(at: index), packet) {
    case .malformed: return .drop(.transportMalformed)
    case .checksumWrong: return .drop(.icmpChecksumInvalid)
    case .echoRequest where isForUs:
      return answerEcho(packet, index, of: &batch, outbox: &outbox)
    case .error(let quoted):
      if isForUs,
        let verdict = takeTunnelError(packet, index, of: batch, outbox: &outbox, at: now)
      {
        return verdict
      }
      guard let quoted else { return .drop(.icmpQuoteInvalid) }
      return requestAddresses.contains(packet.destination)
        ? relayToServer(packet, quoted, index, of: &batch, outbox: &outbox, at: now)
        : relayToClient(packet, quoted, index, of: &batch, outbox: &outbox, at: now)
    case .echoRequest, .other:
      return .drop(.icmpUnsupported)
    }
  }

  /// An error about a reply, from the client or a router on the way there: the real server is to
  /// know (`ip_vs_core.c`, `ip_vs_in_icmp`).
  private mutating func relayToServer(
    _ packet: Packet, _ quoted: QuotedPacket, _ index: Int, of batch: inout FrameBatch,
    outbox: inout FrameBatch, at now: Instant
  ) -> Verdict {
    let key = ConnectionKey(quoted.destination.address, quoted.destination.port, quoted.protocol)
    guard let connection = find(key, where: { $0.virtual == quoted.source }) else {
      return .drop(.icmpUnrelated)
    }
    let record = connections[connection].destination
    guard packet.timeToLive > 1 else { return .drop(.timeToLiveExceeded) }
    forwarding[record].inbound.add(packet.totalLength)
    lowerTimeToLive(packet, index, of: &batch)
    let real = forwarding[record].real
    switch forwarding[record].method {
    case .nat:
      readdress(packet, destination: real.address, index, of: &batch)
      restore(.init(source: real), of: quoted, in: packet, index, of: &batch)
    case .fullnat:
      let local = local(of: connection)
      readdress(packet, source: local.address, destination: real.address, index, of: &batch)
      restore(.init(source: real, destination: local), of: quoted, in: packet, index, of: &batch)
    // The server has the virtual address, and knows the packet as the error quotes it.
    case .dr: break
    case .tunnel:
      return dispatch(
        packet, of: key, throughTunnelOf: record, index, of: &batch, outbox: &outbox, at: now)
    }
    return dispatch(
      packet, to: forwarding[record].nextHop, index, of: &batch, outbox: &outbox, at: now)
  }

  /// An error about a request, from the real server or a router on the way there: the client is to
  /// know, and hears it from the virtual address whoever said it (`ip_vs_core.c`, `ip_vs_out_icmp`).
  private mutating func relayToClient(
    _ packet: Packet, _ quoted: QuotedPacket, _ index: Int, of batch: inout FrameBatch,
    outbox: inout FrameBatch, at now: Instant
  ) -> Verdict {
    guard quoted.source.address == packet.destination,
      let connection = find(
        quoted.protocol, repliedFrom: quoted.destination, to: quoted.source)
    else {
      return .drop(localAddresses.contains(packet.destination) ? .icmpUnrelated : .ipNotForUs)
    }
    guard packet.timeToLive > 1 else { return .drop(.timeToLiveExceeded) }
    let record = connections[connection].destination
    let virtual = forwarding[record].virtual
    var original = QuotedPacket.Original(destination: virtual)
    if forwarding[record].method == .fullnat {
      original.source = connections[connection].key.client
      original.sequenceShift = 0 &- translations[connection].shift
    }
    let client = original.source?.address ?? packet.destination
    guard let nextHop = routes.nextHop(to: client) else { return .drop(.noRoute) }
    forwarding[record].outbound.add(packet.totalLength)
    lowerTimeToLive(packet, index, of: &batch)
    readdress(packet, source: virtual.address, destination: client, index, of: &batch)
    restore(original, of: quoted, in: packet, index, of: &batch)
    return dispatch(packet, to: nextHop, index, of: &batch, outbox: &outbox, at: now)
  }

  /// Gives the message itself other addresses.
  private func readdress(
    _ packet: Packet, source: IPv4Address? = nil, destination: IPv4Address, _ index: Int,
    of batch: inout FrameBatch
  ) {
    guard
      var header = MutableIPv4Packet(batch.bytes(at: index, from: EthernetFrame.headerLength))
    else { return }
    header.source = source ?? packet.source
    header.destination = destination
  }

  /// Gives the packet that the message quotes what its sender gave it.
  private func restore(
    _ original: QuotedPacket.Original, of quoted: QuotedPacket, in packet: Packet, _ index: Int,
    of batch: inout FrameBatch
  ) {
    var bytes = batch.bytes(at: index)
    quoted.restore(original, in: &bytes, messageStart: packet.transportOffset)
  }
}

/// What an ICMP message is, once it has been checked.
private enum ICMPReading {
  case malformed
  case checksumWrong
  case echoRequest
  /// About a packet of TCP or UDP; `nil` when the quote does not tell which.
  case error(QuotedPacket?)
  case other

  init(_ frame: RawSpan, _ packet: Packet) {
    let bytes = frame.extracting(packet.transportOffset..<packet.frameLength)
    guard let message = ICMPv4Message(bytes) else {
      self = .malformed
      return
    }
    guard message.hasValidChecksum else {
      self = .checksumWrong
      return
    }
    switch message.type {
    case .echoRequest where message.code == 0: self = .echoRequest
    case .destinationUnreachable, .sourceQuench, .timeExceeded:
      self = .error(QuotedPacket(message.payload))
    default: self = .other
    }
  }
}
