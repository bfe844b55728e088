import CLinux
import Glibc
import Netlink
import TestSupport
import Testing

@Suite("Link monitors", .enabled(if: TestNamespace.isPossible))
struct LinkMonitorTests {
  /// Follows `monitor` until an event is as `wanted` says; fails after 5 s without any.
  private func follow(
    _ monitor: LinkMonitor, until wanted: (LinkEvent) -> Bool
  ) throws -> [LinkEvent] {
    var events: [LinkEvent] = []
    while true {
      if let event = try monitor.next() {
        events.append(event)
        if wanted(event) { return events }
        continue
      }
      var watched = pollfd(fd: monitor.descriptor, events: Int16(POLLIN), revents: 0)
      let isReady = unsafe poll(&watched, 1, 5000) == 1
      try #require(isReady, "no such event among \(events)")
    }
  }

  private func names(_ events: [LinkEvent]) -> [String] {
    events.compactMap { if case .present(let link) = $0 { link.name } else { nil } }
  }

  @Test func itBeginsWithAList() throws {
    let lab = try TestNamespace()
    try lab.ip("link add d0 type bridge")
    let monitor = try LinkMonitor(of: NetworkNamespace(lab.name))
    let events = try follow(monitor) { $0 == .synchronized }
    #expect(events.first == .resynchronize)
    #expect(names(events) == ["lo", "d0"])
    #expect(try monitor.next() == nil)
  }

  @Test func linksComeChangeAndGo() throws {
    let lab = try TestNamespace()
    let monitor = try LinkMonitor(of: NetworkNamespace(lab.name))
    _ = try follow(monitor) { $0 == .synchronized }
    try lab.ip("tuntap add t0 mode tap")
    _ = try follow(monitor) { event in
      if case .present(let link) = event { link.name == "t0" && !link.isUp } else { false }
    }
    try lab.ip("link set t0 up mtu 1300")
    _ = try follow(monitor) { event in
      if case .present(let link) = event {
        link.name == "t0" && link.isUp && !link.isRunning && link.mtu == 1300
      } else {
        false
      }
    }
    try lab.ip("tuntap del t0 mode tap")
    _ = try follow(monitor) { event in
      if case .removed(_, let name) = event { name == "t0" } else { false }
    }
  }

  @Test func leavingABridgeIsNotBeingRemoved() throws {
    let lab = try TestNamespace()
    try lab.ip("link add br0 type bridge")
    try lab.ip("link add d0 type veth peer name p0")
    try lab.ip("link set d0 master br0")
    let monitor = try LinkMonitor(of: NetworkNamespace(lab.name))
    _ = try follow(monitor) { $0 == .synchronized }
    try lab.ip("link set d0 nomaster")
    try lab.ip("link add last type bridge")
    let events = try follow(monitor) { event in
      if case .present(let link) = event { link.name == "last" } else { false }
    }
    #expect(!events.contains { if case .removed = $0 { true } else { false } })
  }

  @Test func afterALossTheListComesAgain() throws {
    let lab = try TestNamespace()
    try lab.ip("link add d0 type bridge")
    try lab.ip("link add d1 type bridge")
    let namespace = NetworkNamespace(lab.name)
    let monitor = try LinkMonitor(of: namespace)
    _ = try follow(monitor) { $0 == .synchronized }
    // More events than the socket's buffer of 208 KiB takes.
    let table = try LinkTable(of: namespace)
    let link = try table.link("d0")
    for mtu in 1000..<2000 { try table.setMTU(mtu, of: link) }
    try lab.ip("link del d1")
    try lab.ip("link add d2 type bridge")
    let events = try follow(monitor) { $0 == .synchronized }
    let restart = try #require(events.firstIndex(of: .resynchronize))
    #expect(names(Array(events[restart...])) == ["lo", "d0", "d2"])
    #expect(
      events.contains { if case .present(let link) = $0 { link.mtu == 1999 } else { false } })
    try table.setMTU(1234, of: link)
    let after = try follow(monitor) { event in
      if case .present(let link) = event { link.mtu == 1234 } else { false }
    }
    #expect(after.count == 1)
  }
}
