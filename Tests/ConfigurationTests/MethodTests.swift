import Configuration
import Director
import Testing
import Wire

/// What a file says of forwarding methods.
@Suite struct MethodTests {
  @Test func everyMethodReachesTheConfiguration() throws {
    let services = try parse(Fixture.methods).director.services
    #expect(
      services.map { $0.servers.map(\.method) } == [
        [.dr, .dr, .nat], [.tunnel, .tunnel], [.fullnat, .nat], [.fullnat], [.nat],
      ])
    #expect(
      services.map { $0.servers.map(\.port) } == [
        [80, 80, 8080], [80, 80], [8443, 443], [53], [8443],
      ])
    let tunnels = services.map { $0.servers.map(\.tunnel) }
    #expect(tunnels[1] == [Tunnel(.gue, hasChecksum: true, port: 6081), Tunnel(.gre)])
    #expect(tunnels[0] == [Tunnel(), Tunnel(), Tunnel()])
    #expect(services.map(\.stripsClientOption) == [false, false, false, false, true])
  }

  @Test func fullNATReachesTheConfiguration() throws {
    let settings = try parse(Fixture.methods).director.services.map(\.fullNAT)
    let shared = IPv4Address(192, 168, 0, 200)
    #expect(
      settings == [
        FullNATSettings(), FullNATSettings(),
        FullNATSettings(
          localAddresses: [IPv4Address(115, 205, 4, 215), shared, IPv4Address(198, 51, 100, 7)],
          localPorts: 20_000...29_999, clientAddress: .proxyV2, optionKind: 253),
        FullNATSettings(localAddresses: [shared], clientAddress: .uoaOption),
        FullNATSettings(optionKind: 252),
      ])
  }

  @Test(
    arguments: [
      ("", .toa), ("client-address: none, ", .none), ("client-address: toa, ", .toa),
      ("client-address: proxy-v2, ", .proxyV2), ("protocol: udp, ", .none),
      ("protocol: udp, client-address: uoa-option, ", .uoaOption),
      ("protocol: udp, client-address: uoa-protocol, ", .uoaProtocol),
      ("protocol: udp, client-address: none, ", .none),
    ] as [(String, ClientAddressForm)])
  func clientAddresses(_ words: String, _ form: ClientAddressForm) throws {
    let settings = try fullNATService(words).fullNAT
    #expect(settings.clientAddress == form)
    #expect(settings.localPorts == 1025...65_535)
    #expect(settings.optionKind == 254)
  }

  @Test(arguments: 252...254) func optionKinds(_ kind: Int) throws {
    #expect(try Int(fullNATService("option-kind: \(kind), ").fullNAT.optionKind) == kind)
  }

  @Test(arguments: TimestampPolicy.allCases) func timestamps(_ policy: TimestampPolicy) throws {
    let words = "tcp-timestamps: \(policy.rawValue), "
    #expect(try fullNATService(words).fullNAT.timestamps == policy)
    #expect(try fullNATService("").fullNAT.timestamps == .remove)
  }

  @Test(arguments: ["1-1", "1-65535", "65535-65535"]) func localPorts(_ range: String) throws {
    let ports = try fullNATService("local-ports: \(range), ").fullNAT.localPorts
    #expect("\(ports.lowerBound)-\(ports.upperBound)" == range)
  }

  /// A client's own option is overwritten with FullNAT; of other servers only on demand.
  @Test func strippingIsAlwaysOnWithFullNATAlone() throws {
    #expect(try fullNATService("").stripsClientOption)
    #expect(try fullNATService("strip-client-toa: true, ").stripsClientOption)
    #expect(try fullNATService("protocol: udp, ").stripsClientOption == false)
    let mixed = Fixture.methods.replacing(
      "    option-kind: 253", with: "    strip-client-toa: true")
    #expect(try parse(mixed).director.services[2].stripsClientOption)
  }

  @Test(
    arguments: [
      ("", Tunnel()), ("tunnel: {}, ", Tunnel()),
      ("tunnel: { encapsulation: ipip, checksum: false }, ", Tunnel()),
      ("tunnel: { encapsulation: gre, checksum: true }, ", Tunnel(.gre, hasChecksum: true)),
      ("tunnel: { encapsulation: gue }, ", Tunnel(.gue, port: 6080)),
      ("tunnel: { encapsulation: gue, port: 65535 }, ", Tunnel(.gue, port: 65_535)),
    ]) func tunnels(_ words: String, _ tunnel: Tunnel) throws
  {
    let ofService = onePort(
      "services: [{ address: 10.0.0.9, port: 80, method: tunnel, \(words)"
        + "servers: [{ address: 10.0.0.2 }] }]")
    #expect(try parse(ofService).director.services.first?.servers.map(\.tunnel) == [tunnel])
    let ofServer = onePort(
      "services: [{ address: 10.0.0.9, port: 80, "
        + "servers: [{ \(words)method: tunnel, address: 10.0.0.2 }] }]")
    #expect(try parse(ofServer).director.services.first?.servers.map(\.tunnel) == [tunnel])
  }

  /// What a service says holds for servers that will come.
  @Test func servicesMayBeDrainedWhateverTheMethod() throws {
    for words in ["method: dr", "method: tunnel, tunnel: { encapsulation: gre }"] {
      let text = onePort("services: [{ address: 10.0.0.9, port: 80, \(words), servers: [] }]")
      #expect(findings(in: text) == [])
    }
    let drained = Fixture.methods.replacing(
      "      - { address: 192.168.0.5 }", with: "      []")
    #expect(findings(in: drained) == [])
  }

  @Test func tunnelDiscoveryIsOnUnlessItIsOff() throws {
    #expect(try parse(Fixture.base).director.discoversTunnelMTU)
    #expect(try parse(Fixture.methods).director.discoversTunnelMTU == false)
    let on = Fixture.base + "pmtu-discovery: true\n"
    #expect(try parse(on).director.discoversTunnelMTU)
  }

  /// As when a router has static routes to several directors.
  @Test func virtualAddressesMayBeOutsideOfAllNetworks() throws {
    let text = onePort(
      "services: [{ address: 203.0.113.80, port: 80, servers: [{ address: 10.0.0.2 }] }]")
    #expect(
      try parse(text).director.services.map(\.address) == [IPv4Address(203, 0, 113, 80)])
  }

  /// A part of a port's own network that has a route without `via` is on-link too.
  @Test func directRoutingGoesWhereNoRouterIs() {
    let route = "{ to: 115.205.4.220/30, via: 115.205.4.211 }"
    let server = Fixture.methods.replacing("115.205.4.216", with: "115.205.4.221")
    #expect(findings(in: server).map { $0.prefix(6) } == ["18:20:"])
    let onLink = server.replacing(route, with: "{ to: 115.205.4.220/30, mtu: 1400 }")
    #expect(findings(in: onLink) == [])
  }

  /// A mistake elsewhere must not look like one here.
  @Test func whatCouldNotBeReadIsNotJudged() {
    let unknownMethod = Fixture.methods.replacing("method: nat }", with: "method: natt }")
    #expect(findings(in: unknownMethod).map { $0.prefix(6) } == ["20:53:", "37:41:"])
    let unknownRoute = Fixture.methods.replacing("to: 172.16.0.0/16", with: "to: 172.16.0.0/99")
      .replacing("115.205.4.216", with: "172.16.3.3")
    #expect(findings(in: unknownRoute).map { $0.prefix(5) } == ["8:20:"])
    let unknownPort = Fixture.methods.replacing(
      "    port: 80\n    method: dr", with: "    port: x\n    method: dr")
    #expect(findings(in: unknownPort).map { $0.prefix(6) } == ["15:11:"])
    let unknownAddress = Fixture.methods.replacing(
      "local-addresses: [192.168.0.200]", with: "local-addresses: [192.168.0]")
    #expect(findings(in: unknownAddress).map { $0.prefix(6) } == ["42:23:"])
  }

  @Test func localAddressesAreBounded() throws {
    func file(_ count: Int) -> String {
      let list = (0..<count).map { "10.1.\($0 / 200).\($0 % 200 + 1)" }.joined(separator: ", ")
      return onePort(
        "services: [{ address: 10.0.0.9, port: 80, method: fullnat, servers: [], "
          + "local-addresses: [\(list)] }]")
    }
    #expect(try parse(file(256)).director.services.first?.fullNAT.localAddresses.count == 256)
    #expect(
      findings(in: file(257)).map { $0.hasSuffix("257 local addresses; at most 256 are wanted") }
        == [true])
  }

  private func fullNATService(_ words: String) throws -> DirectorConfiguration.Service {
    let text = onePort(
      "services: [{ address: 10.0.0.9, port: 80, method: fullnat, local-addresses: [10.0.0.1], "
        + "\(words)servers: [{ address: 10.0.0.2 }] }]")
    return try #require(try parse(text).director.services.first)
  }
}
