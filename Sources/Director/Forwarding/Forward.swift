import Frames
import Neighbors
import Wire

extension Director {
  /// Sends a packet of a connection on by its method, and steps the connection.
  mutating func forward(
    _ packet: Packet, _ direction: Direction, _ connection: Int, _ event: TCPEvent, _ index: Int,
    of batch: inout FrameBatch, outbox: inout FrameBatch, at now: Instant
  ) -> Verdict {
    let record = connections[connection].destination
    let nextHop: NextHop
    let refusal: DropReason?
    if direction == .outbound {
      let client =
        forwarding[record].isReplyHalf
        ? translations[connection].rawEndpoint.endpoint.address : packet.destination
      guard let route = routes.nextHop(to: client) else { return .drop(.noRoute) }
      nextHop = route
      // A reply is only passing: what keeps it from being forwarded comes before its connection.
      refusal = admit(packet, direction, to: nextHop, index, of: &batch, outbox: &outbox, at: now)
      if let refusal { return .drop(refusal) }
      step(connection, packet.protocol, event, direction, at: now)
      forwarding[record].outbound.add(packet.totalLength)
    } else {
      nextHop = forwarding[record].nextHop
      step(
        connection, packet.protocol, event, forwarding[record].requestDirection, at: now)
      forwarding[record].inbound.add(packet.totalLength)
      refusal = admit(packet, direction, to: nextHop, index, of: &batch, outbox: &outbox, at: now)
      if let refusal { return .drop(refusal) }
    }
    clampSegmentSize(packet, record, nextHop, index, of: &batch)
    switch forwarding[record].method {
    case .nat: rewriteNAT(packet, direction, record, index, of: &batch)
    case .dr: lowerTimeToLive(packet, index, of: &batch)
    case .tunnel: return .drop(.noRoute)
    case .fullnat: rewriteFullNAT(packet, connection, index, of: &batch)
    }
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
    if event == .syn && direction == .outbound {
      connections[requestHalf(of: connection)].flags.insert(.accepted)
    }
    change(
      connection, to: transitions.next(state, on: event, direction), by: direction, at: now)
  }
}
