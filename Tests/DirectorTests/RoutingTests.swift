import Frames
import TestSupport
import Testing
import Wire

@testable import Director

@Suite struct RoutingTests {
  private static let near = IPv4Address(10, 0, 0, 254)
  private static let router = IPv4Address(192, 0, 2, 7)

  /// Two ports with a static route each; the outer one has the gateway.
  private static var configuration: DirectorConfiguration {
    var configuration = DirectorConfiguration.usual()
    configuration.ports[0].routes = [
      .init(to: IPv4Prefix(IPv4Address(172, 16, 0, 0), length: 12), via: router)
    ]
    configuration.ports[1].routes = [
      .init(to: IPv4Prefix(IPv4Address(172, 16, 1, 0), length: 24), via: near),
      .init(
        to: IPv4Prefix(IPv4Address(172, 16, 1, 9), length: 32), via: IPv4Address(10, 0, 0, 253)),
    ]
    return configuration
  }

  struct Row: Sendable, CustomTestStringConvertible {
    var target: IPv4Address
    var port: PortIndex
    var nextHop: IPv4Address
    var testDescription: String { "\(target)" }
  }

  static let rows = [
    Row(target: IPv4Address(192, 0, 2, 99), port: .wan, nextHop: IPv4Address(192, 0, 2, 99)),
    Row(target: IPv4Address(10, 0, 0, 2), port: .lan, nextHop: IPv4Address(10, 0, 0, 2)),
    Row(target: IPv4Address(10, 0, 1, 2), port: .wan, nextHop: ExampleNetwork.gateway),
    Row(target: IPv4Address(172, 16, 0, 1), port: .wan, nextHop: router),
    Row(target: IPv4Address(172, 31, 255, 255), port: .wan, nextHop: router),
    Row(target: IPv4Address(172, 32, 0, 0), port: .wan, nextHop: ExampleNetwork.gateway),
    Row(target: IPv4Address(172, 16, 1, 0), port: .lan, nextHop: near),
    Row(target: IPv4Address(172, 16, 1, 8), port: .lan, nextHop: near),
    Row(target: IPv4Address(172, 16, 1, 9), port: .lan, nextHop: IPv4Address(10, 0, 0, 253)),
    Row(target: IPv4Address(8, 8, 8, 8), port: .wan, nextHop: ExampleNetwork.gateway),
  ]

  @Test(arguments: rows)
  func theLongestPrefixWins(row: Row) throws {
    let routes = RoutingTable(Self.configuration)
    let nextHop = try #require(routes.nextHop(to: row.target))
    #expect(nextHop.port == row.port)
    #expect(nextHop.address == row.nextHop)
  }

  @Test func withoutGatewayTheRestHasNoRoute() {
    var configuration = Self.configuration
    configuration.ports[0].gateway = nil
    let routes = RoutingTable(configuration)
    for row in Self.rows where row.nextHop == ExampleNetwork.gateway {
      #expect(routes.nextHop(to: row.target) == nil)
    }
    #expect(routes.nextHop(to: Self.rows[3].target)?.address == Self.router)
  }

  @Test func ofEqualRoutesTheFirstOfTheConfigurationWins() {
    var configuration = Self.configuration
    configuration.ports[1].gateway = Self.near
    let target = IPv4Address(8, 8, 8, 8)
    #expect(RoutingTable(configuration).nextHop(to: target)?.address == ExampleNetwork.gateway)
    configuration.ports[0].gateway = nil
    #expect(RoutingTable(configuration).nextHop(to: target)?.address == Self.near)
    #expect(RoutingTable(configuration).nextHop(to: target)?.port == .lan)
  }

  @Test func aConfigurationWithoutAddressesReachesNobody() {
    let port = DirectorConfiguration.Port(name: "wan", macAddress: ExampleNetwork.outsideMAC)
    let routes = RoutingTable(DirectorConfiguration(ports: [port]))
    #expect(routes.nextHop(to: ExampleNetwork.client) == nil)
  }

  /// Server and client behind routers of their own: frames go to these.
  @Test(arguments: [true, false])
  func framesFollowTheRoutes(isFast: Bool) {
    let server = IPv4Address(172, 16, 1, 5)
    let client = Endpoint(IPv4Address(172, 20, 0, 1), 40000)
    var configuration = Self.configuration
    configuration.services[0].servers = [.init(address: server, port: 8080)]
    let usual = UsualDirector(configuration)
    usual.director.isFastPathEnabled = isFast
    let routerMAC = MACAddress(rawValue: 0x0200_0000_0007)
    let nearMAC = MACAddress(rawValue: 0x0200_0000_0254)
    usual.director.installNeighbor(Self.router, mac: routerMAC, port: .wan, at: usual.clock.now)
    usual.director.installNeighbor(Self.near, mac: nearMAC, port: .lan, at: usual.clock.now)
    let real = Endpoint(server, 8080)
    for flags in [TCPFlags.syn, .ack] {
      let inbound = request(flags, from: client)
      expectFrame(
        usual.receive(inbound).frame,
        is: inbound.translated(to: real).with(\.ethernet.destination, nearMAC).frame())
      let outbound = reply(flags.union(.ack), from: real, to: client)
      expectFrame(
        usual.receiveReply(outbound).frame,
        is: outbound.translated(from: .virtual).with(\.ethernet.destination, routerMAC).frame())
    }
  }

  /// One port serves both sides.
  @Test(arguments: [true, false])
  func oneArm(isFast: Bool) {
    var configuration = DirectorConfiguration.usual()
    configuration.ports.removeLast()
    let server = IPv4Address(192, 0, 2, 50)
    let mac = MACAddress(rawValue: 0x0200_0000_0050)
    configuration.services = [.web()]
    configuration.services[0].servers = [.init(address: server, port: 8080)]
    let usual = UsualDirector(configuration)
    usual.director.isFastPathEnabled = isFast
    usual.director.installNeighbor(server, mac: mac, port: .wan, at: usual.clock.now)
    let real = Endpoint(server, 8080)
    usual.receive(request(.syn))
    let inbound = request(.ack).payload("in")
    var expected = inbound.translated(to: real)
    expected.ethernet.source = ExampleNetwork.outsideMAC
    expected.ethernet.destination = mac
    expectFrame(usual.receive(inbound).frame, is: expected.frame())
    var outbound = reply(.ack, from: real).payload("out")
    outbound.ethernet.source = mac
    outbound.ethernet.destination = ExampleNetwork.outsideMAC
    expectFrame(
      usual.receive(outbound.frame()).frame, is: outbound.translated(from: .virtual).frame())
  }
}
