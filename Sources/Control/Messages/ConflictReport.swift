/// Another station that claims an address of the director.
package struct ConflictReport: Codable, Equatable, Sendable {
  package var address: String
  /// The link address of the station.
  package var mac: String
  /// The name of the port that heard it.
  package var port: String
  /// How often it was heard.
  package var count: UInt64
  /// Whole seconds since it was last heard.
  package var lastSeenSeconds: Int

  package init(address: String, mac: String, port: String, count: UInt64, lastSeenSeconds: Int) {
    self.address = address
    self.mac = mac
    self.port = port
    self.count = count
    self.lastSeenSeconds = lastSeenSeconds
  }

  private enum CodingKeys: String, CodingKey {
    case address
    case mac
    case port
    case count
    case lastSeenSeconds = "last-seen-seconds"
  }
}
