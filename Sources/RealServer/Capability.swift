/// What the calling thread may do.
enum Capability {
  /// The number of CAP_NET_ADMIN.
  private static let netAdmin: UInt64 = 12

  /// Throws unless addresses, routes and settings may be changed.
  static func requireNetAdmin() throws(ServerError) {
    guard let bytes = try? SmallFile.read("/proc/thread-self/status"),
      let mask = effective(in: String(decoding: bytes, as: UTF8.self)),
      mask >> netAdmin & 1 == 0
    else { return }
    throw ServerError(
      .unavailable,
      "addresses and routes cannot be changed; it needs CAP_NET_ADMIN (in a container: --cap-add"
        + " NET_ADMIN)")
  }

  /// The capabilities in the text of `/proc/PID/status`.
  static func effective(in status: String) -> UInt64? {
    status.split(separator: "\n").first { $0.hasPrefix("CapEff:") }
      .flatMap { UInt64($0.dropFirst(7).drop { $0 == "\t" || $0 == " " }, radix: 16) }
  }
}
