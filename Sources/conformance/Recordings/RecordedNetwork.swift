import Director
import Frames
import Wire

/// The network in which all recordings were made: a one-armed director on one segment.
///
/// ```
/// client 10.0.1.2 ── router 192.168.10.1 ──┬── director 192.168.10.10, VIP 192.168.10.100
///                                          └── real servers 192.168.10.21, .22, .23
/// ```
enum RecordedNetwork {
  /// Frames from here are the director's, all others came in.
  static let directorMAC = MACAddress(rawValue: 0x5254_00aa_0010)
  static let router = IPv4Address(192, 168, 10, 1)
  static let virtualAddress = IPv4Address(192, 168, 10, 100)

  /// The one port, without what a recording's own commands add.
  static let port = DirectorConfiguration.Port(
    name: "lan", macAddress: directorMAC,
    addresses: [IPv4InterfaceAddress(IPv4Address(192, 168, 10, 10), length: 24)], gateway: router)

  /// The stations that the director had resolved before a recording began.
  static let neighbors: [(address: IPv4Address, mac: MACAddress)] = [
    (router, MACAddress(rawValue: 0x0200_0000_1001)),
    (IPv4Address(192, 168, 10, 21), MACAddress(rawValue: 0x0200_0000_1021)),
    (IPv4Address(192, 168, 10, 22), MACAddress(rawValue: 0x0200_0000_1022)),
    (IPv4Address(192, 168, 10, 23), MACAddress(rawValue: 0x0200_0000_1023)),
  ]
}
