package import Wire

/// The addresses that tests use unless they need others: documentation networks (RFC 5737) outside,
/// 10.0.0.0/24 inside.
///
/// ```
/// client 198.51.100.10 ── gateway 192.0.2.1 ── director 192.0.2.10 │ 10.0.0.1 ── servers 10.0.0.2, .3
///                                              VIP 192.0.2.100
/// ```
package enum ExampleNetwork {
  package static let client = IPv4Address(198, 51, 100, 10)
  package static let clientPort: UInt16 = 40000
  package static let virtual = IPv4Address(192, 0, 2, 100)
  package static let gateway = IPv4Address(192, 0, 2, 1)
  package static let outside = IPv4Address(192, 0, 2, 10)
  package static let inside = IPv4Address(10, 0, 0, 1)
  package static let server1 = IPv4Address(10, 0, 0, 2)
  package static let server2 = IPv4Address(10, 0, 0, 3)

  package static let gatewayMAC = MACAddress(rawValue: 0x0200_0000_0001)
  package static let outsideMAC = MACAddress(rawValue: 0x0200_0000_0010)
  package static let insideMAC = MACAddress(rawValue: 0x0200_0000_0011)
  package static let server1MAC = MACAddress(rawValue: 0x0200_0000_0102)
  package static let server2MAC = MACAddress(rawValue: 0x0200_0000_0103)
}
