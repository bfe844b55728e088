import Director
import Frames
import TestSupport
import Testing
import Wire

private typealias Net = ExampleNetwork

/// Routes with an MTU of their own, and frames that stand for several segments.
@Suite struct RouteMTUTests {
  private static let timestamps: [UInt8] = [1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2]

  /// The first server behind a route of 1400, and the client behind one of 1300; the second server
  /// is an ordinary neighbour.
  private static var routed: DirectorConfiguration {
    var configuration = DirectorConfiguration.usual(services: [.web(weights: [1, 1]), .dns])
    configuration.ports[0].routes = [
      .init(to: IPv4Prefix(Net.client, length: 24), via: Net.gateway, mtu: 1300)
    ]
    configuration.ports[1].routes = [
      .init(to: IPv4Prefix(Net.server1, length: 32), via: nil, mtu: 1400)
    ]
    return configuration
  }

  private func opened(
    _ configuration: DirectorConfiguration = routed, isFast: Bool = true
  ) -> UsualDirector {
    let usual = UsualDirector(configuration)
    usual.director.isFastPathEnabled = isFast
    // The newest server comes first.
    usual.receive(request(.syn, from: Endpoint(Net.client, 7)))
    usual.receive(request(.syn))
    usual.receive(query())
    #expect(usual.connection?.destination == .real || configuration.services[0].servers.count == 1)
    return usual
  }

  @Test(arguments: [true, false])
  func countsForItsDestinationOnly(isFast: Bool) {
    let usual = opened(isFast: isFast)
    let other = Endpoint(Net.client, 7)
    let fitting = request(.ack).payload(count: 1360)
    let large = request(.ack).payload(count: 1361)
    expectFrame(usual.receive(fitting).frame, is: fitting.translated(to: .real).frame())
    let sent = usual.receive([Sent(port: .wan, frame: large.frame())])
    #expect(sent.outcomes[0].verdict == .drop(.mtuExceeded))
    expectFrames(
      sent.originated.map(\.frame),
      are: [
        ownError(
          .destinationUnreachable, code: 4, rest: 1400,
          about: large.with(\.ip.timeToLive, 63).packet
        ).frame()
      ])
    let full = request(.ack, from: other).payload(count: 1460)
    #expect(usual.receive(full).verdict == .transmit(.lan))
  }

  @Test(arguments: [true, false])
  func countsForRepliesByARouter(isFast: Bool) {
    let usual = opened(isFast: isFast)
    #expect(usual.receiveReply(reply(.ack).payload(count: 1260)).verdict == .transmit(.wan))
    let large = reply(.ack).payload(count: 1261)
    let sent = usual.receive([Sent(port: .lan, frame: large.frame())])
    #expect(sent.outcomes[0].verdict == .drop(.mtuExceeded))
    expectFrames(
      sent.originated.map(\.frame),
      are: [
        ownErrorToServer(.destinationUnreachable, code: 4, rest: 1300, about: large.packet).frame()
      ])
    let cut = large.with(\.ip.dontFragment, false)
    expectFrames(
      usual.receive([Sent(port: .lan, frame: cut.frame())]).originated.map(\.frame),
      are: cut.translated(from: .virtual).frame().fragments(limit: 1300))
  }

  @Test func isNeverLargerThanThePorts() {
    var configuration = Self.routed
    configuration.ports[1].routes[0].mtu = 9000
    let usual = opened(configuration)
    let sent = usual.receive([
      Sent(port: .wan, frame: request(.ack).payload(count: 1461).frame())
    ])
    #expect(sent.outcomes[0].verdict == .drop(.mtuExceeded))
    #expect(sent.originated.first?.frame.bytes[40...41] == [0x05, 0xdc], "1500")
  }

  @Test func withoutOneThePortsCounts() {
    var configuration = Self.routed
    configuration.ports[1].routes[0].mtu = nil
    let usual = opened(configuration)
    #expect(usual.receive(request(.ack).payload(count: 1460)).verdict == .transmit(.lan))
  }

  // MARK: - Segments

  struct Row: Sendable, CustomTestStringConvertible {
    var title: String
    var builder: FrameBuilder
    /// The segment size that leaves towards 1000 bytes.
    var expected: UInt16
    var testDescription: String { title }
  }

  static let segments = [
    Row(title: "TCP", builder: request(.ack), expected: 960),
    Row(
      title: "TCP options", builder: request(.ack).with(\.tcp.options, timestamps), expected: 948),
    Row(
      title: "IP options", builder: request(.ack).with(\.ip.options, [1, 1, 1, 0]), expected: 956),
    Row(
      title: "both",
      builder: request(.ack).with(\.tcp.options, timestamps).with(\.ip.options, [1, 1, 1, 0]),
      expected: 944),
  ]

