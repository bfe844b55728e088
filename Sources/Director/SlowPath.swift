import Frames
import Neighbors
import Wire

extension Director {
  /// Decides the frame at `index` with every check, over safe views.
  @inline(never)
  mutating func takeSlowPath(
    _ index: Int, of batch: inout FrameBatch, outbox: inout FrameBatch, at now: Instant
  ) -> Verdict {
    let port = batch[index].port
    guard let header = EthernetHeader(batch.readBytes(at: index))
    else { return .drop(.frameTruncated) }
    let mac = ports[port.index].macAddress
    guard header.source.isStation else { return .drop(.frameSourceInvalid) }
    guard header.source != mac else { return .drop(.frameLooped) }
    switch header.etherType {
    case .arp where header.destination == mac || header.destination == .broadcast:
      return arp.receive(
        index, of: &batch, outbox: &outbox, drops: &counters.drops, at: now)
    case .ipv4 where header.destination == mac:
      return takeDatagram(index, of: &batch, largestFragment: 0, outbox: &outbox, at: now)
    case .arp, .ipv4:
      return .drop(header.destination.isStation ? .frameFlooded : .frameNotForUs)
    case let type where type.isVLANTag:
      return .drop(.frameTagged)
    default:
      return .drop(.etherTypeUnsupported)
    }
  }

  /// An IP packet, as it came or put together from fragments of which the longest had
  /// `largestFragment` bytes.
  mutating func takeDatagram(
    _ index: Int, of batch: inout FrameBatch, largestFragment: Int, outbox: inout FrameBatch,
    at now: Instant
  ) -> Verdict {
    var packet: Packet
    switch Packet.read(batch.readBytes(at: index), offload: batch[index].offload) {
    case .refused(let reason): return .drop(reason)
    case .fragment: return takeFragment(index, of: &batch, outbox: &outbox, at: now)
    case .whole(let read): packet = read
    }
    packet.largestFragment = largestFragment
    // Before the sources are looked at: with DR and TUNNEL the answer comes from the virtual address.
    if !pathProbes.isEmpty,
      let verdict = takeProbeAnswer(packet, index, of: batch, outbox: &outbox, at: now)
    {
      return verdict
    }
    guard !ownAddresses.contains(packet.source), !broadcastAddresses.contains(packet.source) else {
      return .drop(.ipSourceInvalid)
    }
    // Ethernet padding is not payload, and must not grow into it on the next link.
    batch[index].length = packet.frameLength
    if packet.protocol == .icmp {
      return takeICMP(packet, index, of: &batch, outbox: &outbox, at: now)
    }
    return requestAddresses.contains(packet.destination)
      ? takeRequest(packet, index, of: &batch, outbox: &outbox, at: now)
      : takeReply(packet, index, of: &batch, outbox: &outbox, at: now)
  }

  /// A packet to an address of ours: of a connection, or the first of one.
  private mutating func takeRequest(
    _ packet: Packet, _ index: Int, of batch: inout FrameBatch, outbox: inout FrameBatch,
    at now: Instant
  ) -> Verdict {
    switch connection(for: packet, at: now) {
    case .failure(let reason):
      return refuse(packet, for: reason, index, of: &batch, outbox: &outbox, at: now)
    case .success(let connection):
      if isEnding(connection, packet, .inbound) {
        return end(
          connection, by: packet, .inbound, index, of: &batch, outbox: &outbox, at: now)
      }
      let event = TCPEvent(packet.tcpFlags)
      return forward(
        packet, .inbound, connection, event, index, of: &batch, outbox: &outbox, at: now)
    }
  }

  /// A packet to somebody else: a real server's reply, or not our business.
  private mutating func takeReply(
    _ packet: Packet, _ index: Int, of batch: inout FrameBatch, outbox: inout FrameBatch,
    at now: Instant
  ) -> Verdict {
    let source = Endpoint(packet.source, packet.sourcePort)
    let destination = Endpoint(packet.destination, packet.destinationPort)
    guard let connection = find(packet.protocol, repliedFrom: source, to: destination) else {
      // A local address is ours, and answers for itself what belongs to no connection.
      return localAddresses.contains(packet.destination)
        ? refuse(packet, for: .noConnection, index, of: &batch, outbox: &outbox, at: now)
        : refuseReply(packet, index, of: &batch, outbox: &outbox, at: now)
    }
    if isEnding(connection, packet, .outbound) {
      return end(connection, by: packet, .outbound, index, of: &batch, outbox: &outbox, at: now)
    }
    let event = TCPEvent(packet.tcpFlags)
    return forward(
      packet, .outbound, connection, event, index, of: &batch, outbox: &outbox, at: now)
  }

  /// The index of the connection whose real server replies from `source` to `destination`: the
  /// client's endpoint, or a local one.
  func find(
    _ protocol: IPProtocol, repliedFrom source: Endpoint, to destination: Endpoint
  ) -> Int? {
    let key = ConnectionKey(destination.address, destination.port, `protocol`)
    return localAddresses.contains(destination.address)
      ? findTranslated(key, repliedFrom: source)
      : find(key, where: { $0.takesReplies(from: source) })
  }

  /// The index of the connection of `key` whose real server's record fits.
  func find(
    _ key: ConnectionKey, where fits: (borrowing ForwardingRecord) -> Bool
  ) -> Int? {
    connections.find(key, home: connections.home(of: key)) { fits(forwarding[$0]) }
  }
}

/// The Ethernet header of a frame, read once.
private struct EthernetHeader {
  let destination: MACAddress
  let source: MACAddress
  let etherType: EtherType

  init?(_ bytes: RawSpan) {
    guard let frame = EthernetFrame(bytes) else { return nil }
    destination = frame.destination
    source = frame.source
    etherType = frame.etherType
  }
}
