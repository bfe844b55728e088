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

  /// Only events after the one with this number.
  package var since: UInt64?

  /// Whether events that come later are told, too, until the client leaves.
  package var follow: Bool?

  /// The file to read, an absolute path; `nil` for the director's own.
  package var file: String?

  /// Seconds after which what was applied is taken back unless it is confirmed.
  package var confirmSeconds: Int?

  /// The servers meant: an address, with or without a port.
  package var server: String?

  /// Only in this service, as `192.0.2.100:80/tcp`; `nil` for all.
  package var service: String?

  /// Seconds after which a drain ends by time.
  package var timeoutSeconds: Int?

  /// Whether connections that are left then are reset.
  package var reset: Bool?

  package init(
    _ command: ControlCommand, protocol: String? = nil, client: String? = nil, limit: Int? = nil
  ) {
    self.command = command
    self.protocol = `protocol`
    self.client = client
    self.limit = limit
  }

  private enum CodingKeys: String, CodingKey {
    case command
    case `protocol`
    case client
    case limit
    case since
    case follow
    case file
    case confirmSeconds = "confirm-seconds"
    case server
    case service
    case timeoutSeconds = "timeout-seconds"
    case reset
  }
}

/// What can be asked.
package enum ControlCommand: String, Codable, CaseIterable, Sendable {
  case status
  case connections
  case ports
  case events
  case reload
  case plan
  case apply
  case confirm
  case rollback
  case drain
  case undrain
  case drains
}
