import Frames
import Neighbors
import TestSupport
import Testing
import Wire

private typealias Net = ExampleNetwork

@Suite struct ResolutionTests {
  private func request(
    _ target: IPv4Address, sender: IPv4Address = Net.inside, mac: MACAddress = Net.insideMAC,
    to destination: MACAddress = .broadcast, port: PortIndex = .lan
  ) -> Sent {
    Sent(
      port: port, frame: arp(.request, from: mac, sender, target, destination: destination))
  }

  private func expect(
    _ sent: [Sent], are expected: [Sent], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(sent.map(\.port) == expected.map(\.port), sourceLocation: sourceLocation)
    expectFrames(sent.map(\.frame), are: expected.map(\.frame), sourceLocation: sourceLocation)
  }

  @Test func asksFromItsOwnAddressOfTheTargetsNetwork() {
    let usual = UsualHost()
    let outcome = usual.use(Net.server1)
    #expect(outcome.verdict == .hold)
    expect(outcome.others, are: [request(Net.server1)])
    expect(
      usual.use(Net.gateway, port: .wan).others,
      are: [request(Net.gateway, sender: Net.outside, mac: Net.outsideMAC, port: .wan)])
  }

  @Test func choosesAmongSeveralOwnAddresses() {
    let second = IPv4InterfaceAddress(IPv4Address(172, 16, 1, 1), length: 24)
    let virtual = IPv4Address(172, 16, 1, 200)
    let usual = UsualHost(ports: [
      ARPHost.Port(
        macAddress: Net.insideMAC,
        addresses: [IPv4InterfaceAddress(Net.inside, length: 24), second],
        virtualAddresses: [virtual])
    ])
    let target = IPv4Address(172, 16, 1, 9)
    expect(
      usual.use(target, port: .wan).others,
      are: [request(target, sender: second.address, port: .wan)])
    // Of none of them: the first own address, and never a virtual one.
    let far = IPv4Address(198, 51, 100, 1)
    expect(usual.use(far, port: .wan).others, are: [request(far, port: .wan)])
  }

  @Test func asksThreeTimesASecondApartAndGivesUp() {
    let usual = UsualHost()
    expect(usual.use(Net.server1).others, are: [request(Net.server1)])
    expect(usual.advance(by: .milliseconds(999)), are: [])
    expect(usual.advance(by: .milliseconds(1)), are: [request(Net.server1)])
    expect(usual.advance(by: .seconds(1)), are: [request(Net.server1)])
    #expect(usual.use(Net.server1).verdict == .hold)
    expect(usual.advance(by: .milliseconds(999)), are: [])
    #expect(usual.state(Net.server1) == .incomplete)
    expect(usual.advance(by: .milliseconds(1)), are: [])
    #expect(usual.state(Net.server1) == .failed)
    #expect(usual.drops[.neighborUnreachable] == 2, "the held frames")
  }

  @Test func asksAgainASecondAfterItGaveUp() {
    let usual = UsualHost()
    _ = usual.use(Net.server1)
    for _ in 0..<3 { usual.advance(by: .seconds(1)) }
    #expect(usual.use(Net.server1).verdict == .drop(.neighborUnreachable))
    usual.advance(by: .milliseconds(999))
    #expect(usual.use(Net.server1).verdict == .drop(.neighborUnreachable))
    usual.advance(by: .milliseconds(1))
    let again = usual.use(Net.server1)
    #expect(again.verdict == .hold)
    expect(again.others, are: [request(Net.server1)])
  }

  @Test func aLateAnswerHealsAFailedNeighbor() {
    let usual = UsualHost()
    _ = usual.use(Net.server1)
    for _ in 0..<3 { usual.advance(by: .seconds(1)) }
    #expect(usual.state(Net.server1) == .failed)
    let answer = arp(.reply, from: Net.server1MAC, Net.server1, to: Net.insideMAC, Net.inside)
    #expect(usual.receive(answer, port: .lan).verdict == .absorb)
    #expect(usual.use(Net.server1).verdict == .transmit(.lan))
  }

  @Test func asksOnceForManyFrames() {
    let usual = UsualHost()
    #expect(usual.use(Net.server1).others.count == 1)
    for number in UInt16(2)..<10 {
      #expect(usual.use(Net.server1, frame: packet(number)).others.isEmpty)
    }
  }

  @Test func aRequestWithoutRoomIsCountedAndRepeated() {
    let usual = UsualHost()
    usual.fillOutbox()
    #expect(usual.use(Net.server1).verdict == .hold)
    #expect(usual.drops[.outboxFull] == 1)
    expect(usual.advance(by: .seconds(1)), are: [request(Net.server1)])
  }

  @Test func tellsWhenItHasWork() {
    let usual = UsualHost()
    #expect(usual.host.nextDeadline == nil)
    _ = usual.use(Net.server1)
    #expect(usual.host.nextDeadline == usual.clock.now.advanced(by: .seconds(1)))
    let idle = UsualHost()
    _ = idle.host.pin(Net.server1, port: .lan, at: idle.clock.now)
    #expect(idle.host.nextDeadline == nil, "a pinned neighbour alone needs nothing")
  }

  /// The same history gives the same frames in the same order, in every run.
  @Test func repeatsRequestsInTheOrderOfTheFirst() {
    let usual = UsualHost()
    let targets = (50..<90).map { IPv4Address(10, 0, 0, $0) }
    for target in targets { _ = usual.use(target) }
    expect(usual.advance(by: .seconds(1)), are: targets.map { request($0) })
  }
}
