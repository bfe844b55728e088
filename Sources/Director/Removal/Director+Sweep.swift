import Frames
import Wire

// How the ends of a connection hear that its server is gone when they have nothing to send. The director
// knows none of their sequence numbers, and a reset counts only with the very next one (RFC 5961 section
// 3.2). A segment outside of the window is answered with an ACK that tells it (RFC 9293 section
// 3.10.7.4), and the answer to that is the reset (`end`).

extension Director {
  /// Goes on through the table as far as one call may and asks what is to be asked.
  mutating func sweepConnections(outbox: inout FrameBatch, at now: Instant) {
    guard sweep.mayWalk(at: now) else { return }
    sweep.pace.advance(to: now)
    var remaining = Self.sweepSpan
    while remaining > 0 {
      guard sweep.cursor < connections.placeCount else { return sweep.finishRound(at: now) }
      let endedCount = counters.connectionsEnded
      guard visit(sweep.cursor, outbox: &outbox, at: now) else { return }
      remaining -= counters.connectionsEnded == endedCount ? 1 : Self.endedShare
      sweep.step()
    }
  }

  /// Places looked at in one call, and how many of them a connection counts for that is ended: 4096 at
  /// most are.
  private static let sweepSpan = 32_768
  private static let endedShare = 8

  /// How often the ends of a connection are asked.
  private static let questionLimit: UInt8 = 3

  /// Does what is due for the connection at `index`, if there is one; `false` when nothing more may be
  /// sent now.
  private mutating func visit(
    _ index: Int, outbox: inout FrameBatch, at now: Instant
  ) -> Bool {
    guard !connections[index].isFree else { return true }
    let record = connections[index].destination
    guard forwarding[record].departure == .reset else {
      if !forwarding[record].endsConnections { forgetEnding(index) }
      return true
    }
    sweep.noteFound()
    guard hasEndsToTell(index) else {
      counters.connectionsReset &+= 1
      expireNow(index)
      return true
    }
    guard connections[index].flags.askedCount < Self.questionLimit else {
      counters.connectionsAbandoned &+= 1
      expireNow(index)
      return true
    }
    let asksClient = !connections[index].flags.contains(.clientTold)
    let asksServer =
      forwarding[record].method.seesReplies && !connections[index].flags.contains(.serverTold)
    let count = (asksClient ? 1 : 0) + (asksServer ? 1 : 0)
    guard outbox.hasRoom, sweep.pace.take(count) else { return false }
    if asksClient { ask(.client, of: index, outbox: &outbox, at: now) }
    if asksServer { ask(.server, of: index, outbox: &outbox, at: now) }
    connections[index].flags.askedCount += 1
    return true
  }

  /// Forgets what was noted of a connection that goes on.
  private mutating func forgetEnding(_ index: Int) {
    guard !connections[index].flags.isDisjoint(with: .ending) else { return }
    connections[index].flags.subtract(.ending)
  }

  /// Whether the connection at `index` has ends that count on it: not a flow of datagrams, nor one that
  /// is over or has not begun, whose SYN is sent again.
  private func hasEndsToTell(_ index: Int) -> Bool {
    switch connections[index].state {
    case .established, .synSent, .finWait, .closeWait, .lastAck, .listen, .synAck: true
    case .synReceived: connections[index].flags.contains(.accepted)
    case .none, .timeWait, .close, .udp: false
    }
  }

  /// Sends an end of the connection at `index` an ACK that is outside of its window.
  private mutating func ask(
    _ end: ConnectionEnd, of index: Int, outbox: inout FrameBatch, at now: Instant
  ) {
    guard let path = path(to: end, of: index) else { return }
    let numbers = questionNumbers(of: index)
    let count = connections[index].flags.askedCount
    let segment = BareSegment(
      source: path.source, destination: path.destination, flags: .ack,
      sequence: numbers.sequence &+ UInt32(count) &* Self.questionDistance,
      acknowledgment: numbers.acknowledgment, timestamp: Self.questionTimestamp(count))
    if send(segment, by: path, outbox: &outbox, at: now) { counters.probesSent &+= 1 }
  }

  /// From one question's sequence number to the next: a third of all, more than the largest window, so
  /// that at most one of three is inside of it.
  private static let questionDistance: UInt32 = 0x5555_5555

  /// The timestamp of the question after `count` others.
  ///
  /// The first has none: Linux from 6.14 on drops an ACK without a word whose sequence number and
  /// timestamp are both old. A host that has agreed on timestamps may drop what has none (RFC 7323
  /// section 3.2), and an old one; of the other two questions one is not old.
  private static func questionTimestamp(_ count: UInt8) -> UInt32? {
    switch count {
    case 0: nil
    case 1: 0
    default: 1 << 31
    }
  }

  /// The numbers of the first question about the connection at `index`: any, but always the same.
  func questionNumbers(of index: Int) -> (sequence: UInt32, acknowledgment: UInt32) {
    let record = connections[index].destination
    let hash = SipHash.hash(
      connections[index].key.rawValue, forwarding[record].rawVirtual.rawValue | 1 << 63,
      key: sequenceKey)
    return (UInt32(truncatingIfNeeded: hash), UInt32(truncatingIfNeeded: hash >> 32))
  }
}
