import Control
import Director
import Frames
import TestSupport
import Testing
import Wire

@testable import Appliance

/// What a status says of servers behind tunnels.
@Suite struct TunnelReportTests {
  @Test func portsAreToldWhereThereAreAny() {
    #expect(TunnelReport(Tunnel()) == TunnelReport(encapsulation: "ipip"))
    #expect(
      TunnelReport(Tunnel(.gre, hasChecksum: true))
        == TunnelReport(encapsulation: "gre", checksum: true))
    #expect(
      TunnelReport(Tunnel(.gue, port: 6081)) == TunnelReport(encapsulation: "gue", port: 6081))
  }

  /// The same server may be behind another tunnel in another service.
  @Test func eachServerHasItsOwn() throws {
    func service(port: UInt16, _ servers: [(UInt8, ForwardingMethod, Tunnel)])
      -> DirectorConfiguration.Service
    {
      .init(
        address: ExampleNetwork.virtual, port: port,
        servers: servers.map { host, method, tunnel in
          .init(address: IPv4Address(10, 0, 0, host), port: port, method: method, tunnel: tunnel)
        })
    }
    let configuration = DirectorConfiguration(
      ports: [
        .init(
          name: "ext", macAddress: ExampleNetwork.outsideMAC,
          addresses: [.init(ExampleNetwork.inside, length: 24)])
      ],
      services: [
        service(
          port: 80, [(2, .tunnel, Tunnel()), (3, .tunnel, Tunnel(.gre)), (4, .nat, Tunnel())]),
        service(port: 81, [(2, .tunnel, Tunnel(.gue))]),
      ])
    let director = try Director(configuration: configuration, seed: 1, at: .zero)
    let tunnels = TunnelList(configuration)
    let told = director.serviceSnapshots.map { service in
      service.destinations.map { tunnels[service, $0]?.encapsulation }
    }
    #expect(told == [["ipip", "gre", nil], ["gue"]])
  }
}
