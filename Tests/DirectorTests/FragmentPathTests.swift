import Frames
import TestSupport
import Testing
import Wire

@testable import Director

private typealias Net = ExampleNetwork

/// Fragments on the paths beside plain forwarding: local answers, refusals, unknown next hops.
@Suite struct FragmentPathTests {
  private static let closed = Endpoint(Net.virtual, 9)

  private static func ping(_ count: Int) -> FrameBuilder {
    FrameBuilder.ethernet(from: Net.gatewayMAC, to: Net.outsideMAC)
      .ipv4(from: Net.client, to: Net.virtual).icmp(.echoRequest, rest: 0x1234_0007)
      .payload(count: count).with(\.ip.dontFragment, false).with(\.ip.timeToLive, 3)
  }

  private static func pong(_ request: FrameBuilder) -> FrameBuilder {
    var copy = request
    copy.ethernet = FrameBuilder.ethernet(from: Net.outsideMAC, to: Net.gatewayMAC).ethernet
    copy.ip.source = request.ip.destination
    copy.ip.destination = request.ip.source
    copy.ip.timeToLive = 64
    copy.icmp.type = .echoReply
    return copy
  }

  @Test(arguments: [[1480, 1480], [976, 976, 976], [8], [800, 1480]])
  func aPingIsAnsweredInFragments(lengths: [Int]) {
    let usual = UsualDirector()
    let ping = Self.ping(3000)
    let frames = ping.frame().fragments(lengths)
    let sent = usual.receive(eachOf: frames.reversed())
    #expect(sent.verdicts == frames.dropFirst().map { _ in .hold } + [.absorb])
    // The answer is a packet of our own: it needs no more pieces than the port's MTU wants.
    expectFrames(
      sent.originated.map(\.frame), are: Self.pong(ping).frame().fragments(limit: 1500))
    #expect(sent.originated.allSatisfy { $0.port == .wan })
  }

  /// The answer is not where its last fragment was.
  @Test(arguments: [true, false])
  func aShortPingInFragmentsIsAnsweredWhole(dontFragment: Bool) {
    let usual = UsualDirector()
    let ping = Self.ping(1000)
    let frames = ping.with(\.ip.dontFragment, dontFragment).frame().fragments([504])
    let sent = usual.receive(frames.map { Sent(port: .wan, frame: $0) })
    #expect(sent.outcomes.map(\.verdict) == [.hold, .absorb])
    expectFrames(sent.originated.map(\.frame), are: [Self.pong(ping).frame()])
    #expect(sent.originated.map(\.port) == [.wan])
    #expect(usual.director.counters.datagramsFragmented == 0)
  }

  /// One that came whole by a port of a smaller MTU.
  @Test func aLargePingIsAnsweredInFragments() {
    let usual = UsualDirector(.limited(outsideMTU: 576))
    let ping = Self.ping(1400)
    let sent = usual.receive([Sent(port: .wan, frame: ping.frame())])
    #expect(sent.outcomes[0].verdict == .absorb)
    expectFrames(
      sent.originated.map(\.frame), are: Self.pong(ping).frame().fragments(limit: 576))
  }

  @Test func aPingWithAWrongChecksumIsNotAnswered() {
    let usual = UsualDirector()
    let frames = Self.ping(3000).with(\.icmp.checksum, 1).frame().fragments(limit: 1500)
    let sent = usual.receive(eachOf: frames)
    #expect(sent.verdicts == [.hold, .hold, .drop(.icmpChecksumInvalid)])
    #expect(sent.originated.isEmpty)
  }

  @Test func aFullOutboxLosesWhatLeavesInFragments() {
    for builder in [Self.ping(2000), query().payload(count: 2000).with(\.ip.dontFragment, false)] {
      let usual = UsualDirector()
      let frames = builder.frame().fragments(limit: 1500)
      usual.receive(frames[0])
      usual.fillOutbox()
      #expect(usual.receive(frames[1]).verdict == .drop(.outboxFull))
      #expect(usual.director.counters[.outboxFull] == 1)
      #expect(usual.director.counters.dropped == 1)
      #expect(usual.director.counters.datagramsFragmented == 0)
      #expect(usual.director.reassembly.count == 0)
    }
  }

  // MARK: - Refusals

  /// A reset stands where the segment stood: that is not where its last fragment stood.
  @Test func aSegmentThatNobodyTakesIsAnsweredWithAReset() {
    let usual = UsualDirector()
    let segment = request(.ack, to: Self.closed).payload(count: 100)
      .with(\.ip.dontFragment, false).with(\.tcp.acknowledgment, 0x0102_0304)
    let sent = usual.receive(
      [TestFrame](segment.frame().fragments([64])).map { Sent(port: .wan, frame: $0) })
    let reset = FrameBuilder.ethernet(from: Net.outsideMAC, to: Net.gatewayMAC)
      .ipv4(from: Net.virtual, to: Net.client)
      .tcp(from: 9, to: Net.clientPort, .rst).with(\.tcp.sequence, 0x0102_0304)
      .with(\.tcp.window, 0).with(\.ip.identification, 0)
    #expect(sent.outcomes.map(\.verdict) == [.hold, .absorb])
    expectFrames(sent.originated.map(\.frame), are: [reset.frame()])
    #expect(sent.originated.map(\.port) == [.wan])
    #expect(usual.director.counters.resetsSent == 1)
  }

