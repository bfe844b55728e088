import Frames
import Wire

// Passive detection: what forwarded traffic says of real servers, without a packet of our own.

extension Director {
  /// What made servers doubtful since the last call.
  package mutating func takeSuspicions() -> [ServerSuspicion] {
    defer { watch.suspicions = [] }
    return watch.suspicions
  }

  /// Watches the connection at `index`, which was just opened, if it is its server's turn.
  @inline(never)
  mutating func watchOpening(
    _ index: Int, of record: RecordIndex, within patience: Duration, at now: Instant
  ) {
    forwarding[record].nextSample = now.milliseconds &+ SuspicionWatch.pace
    let entry = connections[index]
    let sample = SuspicionWatch.Sample(
      index: index, key: entry.key, record: record, stamp: entry.stamp,
      deadline: now.advanced(by: patience))
    if watch.add(sample) { hasNews = true }
  }

  /// Looks at the connections whose time to get an answer is over.
  mutating func judgeOpenings(at now: Instant) {
    for sample in watch.takeDue(at: now) {
      guard let kind = suspicion(sample) else { continue }
      let record = forwarding[sample.record]
      guard record.isAvailable,
        !watch.suspicions.contains(where: { $0.real == record.real && $0.virtual == record.virtual }
        )
      else { continue }
      counters.serversSuspected &+= 1
      watch.suspicions.append(
        ServerSuspicion(
          protocol: record.protocol == .udp ? .udp : .tcp, virtual: record.virtual,
          real: record.real, kind: kind))
    }
  }

  /// What the connection of a sample says of its server; `nil` for nothing, or when it is gone.
  private func suspicion(_ sample: SuspicionWatch.Sample) -> ServerSuspicion.Kind? {
    let entry = connections[sample.index]
    guard entry.key == sample.key, !entry.isFree, entry.destination == sample.record else {
      return nil
    }
    let seesReplies = forwarding[sample.record].method.seesReplies
    switch entry.state {
    case .synReceived where seesReplies:
      return entry.flags.contains(.accepted) ? nil : .silence
    case .synReceived:
      return entry.stamp == sample.stamp ? .silence : .repetition
    case .close where seesReplies:
      return entry.flags.contains(.accepted) || entry.flags.contains(.resetByClient) ? nil : .reset
    default:
      return nil
    }
  }
}
