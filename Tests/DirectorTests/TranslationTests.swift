import Director
import Frames
import TestSupport
import Testing
import Wire

/// A packet in, the rewritten packet out, by both paths.
@Suite struct TranslationTests {
  struct Row: Sendable, CustomTestStringConvertible {
    var title: String
    var builder: FrameBuilder
    var testDescription: String { title }

    init(_ title: String, _ builder: FrameBuilder) {
      self.title = title
      self.builder = builder
    }
  }

  /// Variations that either direction and either protocol must carry over.
  private static func variations(_ base: FrameBuilder) -> [Row] {
    [
      Row("empty", base),
      Row("odd payload", base.payload(count: 333)),
      Row("full size", base.payload(count: 1440)),
      Row("IP options", base.with(\.ip.options, [7, 7, 4, 0, 0, 0, 0, 1]).payload(count: 9)),
      Row("most IP options", base.with(\.ip.options, [UInt8](repeating: 1, count: 40))),
      Row("type of service", base.with(\.ip.typeOfService, 0xbb)),
      Row("may be fragmented", base.with(\.ip.dontFragment, false)),
      Row("time to live 2", base.with(\.ip.timeToLive, 2)),
      Row("time to live 255", base.with(\.ip.timeToLive, 255)),
      Row("padding", base.with(\.minimumLength, 60)),
      Row("much padding", base.payload(count: 3).with(\.minimumLength, 200)),
      Row("partial checksum", base.payload(count: 777).partialChecksum()),
      Row(
        "partial checksum, IP options",
        base.with(\.ip.options, [1, 1, 1, 0]).payload(count: 20).partialChecksum()),
      Row("several segments", base.payload(count: 30_001).segmented(1448)),
      Row("largest packet", base.payload(count: 65_535 - 40).segmented(1400)),
    ]
  }

  private static let segments =
    variations(request(.ack)) + [
      Row("push", request([.ack, .psh]).payload("GET / HTTP/1.1")),
      Row("fin", request([.ack, .fin])),
      Row("reset", request(.rst)),
      Row("TCP options", request(.ack).with(\.tcp.options, [1, 1, 8, 10] + (0..<8).map { $0 })),
      Row("urgent", request([.ack, .urg]).with(\.tcp.urgent, 77)),
      Row("congestion bits", request([.ack, .ece, .cwr])),
      Row("no flags", request([])),
    ]

  private static func swapped(_ row: Row) -> Row {
    var builder = row.builder
    let base = reply(builder.tcp.flags)
    builder.ethernet = base.ethernet
    builder.ip.source = base.ip.source
    builder.ip.destination = base.ip.destination
    builder.tcp.source = base.tcp.source
    builder.tcp.destination = base.tcp.destination
    return Row(row.title, builder)
  }

  private func established(_ isFast: Bool) -> UsualDirector {
    let usual = UsualDirector()
    usual.director.isFastPathEnabled = isFast
    usual.receive(request(.syn))
    usual.receiveReply(reply([.syn, .ack]))
    usual.receive(request(.ack))
    usual.receive(query())
    return usual
  }

  @Test(arguments: segments, [true, false])
  func tcpIn(row: Row, isFast: Bool) {
    let usual = established(isFast)
    let outcome = usual.receive(row.builder)
    #expect(outcome.verdict == .transmit(.lan))
    expectFrame(outcome.frame, is: row.builder.translated(to: .real).frame())
  }

  @Test(arguments: segments.map(swapped), [true, false])
  func tcpOut(row: Row, isFast: Bool) {
    let usual = established(isFast)
    let outcome = usual.receiveReply(row.builder)
    #expect(outcome.verdict == .transmit(.wan))
    expectFrame(outcome.frame, is: row.builder.translated(from: .virtual).frame())
  }

  @Test(arguments: variations(query()), [true, false])
  func udpIn(row: Row, isFast: Bool) {
    let usual = established(isFast)
    let outcome = usual.receive(row.builder)
    #expect(outcome.verdict == .transmit(.lan))
    expectFrame(outcome.frame, is: row.builder.translated(to: .realDNS).frame())
  }

  @Test(arguments: variations(response()), [true, false])
  func udpOut(row: Row, isFast: Bool) {
    let usual = established(isFast)
    let outcome = usual.receiveReply(row.builder)
    #expect(outcome.verdict == .transmit(.wan))
    expectFrame(outcome.frame, is: row.builder.translated(from: .virtualDNS).frame())
  }

  @Test func theFastPathTakesWhatItShould() {
    let usual = established(true)
    for row in Self.segments {
      let before = usual.director.counters.fastPath
      usual.receive(row.builder)
      let isPlain = row.builder.ip.options.isEmpty
      #expect(usual.director.counters.fastPath - before == (isPlain ? 1 : 0), "\(row.title)")
    }
  }

  /// There and back again: the client sees its own endpoint and the virtual service's.
  @Test func aReplyToARequestRestoresTheFourTuple() throws {
    let usual = established(true)
    let inbound = try #require(usual.receive(request(.ack).payload("ping")).frame)
    let server = FrameDescription(inbound.bytes.rawSpan)
    #expect(server.fields.first { $0.name == "source port" }?.value == "40000")
    let back = usual.receiveReply(reply(.ack).payload("pong"))
    expectFrame(
      back.frame,
      is: FrameBuilder.ethernet(from: ExampleNetwork.outsideMAC, to: ExampleNetwork.gatewayMAC)
        .ipv4(from: ExampleNetwork.virtual, to: ExampleNetwork.client).tcp(
          from: 80, to: 40000, .ack
        )
        .with(\.ip.timeToLive, 63).payload("pong").frame())
  }
}
