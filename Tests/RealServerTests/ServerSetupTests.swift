import Netlink
import TestSupport
import Testing
import Wire

@testable import RealServer

/// What the kernel makes of it: up, check and down in a network namespace.
@Suite(.enabled(if: TestNamespace.isPossible)) struct ServerSetupTests {
  @Test func directRoutingAndBack() throws {
    let server = try ServerNamespace()
    let before = try server.snapshot()
    let setup = server.setup()
    let wanted = try UsualServer.wanted(.dr)
    let first = try setup.up(wanted)
    #expect(
      first.changes == [
        "net.ipv4.conf.all.arp_ignore: 0 -> 1", "net.ipv4.conf.all.arp_announce: 0 -> 2",
        "device lo switched on", "127.0.0.1/8 added to lo", "10.5.0.100/32 added to lo",
      ])
    let during = try server.snapshot()
    #expect(during.addresses.contains(UsualServer.held()))
    #expect(try setup.check(nil).isRight)
    #expect(try setup.check(wanted).isRight)
    #expect(try setup.up(wanted) == ServerSetup.Outcome())
    #expect(try server.snapshot() == during)
    #expect(try setup.down().changes.count == 5)
    #expect(try server.snapshot() == before)
    #expect(try setup.down() == ServerSetup.Outcome())
  }

  @Test func throughAllModesAndBack() throws {
    let server = try ServerNamespace()
    let before = try server.snapshot()
    let setup = server.setup()
    for wanted in [
      try UsualServer.wanted(.dr), try UsualServer.tunnel(.gre, hasChecksum: true),
      try UsualServer.wanted(.nat), try UsualServer.tunnel(.gue), try UsualServer.wanted(.fullnat),
      try UsualServer.wanted(.nat),
    ] {
      _ = try setup.up(wanted)
      #expect(try setup.check(nil).items.filter { !$0.isRight } == [])
      #expect(try setup.up(wanted) == ServerSetup.Outcome())
    }
    _ = try setup.down()
    #expect(try server.snapshot() == before)
  }

  @Test func theSegmentSizeIsOnTheRouteAndTheRestOfItStays() throws {
    let server = try ServerNamespace()
    let setup = server.setup()
    _ = try setup.up(UsualServer.tunnel(.ipip))
    let route = try #require(try server.snapshot().defaultRoute)
    #expect(route.announcedSegmentSize == 1390)
    #expect(route.mtu == 1450)
    #expect(route.priority == 50)
    #expect(route.gateway == UsualServer.router)
    let way = try LinkTable(of: NetworkNamespace(server.lab.name)).way(to: IPv4Address(8, 8, 8, 8))
    #expect(way?.announcedSegmentSize == 1390)
  }

  @Test func settingsThatWereThereAreKept() throws {
    let server = try ServerNamespace()
    try server.lab.ip("link set lo up")
    try server.lab.ip("addr add 10.5.0.100/32 dev lo")
    try server.lab.exec("sysctl", "-q", "-w", "net.ipv4.conf.all.arp_ignore=2")
    try server.lab.exec("sysctl", "-q", "-w", "net.ipv4.conf.eth0.arp_ignore=8")
    let before = try server.snapshot()
    let setup = server.setup()
    #expect(
      try setup.up(UsualServer.wanted(.dr)).changes == [
        "net.ipv4.conf.eth0.arp_ignore: 8 -> 1", "net.ipv4.conf.all.arp_announce: 0 -> 2",
      ])
    #expect(try setup.check(nil).isRight)
    _ = try setup.down()
    #expect(try server.snapshot() == before)
  }

  @Test func severalNextHopsComeBack() throws {
    let server = try ServerNamespace()
    try server.lab.ip("route del default")
    try server.lab.ip(
      "route add default nexthop via 10.5.0.1 weight 2 nexthop via 10.5.0.3 weight 1")
    let before = try server.snapshot()
    let setup = server.setup()
    _ = try setup.up(UsualServer.tunnel(.ipip))
    #expect(try server.snapshot().defaultRoute?.announcedSegmentSize == 1440)
    _ = try setup.up(UsualServer.wanted(.nat))
    #expect(try server.snapshot().defaultRoute?.gateway == IPv4Address(10, 5, 0, 2))
    _ = try setup.down()
    #expect(try server.snapshot() == before)
  }

  @Test func withoutDefaultRouteOneIsMadeAndTakenAway() throws {
    let server = try ServerNamespace()
    try server.lab.ip("route del default")
    let before = try server.snapshot()
    let setup = server.setup()
    #expect(
      try setup.up(UsualServer.wanted(.nat)).changes == ["route default via 10.5.0.2 added"])
    _ = try setup.down()
    #expect(try server.snapshot() == before)
  }

  @Test func whatIsWrongIsFoundOneByOne() throws {
    let server = try ServerNamespace()
    let setup = server.setup()
    let wanted = try UsualServer.wanted(.dr)
    _ = try setup.up(wanted)
    let spoils = [
      ("sysctl -q -w net.ipv4.conf.all.arp_ignore=0", "arp_ignore of eth0"),
      ("sysctl -q -w net.ipv4.conf.all.arp_announce=1", "arp_announce of peer0"),
      ("ip addr del 10.5.0.100/32 dev lo", "VIP 10.5.0.100"),
      ("ip addr add 10.5.0.100/24 dev lo", "VIP 10.5.0.100"),
      ("ip addr add 10.5.0.100/32 dev eth0", "VIP 10.5.0.100"),
      ("ip link set lo down", "device lo"),
    ]
    for (command, item) in spoils {
      try server.lab.exec("sh", "-c", command)
      let wrong = try setup.check(nil).items.filter { !$0.isRight }.map(\.item)
      #expect(wrong.contains(item), "\(command)")
      try server.lab.exec(
        "sh", "-c",
        "ip addr del 10.5.0.100/24 dev lo; ip addr del 10.5.0.100/32 dev eth0; true")
      _ = try setup.up(wanted)
      #expect(try setup.check(nil).isRight, "after \(command)")
    }
  }

  @Test func whatFailsLeavesNothingBehind() throws {
    let server = try ServerNamespace()
    let before = try server.snapshot()
    let setup = server.setup()
    let error = #expect(throws: ServerError.self) {
      try setup.up(UsualServer.tunnel(.ipip, method: .ebpf))
    }
    #expect(error?.reason == .unavailable)
    #expect(error?.message.hasPrefix("/nonexistent cannot be started") == true)
    #expect(try server.snapshot() == before)
    #expect(try setup.down() == ServerSetup.Outcome())
  }

  @Test func theKernelsDeviceIsUsedOrMissed() throws {
    let server = try ServerNamespace()
    let before = try server.snapshot()
    let setup = server.setup()
    do {
      _ = try setup.up(UsualServer.tunnel(.ipip, method: .kernel))
      #expect(try server.snapshot().addresses.contains(UsualServer.held(on: "tunl0")))
      #expect(try setup.check(nil).isRight)
      _ = try setup.down()
    } catch let error as ServerError {
      #expect(error.reason == .unavailable)
      #expect(error.message.contains("the kernel has no device of kind ipip"))
    }
    #expect(try server.snapshot() == before)
  }

  @Test func twoAtOnceAreKeptApart() throws {
    let server = try ServerNamespace()
    let setup = server.setup()
    let error = try NetworkNamespace(server.lab.name).perform { () throws(LinkError) in
      Result { () throws(ServerError) in
        try SetupLock.hold { () throws(ServerError) in
          #expect(throws: ServerError.self) { try setup.down() }
        }
      }
    }
    #expect(try error.get()?.message.contains("at work in this network namespace") == true)
    #expect(try setup.down() == ServerSetup.Outcome())
  }
}
