import Frames
import Neighbors
import TestSupport
import Testing
import Wire

private typealias Net = ExampleNetwork

/// Another station claims an address of ours (RFC 5227 section 2.4 (b)).
@Suite struct ConflictTests {
  private static let thief = MACAddress(rawValue: 0x0200_0000_0666)

  private func claim(
    _ address: IPv4Address = Net.virtual, _ operation: ARPOperation = .request
  ) -> TestFrame {
    arp(operation, from: Self.thief, address, to: Self.thief, address, destination: .broadcast)
  }

  private func announcement(
    _ address: IPv4Address, _ mac: MACAddress = Net.outsideMAC
  ) -> TestFrame {
    arp(.request, from: mac, address, to: .broadcast, address)
  }

  @Test(arguments: [ARPOperation.request, .reply], [Net.virtual, Net.outside])
  func isDefendedOnceInTenSeconds(operation: ARPOperation, address: IPv4Address) {
    let usual = UsualHost()
    let first = usual.receive(claim(address, operation))
    #expect(first.verdict == .transmit(.wan))
    expectFrame(first.frame, is: announcement(address))
    usual.advance(by: .nanoseconds(9_999_999_999))
    #expect(usual.receive(claim(address, operation)).verdict == .drop(.arpConflict))
    #expect(usual.receive(claim(address, operation)).verdict == .drop(.arpConflict))
    let second = UsualHost()
    _ = second.receive(claim(address, operation))
    #expect(second.advance(by: .seconds(10)) == [])
    #expect(second.receive(claim(address, operation)).verdict == .transmit(.wan))
    #expect(usual.host.conflictCount == 3)
  }

  /// Whoever believed a claim that got no answer is told otherwise when the interval is over.
  @Test func hasNotTheLastWord() {
    let usual = UsualHost()
    let defence = [Sent(port: .wan, frame: announcement(Net.virtual))]
    _ = usual.receive(claim())
    #expect(usual.host.nextDeadline == nil)
    usual.advance(by: .seconds(4))
    _ = usual.receive(claim())
    #expect(usual.host.nextDeadline == usual.clock.now.advanced(by: .seconds(6)))
    #expect(usual.advance(by: .nanoseconds(5_999_999_999)) == [])
    #expect(usual.advance(by: .nanoseconds(1)) == defence)
    #expect(usual.receive(claim()).verdict == .drop(.arpConflict), "that one counts, too")
    #expect(usual.advance(by: .seconds(10)) == defence)
    #expect(usual.advance(by: .seconds(10)) == [])
    #expect(usual.host.nextDeadline == nil)
  }

  @Test func theLastWordWaitsForRoomInTheOutbox() {
    let usual = UsualHost()
    for address in [Net.virtual, Net.outside] {
      _ = usual.receive(claim(address))
      _ = usual.receive(claim(address))
    }
    usual.fillOutbox(leaving: 1)
    let first = usual.advance(by: .seconds(10))
    #expect(first.count == 1)
    #expect(usual.host.nextDeadline == usual.clock.now, "the other one is still due")
    let both = first + usual.advance(by: .milliseconds(5))
    let expected = [Net.virtual, Net.outside].map { Sent(port: .wan, frame: announcement($0)) }
    #expect(both.count == 2 && expected.allSatisfy(both.contains))
    #expect(usual.host.nextDeadline == nil)
  }

  @Test func eachAddressIsDefendedForItself() {
    let usual = UsualHost()
    expectFrame(usual.receive(claim()).frame, is: announcement(Net.virtual))
    expectFrame(usual.receive(claim(Net.outside)).frame, is: announcement(Net.outside))
    #expect(usual.receive(claim()).verdict == .drop(.arpConflict))
  }

  @Test func teachesNothing() {
    let usual = UsualHost()
    _ = usual.receive(claim())
    _ = usual.receive(arp(.request, from: Self.thief, Net.virtual, Net.outside))
    #expect(usual.host.neighbors.count == 0)
  }

  /// A claim on a segment where the address does not live is counted and not answered.
  @Test func isNotDefendedOnAnotherPort() {
    let usual = UsualHost()
    #expect(usual.receive(claim(), port: .lan).verdict == .drop(.arpConflict))
    #expect(usual.host.conflictCount == 1)
    #expect(usual.receive(claim()).verdict == .transmit(.wan), "and the defence is not used up")
  }

  @Test func isRemembered() {
    let usual = UsualHost()
    let other = MACAddress(rawValue: 0x0200_0000_0667)
    let began = usual.clock.now
    _ = usual.receive(claim())
    _ = usual.receive(claim(), port: .lan)
    usual.advance(by: .seconds(3))
    _ = usual.receive(claim())
    _ = usual.receive(
      arp(.reply, from: other, Net.outside, to: Net.gatewayMAC, Net.gateway))
    let later = began.advanced(by: .seconds(3))
    let expected = [
      AddressConflict(
        address: Net.virtual, claimant: Self.thief, port: .wan, count: 2, lastSeen: later),
      AddressConflict(
        address: Net.outside, claimant: other, port: .wan, count: 1, lastSeen: later),
      AddressConflict(
        address: Net.virtual, claimant: Self.thief, port: .lan, count: 1, lastSeen: began),
    ]
    #expect(usual.host.conflicts.count == 3)
    #expect(expected.allSatisfy(usual.host.conflicts.contains))
    #expect(usual.host.conflicts.last == expected.last, "the one heard of last comes first")
  }

  /// A station with many link addresses fills nothing but the list.
  @Test func onlyTheLastSixteenAreRemembered() {
    let usual = UsualHost()
    let stations = (0..<1000).map { MACAddress(rawValue: 0x0200_0001_0000 + UInt64($0)) }
    for station in stations {
      _ = usual.receive(
        arp(.request, from: station, Net.virtual, to: station, Net.virtual))
      usual.advance(by: .milliseconds(1))
    }
    #expect(usual.host.conflicts.map(\.claimant) == stations.suffix(16).reversed())
    #expect(usual.host.conflictCount == 1000)
  }
}
