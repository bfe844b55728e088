import Director
import Frames
import Wire

/// The network of the benchmark: eight services of sixteen servers each, with weights 1 to 3, behind
/// a director whose clients all come by one router.
enum Site {
  static let serviceCount = 8
  static let serverCount = 16
  static let outside = PortIndex(0)
  static let inside = PortIndex(1)
  static let outsideMAC = MACAddress(rawValue: 0x0276_7300_0101)
  static let insideMAC = MACAddress(rawValue: 0x0276_7300_0102)
  static let routerMAC = MACAddress(rawValue: 0x0200_0000_0063)
  static let router = IPv4Address(198, 51, 100, 1)
  static let servicePort: UInt16 = 80
  static let serverPort: UInt16 = 8080
  static let mtu = 1500

  static func virtual(_ service: Int) -> IPv4Address {
    IPv4Address(198, 51, 100, UInt8(10 + service))
  }

  static func server(_ service: Int, _ place: Int) -> IPv4Address {
    IPv4Address(172, 16, UInt8(service), UInt8(1 + place))
  }

  static func serverMAC(_ service: Int, _ place: Int) -> MACAddress {
    MACAddress(rawValue: 0x0200_0001_0000 | UInt64(service << 8 | place))
  }

  static func weight(_ place: Int) -> Int { 1 + place % 3 }

  /// The client's side of flow `index` (below 2^24): an address of its own and a mixed port.
  static func client(_ index: Int) -> Endpoint {
    var mixed = UInt32(truncatingIfNeeded: index) &* 0x7feb_352d
    mixed ^= mixed >> 15
    return Endpoint(
      IPv4Address(rawValue: 10 << 24 | UInt32(index)), 1024 + UInt16(mixed & 0x7fff))
  }

  /// The service that flow `index` goes to.
  static func service(_ index: Int) -> Int { index % serviceCount }

  /// Where packets of FullNAT come from.
  static let localAddresses = (1...4).map { IPv4Address(172, 16, 254, UInt8($0)) }

  /// The port of the servers: that of the service where it is not rewritten.
  static func serverPort(_ method: ForwardingMethod) -> UInt16 {
    method == .nat || method == .fullnat ? serverPort : servicePort
  }

  /// What the director does, with room for `limit` connections.
  static func configuration(
    limit: Int, _ method: ForwardingMethod = .nat, _ tunnel: Tunnel = Tunnel()
  ) -> DirectorConfiguration {
    var configuration = DirectorConfiguration(
      ports: [
        .init(
          name: "outside", macAddress: outsideMAC, mtu: mtu,
          addresses: [.init(IPv4Address(198, 51, 100, 2), length: 24)], gateway: router),
        .init(
          name: "inside", macAddress: insideMAC, mtu: mtu,
          addresses: [.init(IPv4Address(172, 16, 255, 254), length: 16)]),
      ],
      services: (0..<serviceCount).map { service in
        .init(
          address: virtual(service), port: servicePort, scheduler: .weightedRoundRobin,
          servers: (0..<serverCount).map { place in
            .init(
              address: server(service, place), port: serverPort(method), weight: weight(place),
              method: method, tunnel: tunnel)
          })
      },
      connectionLimit: limit)
    if method == .fullnat {
      for index in configuration.services.indices {
        configuration.services[index].fullNAT.localAddresses = localAddresses
      }
    }
    return configuration
  }
}
