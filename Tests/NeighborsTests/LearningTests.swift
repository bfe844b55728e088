import Frames
import Neighbors
import TestSupport
import Testing
import Wire

private typealias Net = ExampleNetwork

/// What the host believes of what it is told, and when it changes its mind.
@Suite struct LearningTests {
  static let thief = MACAddress(rawValue: 0x0200_0000_0666)

  private func request(_ mac: MACAddress = Net.server1MAC) -> TestFrame {
    arp(.request, from: mac, Net.server1, Net.inside)
  }

  private func reply(_ mac: MACAddress = Net.server1MAC, to: MACAddress? = nil) -> TestFrame {
    arp(.reply, from: mac, Net.server1, to: Net.insideMAC, Net.inside, destination: to)
  }

  private func gratuitous(_ operation: ARPOperation, _ mac: MACAddress) -> TestFrame {
    arp(
      operation, from: mac, Net.server1, to: operation == .reply ? mac : .zero, Net.server1,
      destination: .broadcast)
  }

  @Test func aRequestForUsMakesAStaleNeighbor() {
    let usual = UsualHost()
    #expect(usual.receive(request(), port: .lan).verdict == .transmit(.lan))
    #expect(usual.state(Net.server1) == .stale)
    #expect(usual.mac(Net.server1) == Net.server1MAC)
    #expect(usual.use(Net.server1).verdict == .transmit(.lan), "and is used at once")
  }

  @Test func aRequestForOthersUpdatesButNeverCreates() {
    let usual = UsualHost()
    let question = arp(.request, from: Net.server1MAC, Net.server1, Net.server2)
    #expect(usual.receive(question, port: .lan).verdict == .drop(.arpNotForUs))
    #expect(usual.state(Net.server1) == nil)
    _ = usual.use(Net.server1)
    #expect(usual.state(Net.server1) == .incomplete)
    #expect(usual.receive(question, port: .lan).verdict == .absorb)
    #expect(usual.state(Net.server1) == .stale)
  }

  @Test func aReplyWithoutEntryIsUnsolicited() {
    let usual = UsualHost()
    #expect(usual.receive(reply(), port: .lan).verdict == .drop(.arpUnsolicited))
    #expect(usual.state(Net.server1) == nil)
    // Nor is one believed that comes in by another port than the question went out.
    _ = usual.use(Net.server1)
    #expect(usual.receive(reply(), port: .wan).verdict == .drop(.arpUnsolicited))
    #expect(usual.state(Net.server1) == .incomplete)
  }

  @Test func aPinnedNeighborThatNobodyAskedForIsNotTold() {
    let usual = UsualHost()
    let index = usual.host.pin(Net.server1, port: .lan, at: usual.clock.now)
    #expect(index != nil)
    #expect(usual.receive(reply(), port: .lan).verdict == .drop(.arpUnsolicited))
    #expect(usual.state(Net.server1) == .idle)
  }

  @Test func aUnicastReplyConfirmsABroadcastOneOnlyTells() {
    let usual = UsualHost()
    _ = usual.use(Net.server1)
    #expect(usual.receive(reply(), port: .lan).verdict == .absorb)
    #expect(usual.state(Net.server1) == .reachable)
    let other = UsualHost()
    _ = other.use(Net.server1)
    #expect(other.receive(reply(to: .broadcast), port: .lan).verdict == .absorb)
    #expect(other.state(Net.server1) == .stale)
  }

  @Test func theFirstAnswerWinsWithinTheLockTime() {
    let usual = UsualHost()
    _ = usual.use(Net.server1)
    _ = usual.receive(reply(), port: .lan)
    usual.advance(by: .seconds(1))
    #expect(usual.receive(reply(Self.thief), port: .lan).verdict == .drop(.arpUnsolicited))
    #expect(usual.receive(request(Self.thief), port: .lan).verdict == .transmit(.lan))
    #expect(usual.mac(Net.server1) == Net.server1MAC)
    usual.advance(by: .nanoseconds(1))
    #expect(usual.receive(reply(Self.thief), port: .lan).verdict == .absorb)
    #expect(usual.mac(Net.server1) == Self.thief)
  }

  @Test(arguments: [ARPOperation.request, .reply])
  func aGratuitousUpdateIsBelievedAtOnce(operation: ARPOperation) {
    let usual = UsualHost()
    _ = usual.use(Net.server1)
    _ = usual.receive(reply(), port: .lan)
    let outcome = usual.receive(gratuitous(operation, Net.server2MAC), port: .lan)
    #expect(outcome.verdict == .absorb)
    #expect(usual.mac(Net.server1) == Net.server2MAC)
    #expect(usual.state(Net.server1) == .stale)
    expectFrame(
      usual.use(Net.server1).frame,
      is: packet(1).addressed(from: Net.insideMAC, to: Net.server2MAC))
  }

  @Test(arguments: [ARPOperation.request, .reply])
  func aGratuitousUpdateCreatesNothing(operation: ARPOperation) {
    let usual = UsualHost()
    let outcome = usual.receive(gratuitous(operation, Net.server1MAC), port: .lan)
    #expect(
      outcome.verdict == .drop(operation == .request ? .arpNotForUs : .arpUnsolicited))
    #expect(usual.host.neighbors.count == 0)
  }

  /// A reply about itself whose target link address is another's is no announcement (section 3 of
  /// RFC 5227), so that the lock time holds.
  @Test func aReplyToOthersIsNotGratuitous() {
    let usual = UsualHost()
    _ = usual.use(Net.server1)
    _ = usual.receive(reply(), port: .lan)
    let outcome = usual.receive(
      arp(.reply, from: Self.thief, Net.server1, to: Net.insideMAC, Net.server1), port: .lan)
    #expect(outcome.verdict == .drop(.arpUnsolicited))
    #expect(usual.mac(Net.server1) == Net.server1MAC)
  }

  @Test func aToldAddressDoesNotWeakenAConfirmedOne() {
    let usual = UsualHost()
    _ = usual.use(Net.server1)
    _ = usual.receive(reply(), port: .lan)
    _ = usual.receive(request(), port: .lan)
    #expect(usual.state(Net.server1) == .reachable)
  }
}
