import Foundation
import Netlink

/// The kernel's question whether a packet's source is reached by the device that it came in on
/// (`rp_filter`): 0 asks nothing, 1 wants just that device, 2 any.
enum ReversePathFilter {
  /// Makes 2 of what counts for `device`, unless that is 0: the greater of its own value and that of
  /// `all`.
  static func loosen(_ device: String) throws(LinkError) {
    guard max(value(of: device), value(of: "all")) == 1 else { return }
    do {
      try Data("2\n".utf8).write(to: URL(fileURLWithPath: path(of: device)))
    } catch {
      throw LinkError(
        .system,
        "rp_filter of \(device) cannot be set to 2: \(path(of: device)) cannot be written; "
          + "with 1 the kernel drops what comes out of the tunnel")
    }
  }

  private static func path(of device: String) -> String {
    "/proc/sys/net/ipv4/conf/\(device)/rp_filter"
  }

  private static func value(of device: String) -> Int {
    let text = try? String(contentsOfFile: path(of: device), encoding: .utf8)
    return text.flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) } ?? 0
  }
}
