import Frames
import Wire

// How a real server behind FullNAT hears of its client: what is inserted into requests that have been
// rewritten.

extension Director {
  /// Tells the real server of the client's address in the rewritten request at `index`, if this packet
  /// is one that does; `packet` is as it came, and gets the lengths that it has then.
  mutating func tellClientAddress(
    in packet: inout Packet, _ connection: Int, _ index: Int, of batch: inout FrameBatch,
    outbox: inout FrameBatch, at now: Instant
  ) {
    let record = connections[connection].destination
    switch forwarding[record].rules.clientAddress {
    case .none: return
    case .toa: insertOption(in: &packet, connection, index, of: &batch)
    case .proxyV2:
      insertHeader(in: &packet, connection, index, of: &batch, outbox: &outbox, at: now)
    case .uoaOption:
      insertOption(
        .ipOption, in: &packet, connection, index, of: &batch, outbox: &outbox, at: now)
    case .uoaProtocol:
      insertOption(
        .ownHeader, in: &packet, connection, index, of: &batch, outbox: &outbox, at: now)
    }
  }

  /// Whether the segment of the client with `flags` and `acknowledgment` carries the option: every
  /// one until the client has acknowledged more than the server's SYN.
  ///
  /// The server may make its socket from any of them: the bare acknowledgment may be lost, or ignored
  /// (TCP_DEFER_ACCEPT). On a SYN it could be taken for a Fast Open cookie.
  @inline(__always)
  func carriesOption(
    _ connection: Int, _ flags: TCPFlags, acknowledgment: UInt32
  ) -> Bool {
    flags.isDisjoint(with: [.syn, .rst]) && flags.contains(.ack)
      && translations[connection].flags.contains(.knowsServerSequence)
      && acknowledgment == translations[details: connection].serverSequence &+ 1
  }

  /// Inserts the option of TCP; without room for it the segment goes without, and is counted.
  private mutating func insertOption(
    in packet: inout Packet, _ connection: Int, _ index: Int, of batch: inout FrameBatch
  ) {
    guard
      carriesOption(connection, packet.tcpFlags, acknowledgment: packet.acknowledgmentNumber)
    else { return }
    let record = connections[connection].destination
    guard packet.largestFragment == 0,
      insertAddressOption(
        connection, index, of: &batch, transport: packet.transportOffset,
        mtu: forwarding[record].nextHop.mtu)
    else {
      counters.clientAddressesUntold &+= 1
      return
    }
    packet.lengthen(
      by: AddressOption.length, headers: AddressOption.length, batch[index].offload)
  }

  /// Inserts the option of TCP, if there is room.
  @inline(never)
  mutating func insertAddressOption(
    _ connection: Int, _ index: Int, of batch: inout FrameBatch, transport: Int, mtu: Int
  ) -> Bool {
    let client = connections[connection].key.client
    let kind = forwarding[connections[connection].destination].rules.optionKind
    return batch.insert(
      AddressOption(kind: kind, port: client.port, address: client.address), at: index,
      transport: transport, mtu: mtu)
  }

  /// Inserts the PROXY header before the client's first byte, or sends it ahead.
  private mutating func insertHeader(
    in packet: inout Packet, _ connection: Int, _ index: Int, of batch: inout FrameBatch,
    outbox: inout FrameBatch, at now: Instant
  ) {
    let record = connections[connection].destination
    let payloadLength = packet.totalLength - packet.headersLength
    guard packet.protocol == .tcp, let insertion = insertion(into: connection, record),
      insertion.belongs(into: packet.sequenceNumber, count: payloadLength, packet.tcpFlags)
    else { return }
    let header = ProxyHeader(
      client: connections[connection].key.client, virtual: forwarding[record].virtual)
    let nextHop = forwarding[record].nextHop
    if packet.largestFragment == 0,
      batch.insert(header, at: index, transport: packet.transportOffset, mtu: nextHop.mtu)
    {
      packet.lengthen(by: ProxyHeader.length, headers: 0, batch[index].offload)
      return
    }
    let ahead = header.segment(
      aheadOf: batch.readBytes(at: index), transport: packet.transportOffset,
      packet.transportChecksum)
    guard let ahead else { return }
    _ = send(ahead, to: nextHop, outbox: &outbox, at: now)
    guard var segment = MutableTCPSegment(batch.bytes(at: index, from: packet.transportOffset))
    else { return }
    segment.setSequence(
      segment.sequenceNumber &+ UInt32(ProxyHeader.length), packet.transportChecksum)
  }

  /// Inserts the option into one of the first datagrams of a flow, or sends it ahead.
  private mutating func insertOption(
    _ carrier: DatagramOption.Carrier, in packet: inout Packet, _ connection: Int, _ index: Int,
    of batch: inout FrameBatch, outbox: inout FrameBatch, at now: Instant
  ) {
    guard packet.protocol == .udp, !translations[connection].flags.contains(.hasTold)
    else { return }
    translations[toldCount: connection] += 1
    let client = connections[connection].key.client
    let option = DatagramOption(port: client.port, address: client.address)
    let nextHop = forwarding[connections[connection].destination].nextHop
    if packet.largestFragment == 0,
      batch.insert(
        option, carrier, at: index, transport: packet.transportOffset, mtu: nextHop.mtu)
    {
      packet.lengthen(by: carrier.length, headers: carrier.length, batch[index].offload)
      return
    }
    let ahead = option.datagram(
      aheadOf: batch.readBytes(at: index), transport: packet.transportOffset, carrier)
    if let ahead { _ = send(ahead, to: nextHop, outbox: &outbox, at: now) }
  }
}