  @Test func aResetNeedsRoomThen() {
    let usual = UsualDirector()
    let frames = request(.ack, to: Self.closed).payload(count: 100).frame().fragments([64])
    usual.receive(frames[0])
    usual.fillOutbox()
    #expect(usual.receive(frames[1]).verdict == .drop(.outboxFull))
  }

  @Test func errorsQuoteTheWholeDatagram() {
    let rows: [(FrameBuilder, DirectorConfiguration)] = [
      (query(to: Self.closed), .usual()),
      (query(to: .virtual), .usual(services: [.web(weights: [0], protocol: .udp)])),
      (request(.syn), .usual(services: [.web(weights: [0])])),
    ]
    for (base, configuration) in rows {
      let usual = UsualDirector(configuration)
      let whole = base.payload(count: 2000).with(\.ip.dontFragment, false)
      let sent = usual.receive(eachOf: whole.frame().fragments(limit: 1500).reversed())
      expectFrames(
        sent.originated.map(\.frame),
        are: [ownError(.destinationUnreachable, code: 3, about: whole.packet).frame()])
    }
  }

  @Test func theLastHopIsJudgedByTheFirstFragment() {
    let usual = UsualDirector()
    let frames = [UInt8(1), 64].map {
      query().payload(count: 2000).with(\.ip.dontFragment, false).with(\.ip.timeToLive, $0).frame()
        .fragments(limit: 1500)
    }
    let sent = usual.receive(eachOf: [frames[0][0], frames[1][1]])
    #expect(sent.verdicts == [.hold, .drop(.timeToLiveExceeded)])
    #expect(sent.originated.count == 1)
  }

  @Test func aWrongChecksumIsSeenInTheWhole() {
    let usual = UsualDirector()
    let frames = query(to: Self.closed).payload(count: 2000).with(\.udp.checksum, 1)
      .with(\.ip.dontFragment, false).frame().fragments(limit: 1500)
    let sent = usual.receive(eachOf: frames)
    #expect(sent.verdicts == [.hold, .drop(.noService)])
    #expect(sent.originated.isEmpty)
  }

  @Test func sourcesAreCheckedInTheWhole() {
    for source in [Net.virtual, Net.inside, IPv4Address(192, 0, 2, 255)] {
      let usual = UsualDirector()
      let frames = query().payload(count: 2000).with(\.ip.source, source)
        .with(\.ip.dontFragment, false).frame().fragments(limit: 1500)
      #expect(usual.receive(eachOf: frames).verdicts.last == .drop(.ipSourceInvalid))
    }
  }

  // MARK: - Next hops

  @Test func fragmentsWaitForTheirNextHop() {
    let usual = UsualDirector(knowsNeighbors: false)
    let whole = query().payload(count: 4000).with(\.ip.dontFragment, false)
    let frames = whole.frame().fragments(limit: 1500)
    let sent = usual.receive(eachOf: frames.reversed())
    #expect(sent.verdicts == [.hold, .hold, .absorb])
    #expect(sent.originated.count == 1, "an ARP request")
    #expect(usual.receive(query().payload("more")).verdict == .hold)
    let answer = Sent(port: .lan, frame: arpReply(of: Net.server1, Net.server1MAC))
    let released = usual.receive([answer]).originated
    expectFrames(
      released.map(\.frame),
      are: whole.translated(to: .realDNS).frame().fragments(limit: 1500)
        + [query().payload("more").translated(to: .realDNS).frame()])
    #expect(usual.director.counters.dropped == 0)
  }

  @Test func aLargeSegmentWaitsInFragments() {
    let usual = UsualDirector(.limited(insideMTU: 600), knowsNeighbors: false)
    let large = request(.syn).payload(count: 1400).with(\.ip.dontFragment, false)
    #expect(usual.receive(large).verdict == .absorb)
    let answer = Sent(port: .lan, frame: arpReply(of: Net.server1, Net.server1MAC))
    expectFrames(
      usual.receive([answer]).originated.map(\.frame),
      are: large.translated(to: .real).frame().fragments(limit: 600))
  }

  @Test func anUnreachableNextHopEndsTheDatagram() {
    let usual = UsualDirector(knowsNeighbors: false)
    usual.director.installNeighbor(
      Net.gateway, mac: Net.gatewayMAC, port: .wan, at: usual.clock.now)
    usual.receive(query())
    for _ in 0..<3 { usual.advance(by: .seconds(1)) }
    let whole = query().payload(count: 2000).with(\.ip.dontFragment, false)
    let sent = usual.receive(eachOf: whole.frame().fragments(limit: 1500))
    #expect(sent.verdicts == [.hold, .drop(.neighborUnreachable)])
    let checksum = whole.translated(to: .realDNS).transportChecksum
    expectFrames(
      sent.originated.map(\.frame),
      are: [
        ownError(
          .destinationUnreachable, code: 1,
          about: whole.with(\.ip.timeToLive, 63).withTransportChecksum(checksum).packet, number: 2
        ).frame()
      ])
  }
}
