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
    #expect(usual.receive(claim(address, operation)).verdict == .drop(.arpConflict))
    usual.advance(by: .nanoseconds(9_999_999_999))
    #expect(usual.receive(claim(address, operation)).verdict == .drop(.arpConflict))
    usual.advance(by: .nanoseconds(1))
    #expect(usual.receive(claim(address, operation)).verdict == .transmit(.wan))
    #expect(usual.host.conflictCount == 4)
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
}
