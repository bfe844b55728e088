/// One of the kernel's settings for IPv4 on a device: `net.ipv4.conf.DEVICE.NAME`.
package struct Setting: Hashable, Sendable, Codable {
  /// The settings that a real server depends on.
  package enum Name: String, CaseIterable, Codable, Sendable {
    case arpIgnore = "arp_ignore"
    case arpAnnounce = "arp_announce"
    case reversePathFilter = "rp_filter"
  }

  /// The name of a device, or `all` or `default`.
  package let device: String
  package let name: Name

  package init(_ device: String, _ name: Name) {
    self.device = device
    self.name = name
  }

  /// The file below `/proc/sys`.
  var path: String { "/proc/sys/net/ipv4/conf/\(device)/\(name.rawValue)" }
}

extension Setting: CustomStringConvertible {
  package var description: String { "net.ipv4.conf.\(device).\(name.rawValue)" }
}

extension String {
  /// What holds for every device besides its own setting.
  package static var all: String { "all" }

  /// What a new device begins with.
  static var fresh: String { "default" }
}
