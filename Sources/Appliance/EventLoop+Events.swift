import Control
import Frames
import Health
import Logging

/// What happened, for those who ask and on the log.
extension EventLoop {
  /// Keeps an event, says it on the log, and tells those who follow.
  func tell(_ report: EventReport) {
    let kept = events.append(report)
    logger.log(level: kept.event.level, "\(kept.text)", metadata: kept.metadata)
    control.wake(self, at: now)
  }

  func events(after sequence: UInt64, limit: Int) -> (events: [EventReport], lost: UInt64) {
    events.events(after: sequence, limit: limit)
  }
}

extension EventName {
  fileprivate var level: Logger.Level {
    switch self {
    case .checkDown, .suspected, .serverDown, .quorumLost, .sorryServerBegan, .reloadRefused,
      .rolledBack, .drainTimedOut:
      .warning
    case .checkUp, .cleared, .slowStartBegan, .slowStartEnded: .info
    case .started, .serverUp, .weightChanged, .drained, .undrained, .drainEnded, .quorumGained,
      .sorryServerEnded, .reloaded, .confirmed:
      .notice
    }
  }
}

extension EventReport {
  /// The event as a line for people.
  package var text: String {
    var words = [event.rawValue]
    if let server { words.append(server) }
    if let service { words.append(server == nil ? service : "of \(service)") }
    if let probe { words.append("(\(probe))") }
    if let from, let to {
      words.append("from \(from) to \(to)")
    } else if let to {
      words.append("\(to)")
    }
    if let file { words.append(file) }
    let why = detail ?? reason.map { reason in number.map { "\(reason) \($0)" } ?? reason }
    return words.joined(separator: " ") + (why.map { ": \($0)" } ?? "")
  }

  /// The event's fields, as its JSON has them.
  fileprivate var metadata: Logger.Metadata {
    var metadata: Logger.Metadata = ["event": "\(event.rawValue)", "sequence": "\(sequence)"]
    metadata["service"] = service.map { "\($0)" }
    metadata["server"] = server.map { "\($0)" }
    metadata["probe"] = probe.map { "\($0)" }
    metadata["reason"] = reason.map { "\($0)" }
    metadata["number"] = number.map { "\($0)" }
    metadata["from"] = from.map { "\($0)" }
    metadata["to"] = to.map { "\($0)" }
    metadata["file"] = file.map { "\($0)" }
    return metadata
  }
}

extension EventReport {
  init(_ event: HealthEvent, at now: Instant) {
    self.init(.checkUp, service: "\(event.service)", server: event.server.map { "\($0)" })
    switch event.kind {
    case .checkUp(let probe):
      self.event = .checkUp
      self.probe = probe
    case .checkDown(let probe, let failure):
      self.event = .checkDown
      self.probe = probe
      take(failure)
    case .suspected(let suspicion):
      self.event = .suspected
      reason = suspicion.rawValue
    case .cleared(let probe):
      self.event = .cleared
      self.probe = probe
    case .serverUp: self.event = .serverUp
    case .serverDown(let failure):
      self.event = .serverDown
      if let failure { take(failure) }
    case .weightChanged(let from, let to):
      self.event = .weightChanged
      (self.from, self.to) = (from, to)
    case .drained: self.event = .drained
    case .undrained: self.event = .undrained
    case .slowStartBegan(let end):
      self.event = .slowStartBegan
      detail = "full weight in \(now.duration(to: end).components.seconds) s"
    case .slowStartEnded: self.event = .slowStartEnded
    case .quorumGained(let weight, let needed):
      self.event = .quorumGained
      detail = "weight \(weight), \(needed) needed"
    case .quorumLost(let weight, let needed):
      self.event = .quorumLost
      detail = "weight \(weight), \(needed) needed"
    case .sorryServerBegan: self.event = .sorryServerBegan
    case .sorryServerEnded: self.event = .sorryServerEnded
    }
  }

  private mutating func take(_ failure: CheckFailure) {
    reason = failure.name
    number = failure.number
  }
}
