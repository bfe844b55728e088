import Director
import Frames
import TestSupport
import Wire

/// The director that is fuzzed: the ports of `ExampleNetwork` and services of all forwarding methods.
enum ExampleDirector {
  /// What the bits of `variant` choose: unreachable for stray packets of servers, a narrow inner
  /// link, a clamp, a table that is soon full, another scheduler, how FullNAT tells client addresses,
  /// whether tunnels fragment what may not be; and what becomes of connections of removed servers.
  static func configuration(variant: UInt8) -> DirectorConfiguration {
    var services = [
      service(80, .tcp, [(ExampleNetwork.server1, 8080, 2), (ExampleNetwork.server2, 8080, 1)]),
      service(81, .tcp, [(ExampleNetwork.server1, 8080, 1), (ExampleNetwork.server2, 8081, 0)]),
      service(53, .udp, [(ExampleNetwork.server1, 5353, 1), (ExampleNetwork.server2, 5353, 1)]),
    ]
    services += routedServices + translatedServices(variant: variant) + tunnelledServices
    for index in services.indices {
      services[index].whenRemoved = RemovalPolicy.allCases[(index + Int(variant >> 5)) % 4]
    }
    if variant & 4 != 0 { services[0].segmentSizeClamp = .automatic }
    if variant & 16 != 0 { services[0].scheduler = .roundRobin }
    var configuration = DirectorConfiguration(
      ports: [
        .init(
          name: "wan", macAddress: ExampleNetwork.outsideMAC,
          addresses: [IPv4InterfaceAddress(ExampleNetwork.outside, length: 24)],
          gateway: ExampleNetwork.gateway),
        .init(
          name: "lan", macAddress: ExampleNetwork.insideMAC, mtu: variant & 2 == 0 ? 1500 : 1400,
          addresses: [IPv4InterfaceAddress(ExampleNetwork.inside, length: 24)]),
      ], services: services, connectionLimit: variant & 8 == 0 ? 1000 : 5)
    configuration.discoversTunnelMTU = variant & 128 == 0
    configuration.sendsNATUnreachable = variant & 1 != 0
    return configuration
  }

  private static func service(
    _ port: UInt16, _ protocol: ServiceProtocol, _ servers: [(IPv4Address, UInt16, Int)]
  ) -> DirectorConfiguration.Service {
    .init(
      address: ExampleNetwork.virtual, port: port, protocol: `protocol`,
      servers: servers.map { .init(address: $0.0, port: $0.1, weight: $0.2) })
  }

  /// Lets the gateway and the servers answer.
  static func learnNeighbors(_ director: inout Director, at now: Instant) {
    director.installNeighbor(
      ExampleNetwork.gateway, mac: ExampleNetwork.gatewayMAC, port: .wan, at: now)
    director.installNeighbor(routedServer, mac: routedServerMAC, port: .wan, at: now)
    director.installNeighbor(
      ExampleNetwork.server1, mac: ExampleNetwork.server1MAC, port: .lan, at: now)
    director.installNeighbor(
      ExampleNetwork.server2, mac: ExampleNetwork.server2MAC, port: .lan, at: now)
  }
}
