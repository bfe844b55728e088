import Configuration
import Director
import LinkIO
import Testing
import Wire

/// What a file without mistakes means.
@Suite struct AcceptedTests {
  @Test func everyKeyReachesTheConfiguration() throws {
    let configuration = try parse(Fixture.base)
    let wan = DirectorConfiguration.Port(
      name: "wan", macAddress: MACAddress(rawValue: 0x0276_7300_0101), mtu: 1500,
      addresses: [IPv4InterfaceAddress(IPv4Address(115, 205, 4, 215), length: 28)],
      routes: [
        .init(
          to: IPv4Prefix(IPv4Address(10, 1, 0, 0), length: 16),
          via: IPv4Address(115, 205, 4, 210))
      ],
      gateway: IPv4Address(115, 205, 4, 209))
    let lan = DirectorConfiguration.Port(
      name: "lan", macAddress: MACAddress(rawValue: 0x0276_7300_0102),
      addresses: [IPv4InterfaceAddress(IPv4Address(192, 168, 0, 1), length: 24)])
    let service = DirectorConfiguration.Service(
      address: IPv4Address(115, 205, 4, 214), port: 80, protocol: .tcp,
      scheduler: .weightedRoundRobin,
      servers: [
        .init(address: IPv4Address(192, 168, 0, 2), port: 80, weight: 3),
        .init(address: IPv4Address(192, 168, 0, 3), port: 80, weight: 1),
      ])
    #expect(
      configuration.director
        == DirectorConfiguration(
          ports: [wan, lan], services: [service], connectionLimit: 1000))
    #expect(
      configuration.bindings == [
        PortBinding(tap: "lb1-wan", namespace: "sw-wan"), PortBinding(tap: "lb1-lan"),
      ])
  }

  @Test func defaultsHold() throws {
    let configuration = try parse(
      """
      version: 1
      ports:
        one: { tap: t, mac: "02:00:00:00:00:01", addresses: [10.0.0.1/24] }
      services:
        - { address: 10.0.0.9, port: 53, servers: [{ address: 10.0.0.2 }] }
      """)
    let director = configuration.director
    #expect(director.connectionLimit == 1_000_000)
    #expect(director.ports.first?.mtu == 1500)
    let service = try #require(director.services.first)
    #expect(service.protocol == .tcp)
    #expect(service.scheduler == .weightedLeastConnection)
    #expect(service.servers == [.init(address: IPv4Address(10, 0, 0, 2), port: 53, weight: 1)])
    #expect(configuration.bindings == [PortBinding(tap: "t")])
  }

  @Test func servicesMayBeAbsentOrEmpty() throws {
    #expect(try parse(onePort("")).director.services.isEmpty)
    #expect(try parse(onePort("services: []")).director.services.isEmpty)
    let drained = onePort("services: [{ address: 10.0.0.9, port: 1, servers: [] }]")
    #expect(try parse(drained).director.services.first?.servers == [])
  }

  @Test(arguments: [
    ("create: true", TAPCreation(mtu: 1500)),
    ("create: {}", TAPCreation(mtu: 1500)),
    ("create: { bridge: br0, mtu: 9000 }", TAPCreation(mtu: 9000, bridge: "br0")),
    ("create: { bridge: br0 }\n    mtu: 1400", TAPCreation(mtu: 1400, bridge: "br0")),
    ("create: false", nil),
  ]) func creation(_ line: String, _ creation: TAPCreation?) throws {
    let text = Fixture.base.replacing("    tap: lb1-lan", with: "    tap: lb1-lan\n    \(line)")
    #expect(try parse(text).bindings.last?.creation == creation)
  }

  @Test(arguments: OffloadLevel.allCases) func offloads(_ level: OffloadLevel) throws {
    let text = Fixture.base.replacing(
      "    tap: lb1-lan", with: "    tap: lb1-lan\n    offloads: \(level.rawValue)")
    #expect(try parse(text).bindings.map(\.offloads) == [nil, level])
  }

  @Test func eachStateHasATimeoutOfItsOwn() throws {
    let states = ConnectionState.allCases
    let keys = [
      "none", "established", "syn-sent", "syn-recv", "fin-wait", "time-wait", "close",
      "close-wait", "last-ack", "listen", "synack", "udp",
    ]
    let list = zip(1..., keys).map { "\($1): \($0)s" }.joined(separator: ", ")
    let timeouts = try timeouts("{ \(list) }")
    #expect(states.map { timeouts[$0] } == (1...states.count).map { .seconds($0) })
  }

  @Test(
    arguments: [
      ("128ms", .milliseconds(128)), ("1500ms", .milliseconds(1500)), ("90s", .seconds(90)),
      ("\"15m\"", .seconds(900)), ("2h", .seconds(7200)), ("480h", .seconds(1_728_000)),
      ("1728000000ms", .seconds(1_728_000)),
    ] as [(String, Duration)])
  func durations(_ text: String, _ duration: Duration) throws {
    var expected = StateTimeouts()
    expected[.udp] = duration
    #expect(try timeouts("{ udp: \(text) }") == expected, "the others keep their defaults")
  }

  private func timeouts(_ text: String) throws -> StateTimeouts {
    let limits = "connections: { limit: 1000, timeouts: \(text) }"
    let director = try parse(
      Fixture.base.replacing("connections: { limit: 1000 }", with: limits)
    ).director
    #expect(director.connectionLimit == 1000)
    return director.timeouts
  }

  @Test(
    arguments: [
      ("", nil), ("mss-clamp: auto", .automatic), ("mss-clamp: 536", .size(536)),
      ("mss-clamp: 65495", .size(65_495)),
    ] as [(String, SegmentSizeClamp?)])
  func segmentSizeClamps(_ line: String, _ clamp: SegmentSizeClamp?) throws {
    let text = Fixture.base.replacing("    method: nat", with: "    \(line)")
    #expect(try parse(text).director.services.map(\.segmentSizeClamp) == [clamp])
  }

  @Test(
    arguments: [
      ("", .reset), ("when-removed: reset", .reset), ("when-removed: reschedule", .reschedule),
      ("when-removed: keep", .keep), ("when-removed: ignore", .ignore),
    ] as [(String, RemovalPolicy)])
  func removalPolicies(_ line: String, _ policy: RemovalPolicy) throws {
    let text = Fixture.base.replacing("    method: nat", with: "    \(line)")
    #expect(try parse(text).director.services.map(\.whenRemoved) == [policy])
  }

  @Test func whatServersHearIsSaid() throws {
    let text = Fixture.base + "nat-icmp-send: true\n"
    #expect(try parse(text).director.sendsNATUnreachable)
    let silent = Fixture.base + "nat-icmp-send: false\n"
    #expect(try parse(silent).director.sendsNATUnreachable == false)
  }

  @Test func routesMayHaveAnMTU() throws {
    let routes = """
      { to: 10.1.0.0/16, via: 115.205.4.210, mtu: 576 }, { to: 115.205.4.212/30, mtu: 1500 },
          { to: 115.205.4.209/32, via: 115.205.4.210 }
      """
    let text = Fixture.base.replacing(
      "{ to: 10.1.0.0/16, via: 115.205.4.210 }", with: routes)
    let router = IPv4Address(115, 205, 4, 210)
    #expect(
      try parse(text).director.ports.first?.routes == [
        .init(to: IPv4Prefix(IPv4Address(10, 1, 0, 0), length: 16), via: router, mtu: 576),
        .init(to: IPv4Prefix(IPv4Address(115, 205, 4, 212), length: 30), via: nil, mtu: 1500),
        .init(to: IPv4Prefix(IPv4Address(115, 205, 4, 209), length: 32), via: router),
      ])
  }

  @Test func edgesOfEachRangeAreTaken() throws {
    let text = Fixture.base.replacing("mtu: 1500", with: "mtu: 65535")
      .replacing("port: 80\n", with: "port: 65535\n")
      .replacing("weight: 3", with: "weight: 0")
      .replacing("limit: 1000", with: "limit: 16777216")
    let director = try parse(text).director
    #expect(director.ports.first?.mtu == 65_535)
    #expect(director.services.first?.port == 65_535)
    #expect(director.services.first?.servers.map(\.weight) == [0, 1])
    #expect(director.connectionLimit == 16_777_216)
  }

  @Test func quotesMakeNoDifferenceToWords() throws {
    let text = Fixture.base.replacing("protocol: tcp", with: "protocol: 'tcp'")
      .replacing("    tap: lb1-wan", with: "    \"tap\": \"lb1-wan\"")
      .replacing("address: 192.168.0.3", with: "address: \"192.168.0.3\"")
    #expect(try parse(text) == parse(Fixture.base))
  }

  @Test func aliasesStandForTheirAnchors() throws {
    let text = Fixture.base
      .replacing("servers:\n", with: "servers: &servers\n")
      .replacing(
        "connections:",
        with: "  - { address: 115.205.4.214, port: 443, scheduler: wrr, servers: *servers }\n"
          + "connections:")
    let services = try parse(text).director.services
    #expect(services.count == 2)
    #expect(services.first?.servers.count == 2)
    #expect(services.last?.servers.map(\.address) == services.first?.servers.map(\.address))
    // The second server takes the port of its own service.
    #expect(services.last?.servers.map(\.port) == [80, 443])
  }

  @Test func lineEndsAndByteOrderMarkAreTaken() throws {
    let text = "\u{feff}" + Fixture.base.replacing("\n", with: "\r\n")
    #expect(try parse(text) == parse(Fixture.base))
    let broken = text.replacing("mtu: 1500", with: "mtu: 15")
    #expect(findings(in: broken).map { $0.prefix(5) } == ["7:10:"])
  }

  @Test func oneTAPNameInTwoNamespacesIsTwoTAPs() throws {
    let text = Fixture.base.replacing("tap: lb1-lan", with: "tap: lb1-wan")
    #expect(try parse(text).bindings.map(\.tap) == ["lb1-wan", "lb1-wan"])
  }

  @Test func routersNeedNotBeOnTheServersNetwork() throws {
    let behindRoute = Fixture.base.replacing("192.168.0.3", with: "10.1.2.3")
    #expect(findings(in: behindRoute) == [])
    let withoutRoute = behindRoute.replacing("10.1.0.0/16", with: "10.2.0.0/16")
    #expect(findings(in: withoutRoute) == [])
    let withoutGateway = withoutRoute.replacing("    gateway: 115.205.4.209\n", with: "")
    #expect(findings(in: withoutGateway).map { $0.prefix(6) } == ["22:20:"])
  }
}

func parse(_ text: String) throws(ConfigurationError) -> ApplianceConfiguration {
  try ApplianceConfiguration.parse(text, file: "f")
}

/// A file with one port and `rest`.
func onePort(_ rest: String) -> String {
  """
  version: 1
  ports: { one: { tap: t, mac: "02:00:00:00:00:01", addresses: [10.0.0.1/24] } }
  \(rest)
  """
}
