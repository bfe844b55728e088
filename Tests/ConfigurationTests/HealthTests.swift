import Configuration
import Director
import Health
import Testing
import Wire

/// What a file says of checks and of what follows from them.
@Suite struct HealthTests {
  private static let head = """
    version: 1
    ports:
      wan: { tap: w, mac: "02:00:00:00:00:01", addresses: [192.0.2.10/24], gateway: 192.0.2.1 }
      lan: { tap: l, mac: "02:00:00:00:00:02", addresses: [10.0.0.1/24] }

    """

  private func parse(_ text: String) throws -> ApplianceConfiguration {
    try ApplianceConfiguration.parse(Self.head + text, file: "f")
  }

  /// The probe of a check that is the only one of a service.
  private func probe(_ check: String) throws -> CheckProbe {
    let configuration = try parse(
      """
      services:
        - { address: 192.0.2.100, port: 80, checks: [\(check)], servers: [{ address: 10.0.0.2 }] }
      """)
    let text = try #require(configuration.health.services.first?.servers.first?.checks.first?.probe)
    let probe = try #require(configuration.probes[text])
    #expect(probe.description == text)
    return probe
  }

  @Test func nothingIsChecked() throws {
    let configuration = try parse(
      "services: [{ address: 192.0.2.100, port: 80, servers: [{ address: 10.0.0.2, weight: 7 }] }]")
    let service = try #require(configuration.health.services.first)
    #expect("\(service.name)" == "192.0.2.100:80/tcp")
    #expect(service.servers == [.init(Endpoint(IPv4Address(10, 0, 0, 2), 80), weight: 7)])
    #expect(service.quorum == 1 && service.hysteresis == 0 && service.sorryServer == nil)
    #expect(configuration.probes.isEmpty)
    // Without a check nothing follows from suspicion.
    #expect(configuration.director.services.first?.synSuspect == nil)
  }

  @Test func probes() throws {
    #expect(try probe("tcp") == .tcp(ProbeTarget()))
    #expect(try probe("icmp") == .icmp(ProbeTarget()))
    #expect(try probe("{ type: tcp, through: vip }") == .path)
    let target = ProbeTarget(
      address: IPv4Address(10, 0, 0, 9), port: 81, source: IPv4Address(10, 0, 0, 251))
    #expect(
      try probe("{ type: tcp, address: 10.0.0.9, port: 81, source: 10.0.0.251 }") == .tcp(target))

    var http = HTTPProbe(path: "/health?a=b")
    http.host = "www.example.org:8080"
    http.statuses = [200...204, 301...301]
    http.digest = BodyDigest(.md5, "d41d8cd98f00b204e9800998ecf8427e")
    http.pattern = "a+ b"
    http.wantsPattern = false
    #expect(
      try probe(
        """
        { type: http, path: "/health?a=b", host: "www.example.org:8080", status: [200-204, 301], \
        md5: D41D8CD98F00B204E9800998ECF8427E, no-regex: "a+ b" }
        """) == .http(http))
    var https = HTTPProbe()
    https.isSecure = true
    https.serverName = "example.org"
    https.verifiesCertificate = true
    https.authorities = "/etc/ca.pem"
    #expect(
      try probe(
        "{ type: https, server-name: example.org, verify: true, authorities: /etc/ca.pem }")
        == .http(https))

    var udp = UDPProbe()
    udp.payload = [0x0a, 0xff]
    udp.reply = [1]
    udp.replyLength = 12...512
    #expect(
      try probe("{ type: udp, payload: 0aff, reply: \"01\", reply-length: 12-512 }") == .udp(udp))
    #expect(
      try probe("{ type: dns, name: example.org., record: aaaa }")
        == .dns(DNSProbe(name: "example.org.", type: .aaaa)))
    #expect(
      try probe("{ type: script, command: [/bin/check, \"a b\"], user: daemon }")
        == .script(ScriptProbe(command: ["/bin/check", "a b"], user: "daemon")))
  }

  @Test func settings() throws {
    let configuration = try parse(
      """
      checks:
        quick: { type: tcp, interval: 200ms, timeout: 50ms, rise: 4, fall: 5, retry: 6,
          delay-before-retry: 70ms, start-delay: 0s, alpha: true, suspect-timeout: 80ms,
          suspect-fall: 9, suspect-delay: 10ms, suspect-hold: 110ms }
        calm: { type: icmp, suspicion: false }
      services:
        - address: 192.0.2.100
          port: 80
          checks: [quick]
          inhibit-on-failure: true
          quorum: 5
          hysteresis: 2
          slow-start: 10s
          syn-suspect: 100ms
          sorry-server: { address: 10.0.0.9, port: 8080, weight: 3, inhibit: true }
          servers:
            - { address: 10.0.0.2 }
            - { address: 10.0.0.3, checks: [calm], inhibit-on-failure: false }
            - { address: 10.0.0.4, checks: [] }
      """)
    let service = try #require(configuration.health.services.first)
    var quick = CheckSettings()
    quick.interval = .milliseconds(200)
    quick.timeout = .milliseconds(50)
    quick.rise = 4
    quick.fall = 5
    quick.retryCount = 6
    quick.retryDelay = .milliseconds(70)
    quick.startDelay = .zero
    quick.startsFailed = true
    quick.suspicion?.timeout = .milliseconds(80)
    quick.suspicion?.fall = 9
    quick.suspicion?.delay = .milliseconds(10)
    quick.suspicion?.hold = .milliseconds(110)
    var calm = CheckSettings()
    calm.suspicion = nil
    #expect(
      service.servers.map(\.checks) == [[.init("tcp", quick)], [.init("icmp", calm)], []])
    #expect(service.servers.map(\.inhibitsOnFailure) == [true, false, true])
    #expect(service.quorum == 5 && service.hysteresis == 2 && service.slowStart == .seconds(10))
    let sorry = try #require(service.sorryServer)
    #expect(sorry.endpoint == Endpoint(IPv4Address(10, 0, 0, 9), 8080))
    #expect(sorry.weight == 3 && sorry.inhibits)
    #expect(configuration.director.services[0].sorryServer?.address == IPv4Address(10, 0, 0, 9))
    #expect(configuration.director.services[0].synSuspect == .milliseconds(100))
    #expect(configuration.health.violations.isEmpty)
  }

  @Test func synSuspectCanBeOff() throws {
    let configuration = try parse(
      """
      services:
        - { address: 192.0.2.100, port: 80, checks: [tcp], syn-suspect: off, servers: [{ address: 10.0.0.2 }] }
        - { address: 192.0.2.100, port: 81, checks: [tcp], servers: [{ address: 10.0.0.2 }] }
      """)
    #expect(
      configuration.director.services.map(\.synSuspect) == [nil, .milliseconds(300)])
  }
}
