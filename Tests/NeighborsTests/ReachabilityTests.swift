import Frames
import Neighbors
import TestSupport
import Testing
import Wire

private typealias Net = ExampleNetwork

/// A neighbour's way through its states, each with its time.
@Suite struct ReachabilityTests {
  private let answer = arp(
    .reply, from: Net.server1MAC, Net.server1, to: Net.insideMAC, Net.inside)

  private func confirmed() -> UsualHost {
    let usual = UsualHost()
    _ = usual.host.pin(Net.server1, port: .lan, at: usual.clock.now)
    _ = usual.use(Net.server1)
    _ = usual.receive(answer, port: .lan)
    return usual
  }

  private func request(to destination: MACAddress) -> TestFrame {
    arp(
      .request, from: Net.insideMAC, Net.inside, Net.server1, destination: destination)
  }

  private func used(_ usual: UsualHost) -> UsualHost {
    #expect(usual.use(Net.server1).verdict == .transmit(.lan))
    return usual
  }

  /// Moves second by second, so that uses are noticed, with a use each.
  private func busy(_ usual: UsualHost, seconds: Int) -> [TestFrame] {
    (0..<seconds).flatMap { _ in
      _ = used(usual)
      return usual.advance(by: .seconds(1)).map(\.frame)
    }
  }

  @Test func reachableHoldsFor30Seconds() {
    let usual = confirmed()
    #expect(busy(usual, seconds: 29).isEmpty)
    usual.advance(by: .milliseconds(999))
    #expect(usual.state(Net.server1) == .reachable)
    usual.advance(by: .milliseconds(1))
    #expect(usual.state(Net.server1) == .stale)
    #expect(usual.drops.total == 0)
  }

  @Test func staleIsKeptWhileUnusedAndAsksNobody() {
    let usual = confirmed()
    for _ in 0..<600 { #expect(usual.advance(by: .seconds(1)).isEmpty) }
    #expect(usual.state(Net.server1) == .stale)
    #expect(used(usual).state(Net.server1) == .stale, "the use is noticed at the next sweep")
    usual.advance(by: .seconds(1))
    #expect(usual.state(Net.server1) == .delay)
  }

  @Test func delayEndsByAskingTheNeighborItself() {
    let usual = confirmed()
    usual.advance(by: .seconds(30))
    _ = used(usual)
    #expect(usual.advance(by: .seconds(1)).isEmpty)
    #expect(usual.state(Net.server1) == .delay)
    #expect(usual.advance(by: .milliseconds(4999)).isEmpty)
    let probes = usual.advance(by: .milliseconds(1))
    expectFrames(probes.map(\.frame), are: [request(to: Net.server1MAC)])
    #expect(usual.state(Net.server1) == .probe)
    #expect(used(usual).state(Net.server1) == .probe, "still used")
  }

  private func probing() -> UsualHost {
    let usual = confirmed()
    usual.advance(by: .seconds(30))
    _ = used(usual)
    usual.advance(by: .seconds(1))
    usual.advance(by: .seconds(5))
    return usual
  }

  @Test func threeUnicastAndThreeBroadcastProbesThenFailure() {
    let usual = probing()
    let probes = (0..<5).flatMap { _ in usual.advance(by: .seconds(1)).map(\.frame) }
    let unicast = request(to: Net.server1MAC)
    let broadcast = request(to: .broadcast)
    expectFrames(probes, are: [unicast, unicast, broadcast, broadcast, broadcast])
    #expect(used(usual).state(Net.server1) == .probe)
    #expect(usual.advance(by: .seconds(1)).isEmpty)
    #expect(usual.state(Net.server1) == .failed)
    #expect(usual.use(Net.server1).verdict == .drop(.neighborUnreachable))
    #expect(usual.mac(Net.server1) == Net.server1MAC, "known, but not used")
  }

  @Test func anAnswerEndsTheProbing() {
    let usual = probing()
    usual.advance(by: .seconds(4))
    _ = usual.receive(answer, port: .lan)
    #expect(usual.state(Net.server1) == .reachable)
    #expect(usual.advance(by: .seconds(29)).isEmpty)
    #expect(usual.state(Net.server1) == .reachable)
  }

  @Test func anAnswerFromANewCardIsTakenAtOnceWhileItIsOld() {
    let usual = probing()
    _ = usual.receive(
      arp(.reply, from: Net.server2MAC, Net.server1, to: Net.insideMAC, Net.inside), port: .lan)
    #expect(usual.mac(Net.server1) == Net.server2MAC)
    #expect(usual.state(Net.server1) == .reachable)
  }

  @Test func anInstalledNeighborIsReachable() {
    let usual = UsualHost()
    usual.host.install(Net.server1, mac: Net.server1MAC, port: .lan, at: usual.clock.now)
    #expect(usual.state(Net.server1) == .reachable)
    #expect(used(usual).mac(Net.server1) == Net.server1MAC)
  }

  @Test func onlySomeStatesAreUsable() {
    let usable: Set<NeighborState> = [.reachable, .stale, .delay, .probe]
    for state in NeighborState.allCases { #expect(state.isUsable == usable.contains(state)) }
    #expect(
      NeighborState.allCases.map(\.name) == [
        "IDLE", "INCOMPLETE", "REACHABLE", "STALE", "DELAY", "PROBE", "FAILED",
      ])
  }
}
