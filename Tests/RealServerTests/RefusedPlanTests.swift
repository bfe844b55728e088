import Netlink
import Testing
import Wire

@testable import RealServer

/// What no change of ours can make right is said, and what makes no sense is refused.
@Suite struct RefusedPlanTests {
  private func refusal(
    _ wanted: WantedServer, on snapshot: Snapshot
  ) -> String? {
    do throws(ServerError) {
      _ = try Plan(from: snapshot, remembering: [], to: wanted.needs)
      return nil
    } catch {
      #expect(error.reason == .wrong)
      return error.message
    }
  }

  @Test func aVIPOfAWholeNetworkIsNamed() throws {
    var snapshot = UsualServer.snapshot
    snapshot.addresses.append(UsualServer.held(length: 24))
    #expect(
      refusal(try UsualServer.wanted(.dr), on: snapshot)
        == "VIP 10.5.0.100: found /24 on lo; /24 takes all of 10.5.0.0/24 for this server's own: "
        + "ip addr del 10.5.0.100/24 dev lo")
  }

  @Test func aVIPOnACardIsNamed() throws {
    var snapshot = UsualServer.snapshot
    snapshot.addresses.append(UsualServer.held(on: "eth0"))
    let text = try #require(try refusal(UsualServer.wanted(.dr), on: snapshot))
    #expect(text.contains("found /32 on eth0; on eth0 neighbours may be answered"))
    #expect(text.contains("ip addr del 10.5.0.100/32 dev eth0"))
  }

  @Test func aGatewayElsewhereIsNamed() throws {
    let wanted = try WantedServer(mode: .nat, gateway: IPv4Address(192, 168, 0, 1))
    #expect(
      refusal(wanted, on: UsualServer.snapshot)
        == "--gateway 192.168.0.1 is in no network of this server (10.5.0.0/24 on eth0); "
        + "a director in one of them is wanted")
    let own = try WantedServer(mode: .nat, gateway: IPv4Address(10, 5, 0, 11))
    #expect(refusal(own, on: UsualServer.snapshot)?.contains("an address of this server") == true)
  }

  @Test func withoutWayToClientsNoTunnel() throws {
    var snapshot = UsualServer.snapshot
    snapshot.routes = []
    let text = try refusal(UsualServer.tunnel(.gre), on: snapshot)
    #expect(text?.hasPrefix("route default: found none; replies have no way") == true)
  }

  @Test(arguments: [40, 100, 147]) func aDeviceTooSmallForATunnelIsNamed(mtu: Int) throws {
    var snapshot = UsualServer.snapshot
    snapshot.devices[1] = .init(name: "eth0", index: 2, mtu: mtu, isUp: true, kind: "veth")
    let text = try refusal(UsualServer.tunnel(.ipip), on: snapshot)
    #expect(text?.contains("look at its MTU") == true)
  }

  @Test func withoutWayToTheDirectorNoFullNAT() throws {
    var snapshot = UsualServer.snapshot
    let wanted = try UsualServer.wanted(.fullnat)
    #expect(
      refusal(wanted, on: snapshot)?.hasPrefix("route to 10.5.0.2: found none; replies have no way")
        == true)
    let director = IPv4Address(10, 5, 0, 2)
    let near = Route(
      destination: IPv4Prefix(director, length: 32),
      attributes: [NetlinkAttribute(4, number: 2)])
    snapshot.ways[director] = near
    #expect(refusal(wanted, on: snapshot) == nil)
    let found = wanted.needs.flatMap { $0.findings(in: snapshot) }.map(\.found)
    #expect(found == ["nowhere", "dev eth0"])
    snapshot.ways[director] = Route(destination: near.destination, kind: 2, attributes: [])
    #expect(refusal(wanted, on: snapshot)?.contains("found this server itself") == true)
  }

  private static let address = IPv4Address(10, 0, 0, 1)
  private static let from = LocalAddresses("10.0.0.0/28").map { [$0] } ?? []

  private func usage(_ body: () throws(ServerError) -> WantedServer) -> String {
    do throws(ServerError) {
      _ = try body()
      return "accepted"
    } catch {
      #expect(error.reason == .usage)
      return error.message
    }
  }

  @Test func whatDoesNotGoTogetherIsRefused() {
    let address = Self.address
    let from = Self.from
    let ipip = WantedTunnel(encapsulation: .ipip, method: .none)
    let texts = [
      usage { () throws(ServerError) in try WantedServer(mode: .nat) },
      usage { () throws(ServerError) in try WantedServer(mode: .dr) },
      usage { () throws(ServerError) in try WantedServer(mode: .tunnel, tunnel: ipip) },
      usage { () throws(ServerError) in try WantedServer(mode: .fullnat) },
      usage { () throws(ServerError) in
        try WantedServer(mode: .dr, virtualAddresses: [address], gateway: address)
      },
      usage { () throws(ServerError) in
        try WantedServer(mode: .dr, virtualAddresses: [address], directors: from)
      },
      usage { () throws(ServerError) in
        try WantedServer(mode: .dr, virtualAddresses: [address], tunnel: ipip)
      },
      usage { () throws(ServerError) in
        try WantedServer(mode: .dr, virtualAddresses: [address, address])
      },
      usage { () throws(ServerError) in
        try WantedServer(mode: .dr, virtualAddresses: [IPv4Address(224, 0, 0, 1)])
      },
    ]
    let wanted = [
      "--gateway", "--vip", "--vip", "--from", "--gateway", "--from", "tunnel", "twice",
      "224.0.0.1",
    ]
    for (text, word) in zip(texts, wanted) { #expect(text.contains(word), "\(text)") }
  }

  @Test(arguments: [
    (WantedTunnel(encapsulation: .ipip, hasChecksum: true), "--checksum"),
    (WantedTunnel(encapsulation: .gue, method: .kernel), "--decap kernel"),
    (WantedTunnel(encapsulation: .gre, hasChecksum: true, method: .kernel), "gre0"),
    (WantedTunnel(encapsulation: .gue, port: 0), "--port"),
    (WantedTunnel(encapsulation: .gue, routes: []), "--route"),
  ]) func tunnelsThatCannotBeAreRefused(_ tunnel: WantedTunnel, _ word: String) {
    let text = usage { () throws(ServerError) in
      try WantedServer(
        mode: .tunnel, virtualAddresses: [Self.address], directors: Self.from, tunnel: tunnel)
    }
    #expect(text.contains(word))
    let open = usage { () throws(ServerError) in
      try WantedServer(
        mode: .tunnel, virtualAddresses: [Self.address],
        tunnel: WantedTunnel(encapsulation: .ipip, method: .socket))
    }
    #expect(open.contains("--decap socket without --from"))
  }
}