  /// Without the flag that forbids it, the segments are made smaller where they are made.
  @Test(arguments: segments, [true, false])
  func segmentsAreMadeSmaller(row: Row, isFast: Bool) {
    let usual = opened(.limited(outsideMTU: 1000, insideMTU: 1000), isFast: isFast)
    let large = row.builder.with(\.ip.dontFragment, false).payload(count: 9000).segmented(1448)
    let sent = usual.receive([Sent(port: .wan, frame: large.frame())])
    var expected = large.translated(to: .real).frame()
    expected.offload.gsoSize = row.expected
    expectFrame(sent.outcomes[0].frame, is: expected)
    #expect(sent.originated.isEmpty)
    #expect(usual.director.counters.errorsSent == 0)
  }

  @Test(arguments: [true, false])
  func segmentsOfRepliesToo(isFast: Bool) {
    let usual = opened(.limited(outsideMTU: 576, insideMTU: 9000), isFast: isFast)
    let large = reply(.ack).with(\.ip.dontFragment, false).payload(count: 9000).segmented(1448)
    var expected = large.translated(from: .virtual).frame()
    expected.offload.gsoSize = 536
    expectFrame(usual.receiveReply(large).frame, is: expected)
  }

  @Test(arguments: segments, [true, false])
  func segmentsThatFitStayAsTheyAre(row: Row, isFast: Bool) {
    let usual = opened(.limited(outsideMTU: 1000, insideMTU: 1000), isFast: isFast)
    for dontFragment in [true, false] {
      let fitting = row.builder.with(\.ip.dontFragment, dontFragment).payload(count: 9000)
        .segmented(row.expected)
      expectFrame(usual.receive(fitting).frame, is: fitting.translated(to: .real).frame())
    }
  }

  /// With the flag, the sender is told, and the quote is of the first bytes.
  @Test(arguments: segments, [true, false])
  func segmentsThatMustNotBeCutAreAnswered(row: Row, isFast: Bool) {
    let usual = opened(.limited(outsideMTU: 1000, insideMTU: 1000), isFast: isFast)
    let large = row.builder.payload(count: 9000).segmented(row.expected + 1)
    let sent = usual.receive([Sent(port: .wan, frame: large.frame())])
    #expect(sent.outcomes[0].verdict == .drop(.mtuExceeded))
    expectFrames(
      sent.originated.map(\.frame),
      are: [
        ownError(
          .destinationUnreachable, code: 4, rest: 1000,
          about: large.with(\.ip.timeToLive, 63).packet
        ).frame()
      ])
  }

  /// How long datagrams are is their sender's choice: each leaves in fragments of its own.
  @Test(
    arguments: [(9000, 1400), (2801, 1400), (2800, 1400), (1401, 1400), (1400, 1400)],
    [true, false])
  func datagramsAreNotMadeSmaller(lengths: (count: Int, size: Int), isFast: Bool) {
    let usual = opened(.limited(outsideMTU: 1000, insideMTU: 1000), isFast: isFast)
    let base = query().with(\.ip.dontFragment, false).with(\.ip.options, [1, 1, 1, 0])
    let large = base.payload(count: lengths.count).segmented(UInt16(lengths.size))
    let sent = usual.receive([Sent(port: .wan, frame: large.frame())])
    #expect(sent.outcomes[0].verdict == .absorb)
    let starts = Array(stride(from: 0, to: lengths.count, by: lengths.size))
    let datagrams = starts.enumerated().map { number, start in
      base.payload(Array(large.payload[start...].prefix(lengths.size)))
        .with(\.ip.identification, base.ip.identification + UInt16(number))
        .translated(to: .realDNS).frame()
    }
    expectFrames(
      sent.originated.map(\.frame), are: datagrams.flatMap { $0.fragments(limit: 1000) })
    #expect(usual.director.counters.datagramsFragmented == UInt64(starts.count))
  }

  /// Several short segments wait for the next hop as they will be sent.
  @Test func aHeldFrameKeepsItsSmallerSegments() {
    let usual = UsualDirector(.limited(insideMTU: 1000), knowsNeighbors: false)
    usual.receive(request(.syn))
    let large = request(.ack).with(\.ip.dontFragment, false).payload(count: 9000).segmented(1448)
    #expect(usual.receive(large).verdict == .hold)
    let answer = Sent(port: .lan, frame: arpReply(of: Net.server1, Net.server1MAC))
    let released = usual.receive([answer]).originated
    var expected = large.translated(to: .real).frame()
    expected.offload.gsoSize = 960
    expectFrame(released.last?.frame, is: expected)
  }
}
