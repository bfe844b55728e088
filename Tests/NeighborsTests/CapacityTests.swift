import Frames
import Neighbors
import TestSupport
import Testing
import Wire

private typealias Net = ExampleNetwork

/// How many neighbours are kept, and which go.
@Suite struct CapacityTests {
  /// A host with one port on 10.0.0.0/8, which holds more stations than the table.
  private func wide() -> UsualHost {
    UsualHost(ports: [
      ARPHost.Port(
        macAddress: Net.insideMAC, addresses: [IPv4InterfaceAddress(Net.inside, length: 8)],
        virtualAddresses: [])
    ])
  }

  private func address(_ number: Int) -> IPv4Address {
    IPv4Address(rawValue: 0x0a40_0000 + UInt32(number))
  }

  private func mac(_ number: Int) -> MACAddress {
    MACAddress(rawValue: 0x0200_4000_0000 + UInt64(number))
  }

  private func knock(_ usual: UsualHost, _ number: Int) -> Verdict {
    usual.receive(arp(.request, from: mac(number), address(number), Net.inside)).verdict
  }

  private var capacity: Int { NeighborTable.capacity }

  @Test func unusedNeighborsAreForgottenAfterAMinute() {
    let usual = UsualHost()
    _ = usual.receive(arp(.request, from: Net.server1MAC, Net.server1, Net.inside), port: .lan)
    for _ in 0..<60 { usual.advance(by: .seconds(1)) }
    #expect(usual.state(Net.server1) == .stale)
    usual.advance(by: .seconds(1))
    #expect(usual.state(Net.server1) == nil)
    #expect(usual.host.neighbors.count == 0)
    #expect(usual.host.nextDeadline == nil)
  }

  @Test func aUseKeepsANeighborForAnotherMinute() {
    let usual = UsualHost()
    _ = usual.receive(arp(.request, from: Net.server1MAC, Net.server1, Net.inside), port: .lan)
    for _ in 0..<50 { usual.advance(by: .seconds(1)) }
    #expect(usual.use(Net.server1).verdict == .transmit(.lan))
    for _ in 0..<50 { usual.advance(by: .seconds(1)) }
    #expect(usual.state(Net.server1) != nil)
    for _ in 0..<12 { usual.advance(by: .seconds(1)) }
    #expect(usual.state(Net.server1) == nil)
  }

  @Test func pinnedNeighborsAreNeverForgotten() {
    let usual = UsualHost()
    let index = usual.host.pin(Net.server1, port: .lan, at: usual.clock.now)
    for _ in 0..<10 { usual.advance(by: .seconds(600)) }
    #expect(usual.host.neighbors.index(of: Net.server1, port: .lan) == index)
    #expect(usual.host.pin(Net.server1, port: .lan, at: usual.clock.now) == index, "once only")
  }

  /// 5000 stations introduce themselves: the table stays bounded, gateway and servers stay usable at
  /// their places, and the newest stations are known.
  @Test func aFloodOfStationsDisplacesOnlyStations() {
    let usual = wide()
    let now = usual.clock.now
    let servers = [Net.server1, Net.server2]
    let places = servers.map { usual.host.pin($0, port: .wan, at: now) }
    usual.host.install(Net.server1, mac: Net.server1MAC, port: .wan, at: now)
    for number in 0..<5000 {
      #expect(knock(usual, number) == .transmit(.wan), "everybody is answered")
      usual.clock.advance(by: .microseconds(100))
    }
    #expect(usual.host.neighbors.count == capacity)
    #expect(servers.map { usual.host.neighbors.index(of: $0, port: .wan) } == places)
    #expect(usual.use(Net.server1, port: .wan).verdict == .transmit(.wan))
    let kept = (0..<5000).filter { usual.state(address($0), port: .wan) != nil }
    #expect(kept.count == capacity - 2)
    #expect(kept.contains(4999))
  }

  @Test func aStationInUseOutlivesTheFlood() {
    let usual = wide()
    #expect(knock(usual, 9000) == .transmit(.wan))
    for number in 0..<3000 {
      #expect(usual.use(address(9000), port: .wan).verdict == .transmit(.wan))
      _ = knock(usual, number)
      if number.isMultiple(of: 500) { usual.advance(by: .seconds(1)) }
    }
    #expect(usual.state(address(9000), port: .wan) != nil)
  }

  /// A neighbour in an evicted one's place begins with nothing of it.
  @Test func aPlaceIsUsedAgainClean() {
    let usual = wide()
    for number in 0..<capacity { _ = knock(usual, number) }
    let outcome = usual.use(address(5000), port: .wan)
    #expect(outcome.verdict == .hold)
    #expect(usual.state(address(5000), port: .wan) == .incomplete)
    #expect(usual.mac(address(5000), port: .wan) == .zero)
    #expect(usual.host.neighbors.count == capacity)
  }

  @Test func aTableFullOfWaitingFramesTakesNobody() {
    let usual = wide()
    for number in 0..<capacity {
      #expect(usual.use(address(number), port: .wan).verdict == .hold)
    }
    #expect(usual.use(address(5000), port: .wan).verdict == .drop(.neighborTableFull))
    #expect(knock(usual, 5000) == .transmit(.wan), "answered, not learned")
    #expect(usual.state(address(5000), port: .wan) == nil)
    for _ in 0..<3 { usual.advance(by: .seconds(1)) }
    #expect(usual.drops[.neighborUnreachable] == UInt64(capacity))
    #expect(usual.use(address(5000), port: .wan).verdict == .hold, "room again")
  }

  @Test func aTableFullOfPinnedNeighborsPinsNoMore() {
    let usual = wide()
    let now = usual.clock.now
    for number in 0..<capacity {
      #expect(usual.host.pin(address(number), port: .wan, at: now) != nil)
    }
    #expect(usual.host.pin(address(5000), port: .wan, at: now) == nil)
    #expect(usual.use(address(5000), port: .wan).verdict == .drop(.neighborTableFull))
  }
}
