import Frames
import Neighbors
import Wire

extension Director {
  /// Sends a packet of a connection on by its method, and steps the connection.
  mutating func forward(
    _ received: Packet, _ direction: Direction, _ connection: Int, _ event: TCPEvent,
    _ index: Int, of batch: inout FrameBatch, outbox: inout FrameBatch, at now: Instant
  ) -> Verdict {
    let record = connections[connection].destination
    var packet = asWrapped(received, record)
    let nextHop: NextHop
    let refusal: DropReason?
    if direction == .outbound {
      let client = connections[connection].client
      guard let route = routes.nextHop(to: client) else { return .drop(.noRoute) }
      nextHop = route
      // A reply is only passing: what keeps it from being forwarded comes before its connection.
      refusal = admit(packet, direction, to: nextHop, index, of: &batch, outbox: &outbox, at: now)
      if let refusal { return .drop(refusal) }
      step(connection, packet.protocol, event, direction, at: now)
      forwarding[record].outbound.add(packet.totalLength)
    } else {
      nextHop = forwarding[record].requestHop
      step(
        connection, packet.protocol, event, forwarding[record].requestDirection, at: now)
      forwarding[record].inbound.add(packet.totalLength)
      let outboxCount = outbox.count
      refusal = admit(packet, direction, to: nextHop, index, of: &batch, outbox: &outbox, at: now)
      if let refusal {
        countAnswer(from: outboxCount, of: outbox, record)
        return .drop(refusal)
      }
    }
    clampSegmentSize(packet, record, nextHop, index, of: &batch)
    if direction != .outbound { overwriteOptions(packet, record, index, of: &batch) }
    switch forwarding[record].method {
    case .nat: rewriteNAT(packet, direction, record, index, of: &batch)
    case .dr, .tunnel: lowerTimeToLive(packet, index, of: &batch)
    case .fullnat:
      rewriteFullNAT(packet, direction, connection, index, of: &batch)
      if direction != .outbound {
        tellClientAddress(
          in: &packet, connection, index, of: &batch, outbox: &outbox, at: now)
      }
    }
    let verdict =
      forwarding[record].method == .tunnel
      ? dispatch(
        packet, of: connections[connection].key, throughTunnelOf: record, index, of: &batch,
        outbox: &outbox, at: now)
      : dispatch(packet, to: nextHop, index, of: &batch, outbox: &outbox, at: now)
    if verdict == .drop(.neighborUnreachable) {
      answerUndelivered(batch.readBytes(at: index), outbox: &outbox, at: now)
    }
    return verdict
  }

  /// Overwrites options that a real server could take for the director's.
  private func overwriteOptions(
    _ packet: Packet, _ record: RecordIndex, _ index: Int, of batch: inout FrameBatch
  ) {
    let selection = forwarding[record].rules.overwrittenOptions
    guard !selection.isEmpty,
      var segment = MutableTCPSegment(batch.bytes(at: index, from: packet.transportOffset))
    else { return }
    _ = segment.overwriteOptions(selection, packet.transportChecksum)
  }

  /// Counts the error about a request, if there is one behind `first` in `outbox`, as a packet to the
  /// client when the real server's own do not pass here.
  ///
  /// So does `ip_vs`, which sees it leave with the virtual service's address (`ip_vs_core.c`,
  /// `handle_response_icmp`); with NAT it looks for the real server's and does not find it.
  private mutating func countAnswer(
    from first: Int, of outbox: borrowing FrameBatch, _ record: RecordIndex
  ) {
    guard outbox.count > first, !forwarding[record].method.seesReplies else { return }
    forwarding[record].outbound.add(outbox[first].length - EthernetFrame.headerLength)
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
      connections[connection].flags.insert(.accepted)
    }
    change(
      connection, to: transitions.next(state, on: event, direction), by: direction, at: now)
  }
}
