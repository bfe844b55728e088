/// Something that happened: a change of health, weight or configuration.
///
/// ```
/// {"event":"server-down","reason":"refused","sequence":7,"server":"192.168.0.3:80",
///  "service":"115.205.4.214:80/tcp","time":"2026-01-02T03:04:05.678Z"}
/// ```
package struct EventReport: Codable, Equatable, Sendable {
  /// Counts from 1 and is given once.
  package var sequence: UInt64 = 0
  /// RFC 3339, in UTC with milliseconds.
  package var time: String = ""
  package var event: EventName
  /// As in `192.0.2.100:80/tcp`.
  package var service: String?
  package var server: String?
  /// What a check asks, as in `http :8080/health`.
  package var probe: String?
  /// Why, in a word, as in `refused`.
  package var reason: String?
  /// The status, exit code, signal or error number that belongs to the reason.
  package var number: Int?
  /// Why, in a sentence.
  package var detail: String?
  /// Weights before and after, or that there is and that is needed.
  package var from: Int?
  package var to: Int?
  package var file: String?

  package init(
    _ event: EventName, service: String? = nil, server: String? = nil, probe: String? = nil,
    reason: String? = nil, number: Int? = nil, detail: String? = nil, from: Int? = nil,
    to: Int? = nil, file: String? = nil
  ) {
    self.event = event
    self.service = service
    self.server = server
    self.probe = probe
    self.reason = reason
    self.number = number
    self.detail = detail
    self.from = from
    self.to = to
    self.file = file
  }
}

/// All that can happen.
package enum EventName: String, Codable, CaseIterable, Sendable {
  case started
  case checkUp = "check-up"
  case checkDown = "check-down"
  case suspected
  case cleared
  case serverUp = "server-up"
  case serverDown = "server-down"
  case weightChanged = "weight-changed"
  case drained
  case undrained
  case drainEnded = "drain-ended"
  case drainTimedOut = "drain-timed-out"
  case slowStartBegan = "slow-start-began"
  case slowStartEnded = "slow-start-ended"
  case quorumGained = "quorum-gained"
  case quorumLost = "quorum-lost"
  case sorryServerBegan = "sorry-server-began"
  case sorryServerEnded = "sorry-server-ended"
  case reloaded
  case reloadRefused = "reload-refused"
  case confirmed
  case rolledBack = "rolled-back"
}
