import Frames
import Neighbors
import TestSupport
import Testing
import Wire

private typealias Net = ExampleNetwork

/// Real servers that have a virtual address are asked for it: one that answers is in the wrong.
@Suite struct ProbeTests {
  private static let server = MACAddress(rawValue: 0x0200_0000_0101)

  private let usual = UsualHost(ports: [
    ARPHost.Port(
      macAddress: Net.outsideMAC, addresses: [IPv4InterfaceAddress(Net.outside, length: 24)],
      virtualAddresses: [Net.virtual], sharedAddresses: [Net.virtual])
  ])

  private let probe = Sent(
    port: .wan, frame: arp(.request, from: Net.outsideMAC, .unspecified, to: .zero, Net.virtual))

  /// The host after its announcements of two addresses, two seconds after it began.
  private func announced() {
    usual.host.announce(port: .wan, at: usual.clock.now)
    #expect(usual.advance(by: .zero).count == 2)
    #expect(usual.host.nextDeadline == usual.clock.now.advanced(by: .seconds(1)))
    #expect(usual.advance(by: .seconds(1)) == [probe])
    #expect(usual.advance(by: .seconds(1)).count == 2)
  }

  @Test func followsTheAnnouncementAndComesEveryThirtySeconds() {
    announced()
    #expect(usual.advance(by: .nanoseconds(28_999_999_999)) == [])
    #expect(usual.advance(by: .nanoseconds(1)) == [probe])
    #expect(usual.host.nextDeadline == usual.clock.now.advanced(by: .seconds(30)))
    #expect(usual.advance(by: .seconds(30)) == [probe])
  }

  @Test func theAnswerIsAClaim() {
    announced()
    let answer = arp(.reply, from: Self.server, Net.virtual, to: Net.outsideMAC, .unspecified)
    let outcome = usual.receive(answer)
    #expect(outcome.verdict == .transmit(.wan))
    expectFrame(
      outcome.frame,
      is: arp(.request, from: Net.outsideMAC, Net.virtual, to: .broadcast, Net.virtual))
    #expect(usual.host.conflicts.map(\.claimant) == [Self.server])
  }

  @Test func beginsAnewWithTheAnnouncements() {
    announced()
    announced()
    #expect(usual.advance(by: .seconds(29)) == [probe], "one, not two")
  }

  @Test func waitsForRoomInTheOutbox() {
    announced()
    usual.fillOutbox()
    #expect(usual.advance(by: .seconds(29)) == [])
    #expect(usual.host.nextDeadline == usual.clock.now, "it is still due")
    #expect(usual.advance(by: .zero) == [probe])
  }
}
