import Frames
import Wire

// Packets of connections whose server is gone and that come to an end.

/// One of the two ends of a connection.
enum ConnectionEnd {
  case client
  case server

  /// The other one.
  var peer: ConnectionEnd { self == .client ? .server : .client }

  /// What says that the end has been reset.
  var told: ConnectionFlags { self == .client ? .clientTold : .serverTold }
}

extension Director {
  /// Whether `packet` ends the connection at `index` rather than being passed on.
  ///
  /// Datagrams do not. With `reschedule` replies are passed on until the client has sent.
  func isEnding(_ index: Int, _ packet: Packet, _ direction: Direction) -> Bool {
    let record = connections[index].destination
    guard forwarding[record].endsConnections, packet.protocol == .tcp else { return false }
    return forwarding[record].departure == .reset || direction == .inbound
      || connections[index].state == .close
  }

  /// Answers a segment of the connection at `connection` with a reset and tells the other end of it,
  /// each in numbers that the segment tells.
  ///
  /// The sender's own are exact once nothing more is under way to it. The other end's are exact if
  /// all that was sent before has arrived; if not, it answers with what it expects (RFC 5961 section
  /// 3.2), and that answer comes here. A sender of a reset has no connection any more.
  mutating func end(
    _ connection: Int, by packet: Packet, _ direction: Direction, _ index: Int,
    of batch: inout FrameBatch, outbox: inout FrameBatch, at now: Instant
  ) -> Verdict {
    let sender: ConnectionEnd = direction == .outbound ? .server : .client
    var verdict = Verdict.absorb
    if packet.tcpFlags.contains(.rst) {
      guard packet.hasRightTransportChecksum(in: batch.readBytes(at: index))
      else { return .drop(.destinationRemoved) }
    } else {
      verdict = answerReset(packet, index, of: &batch, otherwise: .destinationRemoved)
      guard case .transmit = verdict else { return verdict }
    }
    reset(sender.peer, of: connection, by: packet, outbox: &outbox, at: now)
    if packet.tcpFlags.contains(.rst) || isSettled(connection, at: now) {
      connections[connection].flags.insert(sender.told)
    }
    if isTold(connection) {
      counters.connectionsReset &+= 1
      expireNow(connection)
    } else if forwarding[connections[connection].destination].departure == .reschedule,
      connections[connection].state != .close
    {
      connections[connection].stamp = now.milliseconds
      change(connection, to: .close, by: .outbound, at: now)
    }
    return verdict
  }

  /// Whether nothing that was passed on can still be under way.
  private func isSettled(_ connection: Int, at now: Instant) -> Bool {
    now.milliseconds &- connections[connection].stamp >= Self.settlingMilliseconds
  }

  private static let settlingMilliseconds: UInt32 = 1000

  /// Whether both ends have been reset; a server whose replies do not pass here hears of it from its
  /// client's.
  private func isTold(_ connection: Int) -> Bool {
    let method = forwarding[connections[connection].destination].method
    return connections[connection].flags.contains(.clientTold)
      && (!method.seesReplies || connections[connection].flags.contains(.serverTold))
  }

  /// Resets an end of the connection at `connection` in the numbers of `packet`, which the other sent,
  /// unless it was reset already.
  private mutating func reset(
    _ end: ConnectionEnd, of connection: Int, by packet: Packet, outbox: inout FrameBatch,
    at now: Instant
  ) {
    let record = connections[connection].destination
    guard !connections[connection].flags.contains(end.told),
      end == .client || forwarding[record].method.seesReplies,
      let path = path(to: end, of: connection)
    else { return }
    // A reset that answers a question has the question's number, which is nobody's.
    if packet.tcpFlags.contains(.rst), !packet.tcpFlags.contains(.ack),
      packet.sequenceNumber == questionNumbers(of: connection).acknowledgment
    {
      return
    }
    let hasAcknowledgment = packet.tcpFlags.contains(.ack)
    var sequence = packet.sequenceNumber
    var acknowledgment = hasAcknowledgment ? packet.acknowledgmentNumber : 0
    if forwarding[record].method == .fullnat {
      if end == .server {
        sequence = shiftedSequence(sequence, of: connection, record)
      } else if hasAcknowledgment {
        acknowledgment = shiftedAcknowledgment(
          acknowledgment, by: translations[connection].shift, of: connection, record)
      }
    }
    let segment = BareSegment(
      source: path.source, destination: path.destination,
      flags: hasAcknowledgment ? [.rst, .ack] : .rst, sequence: sequence,
      acknowledgment: acknowledgment)
    if send(segment, by: path, outbox: &outbox, at: now) { counters.resetsSent &+= 1 }
  }

  /// Where segments to an end of a connection seem to come from, go to, and by which next hop.
  struct EndPath {
    let source: Endpoint
    let destination: Endpoint
    let nextHop: NextHop
  }

  /// The way to an end of the connection at `connection`, as its packets went; `nil` without a route.
  func path(to end: ConnectionEnd, of connection: Int) -> EndPath? {
    let client = connections[connection].key.client
    let record = connections[connection].destination
    switch end {
    case .client:
      let virtual = forwarding[record].virtual
      return routes.nextHop(to: client.address).map {
        EndPath(source: virtual, destination: client, nextHop: $0)
      }
    case .server:
      let isTranslated = forwarding[record].method == .fullnat
      return EndPath(
        source: isTranslated ? local(of: connection) : client,
        destination: forwarding[record].real, nextHop: forwarding[record].nextHop)
    }
  }

  /// Sends `segment`, or keeps it until its next hop is known; `false` when it is dropped.
  mutating func send(
    _ segment: BareSegment, by path: EndPath, outbox: inout FrameBatch, at now: Instant
  ) -> Bool {
    switch send(segment.frame, to: path.nextHop, outbox: &outbox, at: now) {
    case .transmit, .hold, .absorb: return true
    case .drop(let reason):
      counters.drops[reason] &+= 1
      return false
    }
  }
}
