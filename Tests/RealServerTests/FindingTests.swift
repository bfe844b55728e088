import Netlink
import Testing
import Wire

@testable import RealServer

/// How each thing that a server needs is judged.
@Suite struct FindingTests {
  private func findings(
    _ need: any Need, _ change: (inout Snapshot) -> Void = { _ in }
  ) -> [Finding] {
    var snapshot = UsualServer.snapshot
    change(&snapshot)
    return need.findings(in: snapshot)
  }

  /// What the kernel was seen to do for each value of `all` and `eth0`.
  @Test(arguments: [
    (0, 0, false), (1, 0, true), (0, 1, true), (2, 0, true), (3, 0, false), (8, 0, false),
    (1, 3, false), (1, 8, false), (1, 2, true),
  ]) func theGreaterValueCountsForARPIgnore(_ all: Int, _ device: Int, _ isRight: Bool) throws {
    let found = findings(NeighborSilence()) { snapshot in
      snapshot.settings[Setting("all", .arpIgnore)] = all
      snapshot.settings[Setting("eth0", .arpIgnore)] = device
      snapshot.settings[Setting("lo", .arpIgnore)] = 1
    }
    let finding = try #require(found.first { $0.item == "arp_ignore of eth0" })
    #expect(finding.isRight == isRight)
    #expect(finding.found == "\(max(all, device)) (all \(all), eth0 \(device))")
    #expect(!found.contains { $0.item.hasSuffix("lo") })
  }

  @Test(arguments: [(0, 0, false), (1, 0, false), (2, 0, true), (0, 2, true), (1, 1, false)])
  func theGreaterValueCountsForARPAnnounce(_ all: Int, _ device: Int, _ isRight: Bool) throws {
    let found = findings(NeighborSilence()) { snapshot in
      snapshot.settings[Setting("all", .arpAnnounce)] = all
      snapshot.settings[Setting("eth0", .arpAnnounce)] = device
      snapshot.settings[Setting("lo", .arpAnnounce)] = 2
    }
    #expect(found.first { $0.item == "arp_announce of eth0" }?.isRight == isRight)
  }

  @Test(arguments: [3, 8]) func aDevicesOwnValueThatSpoilsAllIsChanged(_ value: Int) {
    var snapshot = UsualServer.snapshot
    snapshot.settings[Setting("eth0", .arpIgnore)] = value
    for change in NeighborSilence().changes(on: snapshot) { change.apply(to: &snapshot) }
    let wrong = NeighborSilence().findings(in: snapshot).filter { !$0.isRight }
    #expect(wrong == [])
  }

  @Test func aVIPInTwoPlacesIsWrong() throws {
    let need = HeldAddresses([UsualServer.vip], on: "lo")
    #expect(findings(need).first?.found == "nowhere")
    #expect(findings(need) { $0.addresses.append(UsualServer.held()) }.first?.isRight == true)
    let both = findings(need) {
      $0.addresses += [UsualServer.held(), UsualServer.held(length: 24, on: "eth0")]
    }
    #expect(both.first?.found == "/32 on lo, /24 on eth0")
    #expect(both.first?.problem?.contains("ip addr del 10.5.0.100/24 dev eth0") == true)
    #expect(both.first?.problem?.contains("dev lo") == false)
  }

  @Test func aVIPThatTheDirectorAloneHoldsIsMissed() {
    let need = AbsentAddresses([UsualServer.vip])
    #expect(findings(need).first?.isRight == true)
    let held = findings(need) { $0.addresses.append(UsualServer.held()) }
    #expect(held.first?.problem?.hasSuffix("ip addr del 10.5.0.100/32 dev lo") == true)
  }

  @Test(arguments: [
    (Encapsulation.ipip, false, 1500, 1440), (.gre, false, 1500, 1436), (.gre, true, 1500, 1432),
    (.gue, false, 1500, 1428), (.ipip, false, 9000, 8940), (.gue, false, 1400, 1328),
  ]) func segmentsFitTheTunnel(_ form: Encapsulation, _ hasChecksum: Bool, _ mtu: Int, _ size: Int)
    throws
  {
    var snapshot = UsualServer.snapshot
    snapshot.devices[1] = .init(name: "eth0", index: 2, mtu: mtu, isUp: true, kind: "veth")
    let need = SegmentSize(routes: [.everything], overhead: form.overhead(hasChecksum: hasChecksum))
    let before = try #require(need.findings(in: snapshot).first)
    #expect(before.found == "none: \(mtu - 40)")
    #expect(before.wanted == "at most \(size)")
    #expect(before.problem?.hasSuffix("default via 10.5.0.1 dev eth0 advmss \(size)") == true)
    for change in try need.changes(on: snapshot) { change.apply(to: &snapshot) }
    #expect(snapshot.routes.map(\.announcedSegmentSize) == [UInt32(size)])
    #expect(need.findings(in: snapshot).first?.isRight == true)
  }

  @Test func aSmallerSegmentSizeAndARoutesOwnMTUCount() throws {
    var snapshot = UsualServer.snapshot
    let need = SegmentSize(routes: [.everything], overhead: 20)
    snapshot.routes = [snapshot.routes[0].announcing(1200)]
    #expect(try need.changes(on: snapshot) == [])
    snapshot.routes = [snapshot.routes[0].announcing(1441)]
    #expect(try need.changes(on: snapshot).count == 1)
    let metrics = NetlinkAttribute.encoded([NetlinkAttribute(2, number: 1400)])
    snapshot.routes = [
      Route(
        destination: .everything,
        attributes: UsualServer.snapshot.routes[0].attributes + [NetlinkAttribute(8, metrics)])
    ]
    #expect(need.findings(in: snapshot).first?.wanted == "at most 1340")
    for change in try need.changes(on: snapshot) { change.apply(to: &snapshot) }
    #expect(snapshot.routes[0].mtu == 1400)
    #expect(snapshot.routes[0].announcedSegmentSize == 1340)
  }

  @Test(arguments: [
    (0, 0, false, true), (0, 1, true, false), (1, 0, true, false), (1, 1, true, false),
    (2, 1, true, true), (0, 2, true, true), (0, 2, false, false),
  ]) func theReversePathIsJudged(_ all: Int, _ own: Int, _ hasAddress: Bool, _ isRight: Bool) {
    let found = findings(ReversePath(device: "tunl0")) { snapshot in
      snapshot.settings[Setting("all", .reversePathFilter)] = all
      snapshot.settings[Setting("tunl0", .reversePathFilter)] = own
      if hasAddress { snapshot.addresses.append(UsualServer.held(on: "tunl0")) }
    }
    #expect(found.map(\.isRight) == [isRight])
  }

  @Test func theDefaultRouteIsJudged() {
    let need = DefaultGateway(IPv4Address(10, 5, 0, 2))
    #expect(findings(need).first?.found == "default via 10.5.0.1 dev eth0")
    #expect(findings(need).first?.isRight == false)
    #expect(findings(need) { $0.routes = [] }.first?.found == "none")
    let right = findings(need) {
      $0.routes.append(
        Route(to: .everything, via: IPv4Address(10, 5, 0, 2), linkIndex: 2, priority: 0))
      $0.routes.removeFirst()
    }
    #expect(right.first?.isRight == true)
  }

  @Test func anotherDeviceOfTheTunnelsNameIsNamed() {
    let need = TunnelDevice(name: "eth0", kind: "ipip")
    #expect(findings(need).first?.found == "veth")
    #expect(throws: ServerError.self) { try need.changes(on: UsualServer.snapshot) }
  }
}
