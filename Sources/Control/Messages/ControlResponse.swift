/// What a director answers: one line of JSON, or several for connections, all but the last of which
/// say that more follow.
///
/// ```
/// {"connections":[...],"more":true,"ok":true}
/// {"connections":[...],"ok":true}
/// {"error":"unknown command","ok":false}
/// ```
package struct ControlResponse: Codable, Equatable, Sendable {
  /// Whether the request was answered; if not, `error` says why.
  package var ok: Bool
  package var error: String?
  /// Whether the error is that the asking user may not ask.
  package var denied: Bool?

  package var status: StatusReport?
  package var ports: PortsReport?
  package var connections: [ConnectionReport]?
  package var events: [EventReport]?
  /// How many events before these were forgotten already.
  package var lostEvents: UInt64?
  package var changes: ChangeReport?
  package var drains: DrainReport?

  /// What is wrong with a configuration, a line for each finding; `ok` is false then.
  package var findings: [String]?

  /// Whether another line belongs to the same answer.
  package var more: Bool?

  package init(
    status: StatusReport? = nil, ports: PortsReport? = nil,
    connections: [ConnectionReport]? = nil, events: [EventReport]? = nil,
    lostEvents: UInt64? = nil, changes: ChangeReport? = nil, drains: DrainReport? = nil,
    more: Bool? = nil
  ) {
    ok = true
    self.status = status
    self.ports = ports
    self.connections = connections
    self.events = events
    self.lostEvents = lostEvents
    self.changes = changes
    self.drains = drains
    self.more = more
  }

  package init(
    error: String, denied: Bool? = nil, changes: ChangeReport? = nil, findings: [String]? = nil
  ) {
    ok = false
    self.error = error
    self.denied = denied
    self.changes = changes
    self.findings = findings
  }

  private enum CodingKeys: String, CodingKey {
    case ok
    case error
    case denied
    case status
    case ports
    case connections
    case events
    case lostEvents = "lost-events"
    case changes
    case drains
    case findings
    case more
  }
}
