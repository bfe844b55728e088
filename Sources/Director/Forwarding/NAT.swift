import Frames
import Neighbors
import Wire

extension Director {
  /// Rewrites a packet of a connection, steps the connection, and sends the packet on its way.
  ///
  /// Requests get the real server as destination, replies the virtual service as source; the client's
  /// endpoint stays as it is. A wrong transport checksum stays wrong.
  mutating func translate(
    _ packet: Packet, _ direction: Direction, _ connection: Int, _ event: TCPEvent, _ index: Int,
    of batch: inout FrameBatch, outbox: inout FrameBatch, at now: Instant
  ) -> Verdict {
    let record = connections[connection].destination
    let nextHop: NextHop
    let refusal: DropReason?
    if direction == .outbound {
      guard let route = routes.nextHop(to: packet.destination) else { return .drop(.noRoute) }
      nextHop = route
      // A reply is only passing: what keeps it from being forwarded comes before its connection.
      refusal = admit(packet, direction, to: nextHop, index, of: &batch, outbox: &outbox, at: now)
      if let refusal { return .drop(refusal) }
      step(connection, packet.protocol, event, direction, at: now)
      forwarding[record].outbound.add(packet.totalLength)
    } else {
      nextHop = forwarding[record].nextHop
      step(connection, packet.protocol, event, direction, at: now)
      forwarding[record].inbound.add(packet.totalLength)
      refusal = admit(packet, direction, to: nextHop, index, of: &batch, outbox: &outbox, at: now)
      if let refusal { return .drop(refusal) }
    }
    clampSegmentSize(packet, record, nextHop, index, of: &batch)
    rewriteAddresses(packet, direction, record, index, of: &batch)
    rewritePorts(packet, direction, record, index, of: &batch)
    let verdict = dispatch(packet, to: nextHop, index, of: &batch, outbox: &outbox, at: now)
    if verdict == .drop(.neighborUnreachable) {
      answerUndelivered(batch.readBytes(at: index), outbox: &outbox, at: now)
    }
    return verdict
  }

  /// Notes a packet of the connection: its time begins anew, and TCP moves on.
  private mutating func step(
    _ connection: Int, _ protocol: IPProtocol, _ event: TCPEvent, _ direction: Direction,
    at now: Instant
  ) {
    connections[connection].stamp = now.milliseconds
    guard `protocol` == .tcp else { return }
    let state = connections[connection].state
    if event == .syn && direction == .outbound { connections[connection].flags.insert(.accepted) }
    change(
      connection, to: transitions.next(state, on: event, direction), by: direction, at: now)
  }

  /// The IP header: one address, the time to live, the header checksum.
  private func rewriteAddresses(
    _ packet: Packet, _ direction: Direction, _ record: UInt16, _ index: Int,
    of batch: inout FrameBatch
  ) {
    guard
      var header = MutableIPv4Packet(
        batch.bytes(at: index, from: EthernetFrame.headerLength))
    else { return }
    if direction == .outbound {
      header.source = forwarding[record].virtual.address
    } else {
      header.destination = forwarding[record].real.address
    }
    header.timeToLive = packet.timeToLive - 1
  }

  /// The transport header: one port, the checksum.
  private func rewritePorts(
    _ packet: Packet, _ direction: Direction, _ record: UInt16, _ index: Int,
    of batch: inout FrameBatch
  ) {
    let isReply = direction == .outbound
    let addresses =
      isReply ? forwarding[record].outboundAddresses : forwarding[record].inboundAddresses
    let ports = isReply ? forwarding[record].outboundPorts : forwarding[record].inboundPorts
    let transport = batch.bytes(at: index, from: packet.transportOffset)
    if packet.protocol == .tcp {
      guard var segment = MutableTCPSegment(transport) else { return }
      if isReply {
        segment.sourcePort = forwarding[record].virtual.port
      } else {
        segment.destinationPort = forwarding[record].real.port
      }
      segment.adjustChecksum(packet.transportChecksum, addresses: addresses, ports: ports)
    } else {
      guard var datagram = MutableUDPDatagram(transport) else { return }
      if isReply {
        datagram.sourcePort = forwarding[record].virtual.port
      } else {
        datagram.destinationPort = forwarding[record].real.port
      }
      if packet.lacksChecksum {
        // As `ip_vs` does; leaving 0 would be as right (RFC 3022 section 4.1).
        datagram.computeChecksum(
          source: isReply ? forwarding[record].virtual.address : packet.source,
          destination: isReply ? packet.destination : forwarding[record].real.address)
      } else {
        datagram.adjustChecksum(packet.transportChecksum, addresses: addresses, ports: ports)
      }
    }
  }
}
