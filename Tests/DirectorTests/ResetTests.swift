import Director
import Frames
import TestSupport
import Testing
import Wire

private typealias Net = ExampleNetwork

/// Resets in answer to segments that no connection and no virtual service takes.
@Suite struct ResetTests {
  private static let closed = Endpoint(Net.virtual, 9)

  struct Row: Sendable, CustomTestStringConvertible {
    var title: String
    var segment: FrameBuilder
    /// Sequence and acknowledgment number of the reset.
    var numbers: [UInt32]
    var flags: TCPFlags
    var testDescription: String { title }

    init(
      _ title: String, _ flags: TCPFlags, payload: Int = 0, sequence: UInt32 = 1000,
      acknowledgment: UInt32 = 0, is numbers: [UInt32], _ expected: TCPFlags
    ) {
      self.title = title
      segment = request(flags, to: ResetTests.closed).payload(count: payload)
        .with(\.tcp.sequence, sequence).with(\.tcp.acknowledgment, acknowledgment)
      self.numbers = numbers
      self.flags = expected
    }
  }

  static let rows = [
    Row("SYN", .syn, is: [0, 1001], [.rst, .ack]),
    Row("SYN with data", .syn, payload: 5, is: [0, 1006], [.rst, .ack]),
    Row("SYN and FIN with data", [.syn, .fin], payload: 5, is: [0, 1007], [.rst, .ack]),
    Row("FIN", .fin, is: [0, 1001], [.rst, .ack]),
    Row("no flags", [], is: [0, 1000], [.rst, .ack]),
    Row("no flags, and data", [], payload: 100, is: [0, 1100], [.rst, .ack]),
    Row("PSH and URG", [.psh, .urg], payload: 1, is: [0, 1001], [.rst, .ack]),
    Row(
      "an acknowledgment number without ACK", .syn, acknowledgment: 5, is: [0, 1001], [.rst, .ack]),
    Row("the end of the numbers", .syn, sequence: 0xffff_ffff, is: [0, 0], [.rst, .ack]),
    Row(
      "data across the end of the numbers", .syn, payload: 9, sequence: 0xffff_fff8, is: [0, 2],
      [.rst, .ack]),
    Row("ACK", .ack, acknowledgment: 77, is: [77, 0], .rst),
    Row(
      "ACK with data", .ack, payload: 1400, acknowledgment: 0xffff_ffff, is: [0xffff_ffff, 0], .rst),
    Row("SYN and ACK", [.syn, .ack], acknowledgment: 77, is: [77, 0], .rst),
    Row("FIN and ACK", [.fin, .ack], acknowledgment: 77, is: [77, 0], .rst),
    Row("all but RST", TCPFlags(rawValue: 0xfb), acknowledgment: 77, is: [77, 0], .rst),
  ]

  private static func reset(
    _ segment: FrameBuilder, _ numbers: [UInt32], _ flags: TCPFlags
  ) -> FrameBuilder {
    FrameBuilder.ethernet(from: segment.ethernet.destination, to: segment.ethernet.source)
      .ipv4(from: segment.ip.destination, to: segment.ip.source)
      .tcp(from: segment.tcp.destination, to: segment.tcp.source, flags)
      .with(\.tcp.sequence, numbers[0]).with(\.tcp.acknowledgment, numbers[1])
      .with(\.tcp.window, 0).with(\.ip.identification, 0)
  }

