import Frames
import Neighbors
import TestSupport
import Testing
import Wire

private typealias Net = ExampleNetwork

@Suite struct AnnouncementTests {
  private func announcement(_ address: IPv4Address, port: PortIndex) -> Sent {
    let mac = UsualHost.ports[port.index].macAddress
    return Sent(
      port: port, frame: arp(.request, from: mac, address, to: .broadcast, address))
  }

  private var outside: [Sent] {
    [Net.outside, Net.virtual].map { announcement($0, port: .wan) }
  }

  private func announcing(_ port: PortIndex = .wan) -> UsualHost {
    let usual = UsualHost()
    usual.host.announce(port: port, at: usual.clock.now)
    return usual
  }

  @Test func twoForEachAddressTwoSecondsApart() {
    let usual = announcing()
    #expect(usual.host.nextDeadline == usual.clock.now)
    #expect(usual.advance(by: .zero) == outside)
    #expect(usual.host.nextDeadline == usual.clock.now.advanced(by: .seconds(2)))
    #expect(usual.advance(by: .milliseconds(1999)).isEmpty)
    #expect(usual.advance(by: .milliseconds(1)) == outside)
    #expect(usual.host.nextDeadline == nil)
    #expect(usual.advance(by: .seconds(60)).isEmpty)
  }

  @Test func onlyOfTheOnePort() {
    let usual = announcing(.lan)
    #expect(usual.advance(by: .zero) == [announcement(Net.inside, port: .lan)])
  }

  @Test func beginAnewWhenAskedAgain() {
    let usual = announcing()
    _ = usual.advance(by: .zero)
    usual.host.announce(port: .wan, at: usual.clock.now)
    #expect(usual.advance(by: .zero) == outside)
    #expect(usual.advance(by: .seconds(2)) == outside)
    #expect(usual.advance(by: .seconds(2)).isEmpty)
  }

  @Test func waitForRoomInTheOutbox() {
    let usual = announcing()
    usual.fillOutbox(leaving: 1)
    #expect(usual.advance(by: .zero) == Array(outside.prefix(1)))
    #expect(usual.host.nextDeadline == usual.clock.now, "the other one is still due")
    #expect(usual.advance(by: .milliseconds(5)) == Array(outside.suffix(1)))
    #expect(usual.advance(by: .milliseconds(1995)) == Array(outside.prefix(1)))
    #expect(usual.advance(by: .milliseconds(5)) == Array(outside.suffix(1)))
    #expect(usual.drops.total == 0)
  }

  /// A virtual address may be the port's own one: it is announced as often as others.
  @Test func oneAddressTwiceIsAnnouncedOnce() {
    let usual = UsualHost(ports: [
      ARPHost.Port(
        macAddress: Net.outsideMAC,
        addresses: [IPv4InterfaceAddress(Net.outside, length: 24)],
        virtualAddresses: [Net.outside])
    ])
    usual.host.announce(port: .wan, at: usual.clock.now)
    #expect(usual.advance(by: .zero) == [announcement(Net.outside, port: .wan)])
  }
}
