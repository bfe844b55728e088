import Frames
import Neighbors
import TestSupport
import Testing
import Wire

private typealias Net = ExampleNetwork

/// What an operator hears of addresses, and how often.
@Suite struct NoticeTests {
  private static let thief = MACAddress(rawValue: 0x0200_0000_0666)

  private func claim(_ address: IPv4Address = Net.virtual) -> TestFrame {
    arp(.request, from: Self.thief, address, to: Self.thief, address, destination: .broadcast)
  }

  private func claimed(_ count: UInt64, _ address: IPv4Address = Net.virtual) -> AddressNotice {
    AddressNotice(address: address, port: .wan, event: .claimed(by: Self.thief), count: count)
  }

  @Test func theFirstClaimAtOnceTheOthersTogether() {
    let usual = UsualHost()
    _ = usual.receive(claim())
    #expect(usual.host.takeNotices() == [claimed(1)])
    for _ in 0..<5 {
      usual.advance(by: .seconds(1))
      _ = usual.receive(claim())
      #expect(usual.host.takeNotices() == [])
    }
    #expect(usual.host.nextDeadline == usual.clock.now.advanced(by: .seconds(5)))
    usual.advance(by: .seconds(5))
    #expect(usual.host.takeNotices() == [claimed(5)])
    usual.advance(by: .seconds(10))
    #expect(usual.host.takeNotices() == [])
    #expect(usual.host.nextDeadline == nil)
    _ = usual.receive(claim())
    #expect(usual.host.takeNotices() == [claimed(1)])
  }

  @Test func eachAddressHasNoticesOfItsOwn() {
    let usual = UsualHost()
    _ = usual.receive(claim())
    _ = usual.receive(claim(Net.outside))
    _ = usual.receive(claim())
    #expect(usual.host.takeNotices() == [claimed(1), claimed(1, Net.outside)])
  }

  /// A pinned neighbour that answers with another link address has moved; others come and go.
  @Test(arguments: [true, false])
  func aGatewayOrServerThatMovedIsNoticed(isPinned: Bool) {
    let usual = UsualHost()
    if isPinned { _ = usual.host.pin(Net.server1, port: .lan, at: usual.clock.now) }
    func answer(_ mac: MACAddress) {
      let frame = arp(.reply, from: mac, Net.server1, to: Net.insideMAC, Net.inside)
      _ = usual.receive(frame, port: .lan)
    }
    _ = usual.use(Net.server1)
    answer(Net.server1MAC)
    #expect(usual.host.takeNotices() == [], "it was nowhere before")
    usual.advance(by: .seconds(2))
    answer(Net.server1MAC)
    #expect(usual.host.takeNotices() == [])
    answer(Self.thief)
    #expect(usual.host.takeNotices() == [], "the first one wins within the lock time")
    usual.advance(by: .seconds(2))
    answer(Self.thief)
    let moved = AddressNotice(
      address: Net.server1, port: .lan, event: .moved(from: Net.server1MAC, to: Self.thief),
      count: 1)
    #expect(usual.mac(Net.server1) == Self.thief)
    #expect(usual.host.takeNotices() == (isPinned ? [moved] : []))
    for mac in [Net.server1MAC, Self.thief] {
      usual.advance(by: .seconds(2))
      answer(mac)
      #expect(usual.host.takeNotices() == [])
    }
    usual.advance(by: .seconds(10))
    #expect(usual.host.takeNotices().map(\.count) == (isPinned ? [2] : []))
  }

  /// Claims of very many addresses give 64 notices in ten seconds and no more.
  @Test func areBounded() {
    let addresses = (0..<200).map { IPv4Address(rawValue: Net.outside.rawValue + 1 + $0) }
    let usual = UsualHost(ports: [
      ARPHost.Port(
        macAddress: Net.outsideMAC, addresses: [.init(Net.outside, length: 16)],
        virtualAddresses: addresses)
    ])
    for _ in 0..<3 { for address in addresses { _ = usual.receive(claim(address)) } }
    usual.advance(by: .seconds(10))
    #expect(usual.host.takeNotices() == addresses.prefix(64).map { claimed(1, $0) })
    usual.advance(by: .seconds(10))
    for address in addresses.reversed() { _ = usual.receive(claim(address)) }
    #expect(usual.host.takeNotices().count == 64)
    #expect(usual.host.conflictCount == 800)
  }
}
