/// How packets to a real server are wrapped.
package struct TunnelReport: Codable, Equatable, Sendable {
  /// `ipip`, `gre` or `gue`.
  package var encapsulation: String
  package var checksum: Bool
  /// `nil` of an encapsulation without ports.
  package var port: Int?

  package init(encapsulation: String, checksum: Bool = false, port: Int? = nil) {
    self.encapsulation = encapsulation
    self.checksum = checksum
    self.port = port
  }
}
