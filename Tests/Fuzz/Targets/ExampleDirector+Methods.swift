import Director
import TestSupport
import Wire

extension ExampleDirector {
  /// A real server on the segment of the gateway, with direct routing.
  static let routedServer = IPv4Address(192, 0, 2, 21)
  static let routedServerMAC = MACAddress(rawValue: 0x0200_0000_0221)

  /// TCP services of all forwarding methods, and a port that is none.
  static let ports: [UInt16] = [80, 81, 90, 82, 83, 84, 85]
  /// UDP services of all forwarding methods, and a port that is none.
  static let datagramPorts: [UInt16] = [53, 54, 55, 56, 57]

  /// Direct routing; one of the services reaches another server by NAT.
  static var routedServices: [DirectorConfiguration.Service] {
    let routed = server(routedServer, 82, .dr)
    return [
      .init(
        address: ExampleNetwork.virtual, port: 82, scheduler: .roundRobin,
        servers: [routed, server(ExampleNetwork.server1, 82, .dr)]),
      .init(
        address: ExampleNetwork.virtual, port: 55, protocol: .udp,
        servers: [server(routedServer, 55, .dr), server(ExampleNetwork.server2, 5353, .nat)]),
    ]
  }

  /// Where packets in tunnels come from: ICMP and ARP apart, nothing else does.
  static let tunnelSources = [ExampleNetwork.outside, ExampleNetwork.inside]

  /// Tunnels of all kinds, one of them by the gateway.
  static var tunnelledServices: [DirectorConfiguration.Service] {
    var servers = [
      server(IPv4Address(203, 0, 113, 21), 85, .tunnel),
      server(ExampleNetwork.server1, 85, .tunnel), server(ExampleNetwork.server2, 85, .tunnel),
    ]
    servers[1].tunnel = Tunnel(.gre, hasChecksum: true)
    servers[2].tunnel = Tunnel(.gue)
    var others = [server(ExampleNetwork.server1, 57, .tunnel), servers[0]]
    others[0].tunnel = Tunnel(.gue, hasChecksum: true, port: 6081)
    others[1].port = 57
    return [
      .init(
        address: ExampleNetwork.virtual, port: 85, scheduler: .roundRobin, servers: servers),
      .init(
        address: ExampleNetwork.virtual, port: 57, protocol: .udp, scheduler: .roundRobin,
        servers: others),
    ]
  }

  /// FullNAT with few local ports.
  static func translatedServices(variant: UInt8) -> [DirectorConfiguration.Service] {
    let forms: [(UInt16, ServiceProtocol, ClientAddressForm)] = [
      (83, .tcp, variant & 64 == 0 ? .toa : .none), (84, .tcp, .proxyV2),
      (56, .udp, variant & 32 == 0 ? .uoaOption : .uoaProtocol),
    ]
    return forms.map { port, `protocol`, form in
      var service = DirectorConfiguration.Service(
        address: ExampleNetwork.virtual, port: port, protocol: `protocol`,
        servers: [
          server(ExampleNetwork.server1, 8080, .fullnat),
          server(ExampleNetwork.server2, 8080, .fullnat),
        ])
      service.fullNAT = FullNATSettings(
        localAddresses: [IPv4Address(10, 0, 0, 200), IPv4Address(10, 0, 0, 201)],
        localPorts: 20_000...20_003, clientAddress: form,
        timestamps: variant & 64 == 0 ? .shift : .remove)
      return service
    }
  }

  private static func server(
    _ address: IPv4Address, _ port: UInt16, _ method: ForwardingMethod
  ) -> DirectorConfiguration.Server {
    .init(address: address, port: port, method: method)
  }
}
