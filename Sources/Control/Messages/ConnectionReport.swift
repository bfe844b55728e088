/// An entry of the connection table; endpoints are `a.b.c.d:port`.
package struct ConnectionReport: Codable, Equatable, Sendable {
  package var `protocol`: String
  package var client: String
  package var virtual: String
  package var destination: String
  package var state: String
  /// Seconds until it is forgotten if nothing comes.
  package var expires: Int

  package init(
    protocol: String, client: String, virtual: String, destination: String, state: String,
    expires: Int
  ) {
    self.protocol = `protocol`
    self.client = client
    self.virtual = virtual
    self.destination = destination
    self.state = state
    self.expires = expires
  }
}
