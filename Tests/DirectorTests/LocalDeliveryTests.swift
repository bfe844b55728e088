import Director
import Frames
import TestSupport
import Testing
import Wire

private typealias Net = ExampleNetwork

/// Pings to the director's own addresses.
@Suite struct LocalDeliveryTests {
  private func ping(
    to target: IPv4Address = Net.virtual, type: ICMPv4Type = .echoRequest
  ) -> FrameBuilder {
    FrameBuilder.ethernet(from: Net.gatewayMAC, to: Net.outsideMAC)
      .ipv4(from: Net.client, to: target).icmp(type, rest: 0x1234_0007).payload(count: 56)
  }

  private func pong(_ request: FrameBuilder) -> FrameBuilder {
    var copy = request
    copy.ethernet.source = Net.outsideMAC
    copy.ethernet.destination = Net.gatewayMAC
    copy.ip.source = request.ip.destination
    copy.ip.destination = request.ip.source
    copy.ip.timeToLive = 64
    copy.ip.dontFragment = false
    copy.icmp.type = .echoReply
    copy.minimumLength = 0
    return copy
  }

  @Test(arguments: [Net.virtual, Net.outside, Net.inside])
  func isAnsweredForEachAddress(target: IPv4Address) {
    let usual = UsualDirector()
    let outcome = usual.receive(ping(to: target))
    #expect(outcome.verdict == .transmit(.wan))
    expectFrame(outcome.frame, is: pong(ping(to: target)).frame())
    #expect(usual.director.connectionCount == 0)
  }

  @Test func keepsWhatTheRequestBrought() {
    let variations = [
      ping().payload([]), ping().payload("odd"), ping().payload(count: 1472),
      ping().with(\.ip.options, [7, 7, 4, 0, 0, 0, 0, 0]), ping().with(\.ip.typeOfService, 0x48),
      ping().with(\.ip.timeToLive, 1), ping().with(\.ip.timeToLive, 255),
      ping().payload("x").with(\.minimumLength, 60), ping().with(\.ip.dontFragment, false),
    ]
    let usual = UsualDirector()
    for request in variations {
      expectFrame(usual.receive(request).frame, is: pong(request).frame())
    }
  }

  @Test func needsNoNeighbor() {
    let usual = UsualDirector(knowsNeighbors: false)
    #expect(usual.receive(ping()).verdict == .transmit(.wan))
  }

  @Test func virtualAddressesWithoutServiceAnswer() {
    var configuration = DirectorConfiguration.usual()
    let lone = IPv4Address(192, 0, 2, 101)
    configuration.virtualAddresses = [lone]
    let usual = UsualDirector(configuration)
    #expect(usual.receive(ping(to: lone)).verdict == .transmit(.wan))
  }
}

/// ARP through a whole director.
@Suite struct DirectorARPTests {
  private func question(_ target: IPv4Address) -> TestFrame {
    FrameBuilder.ethernet(from: Net.server1MAC, to: .broadcast)
      .arp(
        ARPFields(
          operation: .request, senderMAC: Net.server1MAC, senderAddress: Net.server1,
          targetMAC: .zero, targetAddress: target)
      ).frame()
  }

  private func answering(
    _ configuration: DirectorConfiguration, _ target: IPv4Address
  ) -> [PortIndex] {
    let usual = UsualDirector(configuration)
    return configuration.ports.indices.map { PortIndex($0) }.filter { port in
      usual.receive(question(target), port: port).verdict == .transmit(port)
    }
  }

  private func port(_ mac: UInt64, _ address: IPv4Address) -> DirectorConfiguration.Port {
    .init(
      name: "more", macAddress: MACAddress(rawValue: mac),
      addresses: [IPv4InterfaceAddress(address, length: 24)])
  }

  @Test func aVIPIsAnsweredForWhereItsNetworkIs() {
    let usual = DirectorConfiguration.usual()
    #expect(answering(usual, Net.virtual) == [.wan])
    #expect(answering(usual, Net.outside) == [.wan])
    #expect(answering(usual, Net.inside) == [.lan])
  }

  @Test func aVIPOfNoNetworkIsAnsweredForEverywhere() {
    var configuration = DirectorConfiguration.usual()
    configuration.services = [.web(at: Endpoint(IPv4Address(203, 0, 113, 1), 80))]
    #expect(answering(configuration, IPv4Address(203, 0, 113, 1)) == [.wan, .lan])
  }

  @Test func twoPortsOfOneSegmentGiveOneAnswer() {
    var configuration = DirectorConfiguration.usual()
    configuration.ports.append(port(0x0200_0000_0012, IPv4Address(192, 0, 2, 11)))
    #expect(answering(configuration, Net.virtual) == [.wan])
  }

  /// A service on a port's own address lives on that port, even if another port has the network.
  @Test func aServiceOnAnOwnAddressIsAnsweredForByItsPort() {
    var configuration = DirectorConfiguration.usual()
    let own = IPv4Address(192, 0, 2, 11)
    configuration.ports.append(port(0x0200_0000_0012, own))
    configuration.services = [.web(at: Endpoint(own, 80))]
    #expect(answering(configuration, own) == [PortIndex(2)])
  }

  @Test func announcesAllAddressesAtTheStart() throws {
    let clock = ManualClock()
    var director = try Director(configuration: .usual(), seed: 1, at: clock.now)
    var outbox = FrameBatch()
    director.advance(to: clock.now, outbox: &outbox)
    let senders = (0..<outbox.count).map { index in
      TestFrame(copying: outbox, at: index).description
    }
    #expect(senders.count == 3)
    for address in [Net.virtual, Net.outside, Net.inside] {
      #expect(senders.contains { $0.contains("target address            \(address)") })
    }
    #expect(director.counters.originated == 3)
  }
}
