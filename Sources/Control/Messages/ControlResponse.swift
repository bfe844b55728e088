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

  /// Whether another line belongs to the same answer.
  package var more: Bool?

  package init(
    status: StatusReport? = nil, ports: PortsReport? = nil,
    connections: [ConnectionReport]? = nil, more: Bool? = nil
  ) {
    ok = true
    self.status = status
    self.ports = ports
    self.connections = connections
    self.more = more
  }

  package init(error: String, denied: Bool? = nil) {
    ok = false
    self.error = error
    self.denied = denied
  }
}