  private func expectReset(
    _ segment: FrameBuilder, _ expected: FrameBuilder, port: PortIndex = .wan,
    _ usual: UsualDirector = UsualDirector(), sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let before = usual.director.counters
    let sent = usual.receive([Sent(port: port, frame: segment.frame())])
    #expect(sent.outcomes[0].verdict == .transmit(port), sourceLocation: sourceLocation)
    expectFrame(sent.outcomes[0].frame, is: expected.frame(), sourceLocation: sourceLocation)
    #expect(sent.originated.isEmpty, sourceLocation: sourceLocation)
    #expect(
      usual.director.counters.resetsSent == before.resetsSent + 1, sourceLocation: sourceLocation)
    #expect(
      usual.director.counters.dropped == before.dropped, sourceLocation: sourceLocation)
    #expect(
      usual.director.connectionCount == usual.connections.count, sourceLocation: sourceLocation)
  }

  @Test(arguments: rows, [true, false])
  func saysWhatTheStandardSays(row: Row, isFast: Bool) {
    let usual = UsualDirector()
    usual.director.isFastPathEnabled = isFast
    expectReset(row.segment, Self.reset(row.segment, row.numbers, row.flags), usual)
    #expect(usual.director.connectionCount == 0)
  }

  @Test func answersWhatItIsToldInOtherWays() {
    let base = request(.ack, to: Self.closed).with(\.tcp.acknowledgment, 9)
    let segments = [
      base.with(\.ip.options, [7, 7, 4, 0, 0, 0, 0, 0]), base.with(\.ip.timeToLive, 1),
      base.with(\.ip.timeToLive, 0), base.with(\.minimumLength, 60),
      base.with(\.ip.dontFragment, false),
      base.with(\.tcp.options, [1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2]).payload("x"),
      base.partialChecksum(), base.payload(count: 9000).segmented(1448),
      base.with(\.ethernet.source, Net.server2MAC), base.with(\.ip.destination, Net.outside),
      base.with(\.ip.destination, Net.inside), base.with(\.tcp.urgent, 5),
    ]
    for segment in segments {
      expectReset(segment, Self.reset(segment, [9, 0], .rst))
    }
    for (service, expected) in [(0xff, 0xfc), (0x03, 0x00), (0x10, 0x10)] as [(UInt8, UInt8)] {
      expectReset(
        base.with(\.ip.typeOfService, service),
        Self.reset(base, [9, 0], .rst).with(\.ip.typeOfService, expected))
    }
  }

  @Test func answersOnThePortThatItCameBy() {
    let segment = reply(.syn).with(\.ip.destination, Net.virtual).with(\.tcp.destination, 9)
      .with(\.tcp.sequence, 1)
    expectReset(segment, Self.reset(segment, [0, 2], [.rst, .ack]), port: .lan)
  }

  /// To a virtual service, but of no connection.
  @Test(arguments: [TCPFlags.ack, [.fin, .ack], [.ack, .psh], .fin, []])
  func answersWhatCannotOpen(flags: TCPFlags) {
    let segment = request(flags).with(\.tcp.acknowledgment, 9).with(\.tcp.sequence, 100)
    let hasACK = flags.contains(.ack)
    let numbers: [UInt32] = hasACK ? [9, 0] : [0, flags.contains(.fin) ? 101 : 100]
    expectReset(segment, Self.reset(segment, numbers, hasACK ? .rst : [.rst, .ack]))
  }

  @Test func answersActiveFTPData() {
    let segment = request(.syn, from: Endpoint(Net.client, 20)).with(\.tcp.sequence, 1)
    expectReset(segment, Self.reset(segment, [0, 2], [.rst, .ack]))
  }

  @Test func answersWhenAConnectionHasEnded() {
    let usual = UsualDirector()
    usual.receive(request(.syn))
    usual.receive(request(.ack))
    usual.advance(by: .seconds(901))
    #expect(usual.director.connectionCount == 0)
    let segment = request(.ack).with(\.tcp.acknowledgment, 9)
    expectReset(segment, Self.reset(segment, [9, 0], .rst), usual)
  }

  /// It stands in the place of the segment.
  @Test func needsNoRoomAndNoNeighbor() {
    let usual = UsualDirector(knowsNeighbors: false)
    usual.fillOutbox()
    #expect(usual.receive(Self.rows[0].segment).verdict == .transmit(.wan))
    #expect(usual.director.counters.resetsSent == 1)
  }

  static let silent: [(FrameBuilder, DropReason)] = [
    (request(.rst, to: closed), .noService), (request([.rst, .ack], to: closed), .noService),
    (request([.rst, .syn], to: closed), .noService),
    (request(TCPFlags(rawValue: 0xff), to: closed), .noService),
    (request(.rst), .noConnection), (request([.rst, .ack]), .noConnection),
    (request(.syn, to: closed).with(\.tcp.checksum, 1), .noService),
    (request(.ack, to: closed).payload(count: 99).with(\.tcp.checksum, 1), .noService),
    (request(.ack).with(\.tcp.checksum, 1), .noConnection),
  ]

  @Test(arguments: silent.indices, [true, false])
  func isNotSent(row: Int, isFast: Bool) {
    let (segment, reason) = Self.silent[row]
    let usual = UsualDirector()
    usual.director.isFastPathEnabled = isFast
    let sent = usual.receive([Sent(port: .wan, frame: segment.frame())])
    #expect(sent.outcomes[0].verdict == .drop(reason))
    #expect(sent.originated.isEmpty)
    #expect(usual.director.counters.resetsSent == 0)
  }

  /// Every wrong bit in the segment is noticed.
  @Test func aWrongBitAnywhereIsSilence() {
    let usual = UsualDirector()
    let frame = request(.ack, to: Self.closed).payload("odd").frame()
    for bit in 34 * 8..<frame.bytes.count * 8 {
      var wrong = frame
      wrong.bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      let verdict = usual.receive(wrong).verdict
      #expect(verdict == .drop(.noService) || verdict == .drop(.transportMalformed), "bit \(bit)")
    }
    #expect(usual.director.counters.resetsSent == 0)
  }
}
