/// What is asked of a director: one line of JSON.
///
/// ```
/// {"command":"connections","protocol":"tcp","client":"10.0.0.2","limit":100}
/// ```
package struct ControlRequest: Codable, Equatable, Sendable {
  package var command: ControlCommand

  /// Only connections of this protocol, as in "tcp".
  package var `protocol`: String?

  /// Only connections of the client with this address.
  package var client: String?

  /// The most connections to list; `nil` for all.
  package var limit: Int?

  package init(
    _ command: ControlCommand, protocol: String? = nil, client: String? = nil, limit: Int? = nil
  ) {
    self.command = command
    self.protocol = `protocol`
    self.client = client
    self.limit = limit
  }
}

/// What can be asked.
package enum ControlCommand: String, Codable, CaseIterable, Sendable {
  case status
  case connections
  case ports
}
