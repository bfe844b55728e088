import Frames
import TestSupport
import Testing
import Wire

@testable import Director

/// The client's address as a header of the PROXY protocol.
@Suite struct ProxyHeaderTests {
  private static let header = ProxyHeader(client: .client, virtual: .virtual)
  private static let headerBytes = hexadecimal(
    "0d0a0d0a000d0a515549540a 21 11 000c c633640a c0000264 9c40 0050")

  private func inserted(
    into frame: TestFrame, transport: Int = 34, mtu: Int = 1500,
    sourceLocation: SourceLocation = #_sourceLocation
  ) -> TestFrame? {
    let result = changed(frame) { batch, index in
      batch.insert(Self.header, at: index, transport: transport, mtu: mtu)
    }
    #expect(result.areNeighborsUntouched, sourceLocation: sourceLocation)
    if !result.answer { expectFrame(result.frame, is: frame, sourceLocation: sourceLocation) }
    return result.answer ? result.frame : nil
  }

  private func inserted(into builder: FrameBuilder, mtu: Int = 1500) -> TestFrame? {
    inserted(into: builder.frame(), transport: builder.transportStart, mtu: mtu)
  }

  private static func withHeader(_ builder: FrameBuilder) -> FrameBuilder {
    builder.payload(headerBytes + builder.payload)
  }

  // MARK: - Before the payload

  @Test func beforeTheFirstByte() {
    let first = translatedSegment([.ack, .psh]).with(\.ip.identification, 0x0202)
      .payload("GET / HTTP/1.0\r\n\r\n")
    expectFrame(
      inserted(into: first),
      is: TestFrame(
        hexadecimal(
          """
          0200000001020200000000110800450000560202400038062bd70a0000c80a000002
          27111f904111111222222223501801f6651f0000
          0d0a0d0a000d0a515549540a2111000cc633640ac00002649c400050
          474554202f20485454502f312e300d0a0d0a
          """)))
  }

  private static let segments: [(String, FrameBuilder)] = [
    ("a FIN alone", translatedSegment([.ack, .fin])),
    ("one byte", translatedSegment([.ack, .psh]).payload("x")),
    ("odd payload", translatedSegment([.ack, .psh]).payload(count: 333)),
    ("filling the packet", translatedSegment(.ack).payload(count: 1432)),
    (
      "options",
      translatedSegment(.ack).with(\.tcp.options, [UInt8](repeating: 1, count: 40)).payload("abc")
    ),
    ("IP options", translatedSegment(.ack).with(\.ip.options, [7, 4, 4, 0]).payload(count: 5)),
    ("padding", translatedSegment(.ack).payload("x").with(\.minimumLength, 60)),
    ("partial", translatedSegment(.ack).payload(count: 77).partialChecksum()),
    (
      "partial, IP options",
      translatedSegment(.ack).payload(count: 7).with(\.ip.options, [1, 1, 1, 0]).partialChecksum()
    ),
    ("several segments", translatedSegment(.ack).payload(count: 30_001).segmented(1460)),
    ("the longest", translatedSegment(.ack).payload(count: 65_535 - 68).segmented(1460)),
  ]

  @Test(arguments: segments)
  func theFrameIsTheOneBuiltWithIt(title: String, builder: FrameBuilder) throws {
    var expected = Self.withHeader(builder)
    if builder.minimumLength > 0 { expected.minimumLength += ProxyHeader.length }
    expectFrame(inserted(into: builder), is: expected.frame())
    expectRightChecksums(try #require(inserted(into: builder)))
  }

  /// What is urgent lies behind the header, too.
  @Test func theUrgentPointerMoves() {
    for (urgent, moved) in [(0, 28), (7, 35), (65_500, 65_528), (65_530, 65_535)] {
      let builder = translatedSegment([.ack, .urg]).payload(count: 99)
      expectFrame(
        inserted(into: builder.with(\.tcp.urgent, UInt16(urgent))),
        is: Self.withHeader(builder).with(\.tcp.urgent, UInt16(moved)).frame())
    }
    let builder = translatedSegment(.ack).payload(count: 99).with(\.tcp.urgent, 7)
    expectFrame(inserted(into: builder), is: Self.withHeader(builder).frame())
  }

  @Test func aWrongChecksumStaysWrong() throws {
    let right = translatedSegment(.ack).payload(count: 9)
    let wrong = right.with(\.tcp.checksum, right.transportChecksum ^ 0x0400)
    let frame = try #require(inserted(into: wrong))
    let expected = Self.withHeader(right).transportChecksum
    let found = frame.bytes.rawSpan.networkUInt16(at: 50)
    let error = difference(wrong.transportChecksum, right.transportChecksum)
    #expect(difference(found, expected) == error)
    #expect(error != 0)
  }

  /// In one's complement.
  private func difference(_ one: UInt16, _ other: UInt16) -> Int {
    let apart = Int(one) - Int(other) + 65_535
    return apart % 65_535
  }

  @Test func withoutRoomTheFrameStays() {
    let large = translatedSegment(.ack).segmented(1460)
    #expect(inserted(into: translatedSegment(.ack).payload(count: 1433)) == nil)
    #expect(inserted(into: translatedSegment(.ack).payload(count: 1), mtu: 68) == nil)
    #expect(inserted(into: translatedSegment(.ack).payload(count: 1), mtu: 69) != nil)
    #expect(inserted(into: large.payload(count: 65_535 - 67)) == nil)
    #expect(inserted(into: translatedSegment(.ack).payload(count: 65_480), mtu: 65_600) == nil)
    let whole = translatedSegment(.ack).payload("abcd").frame()
    for length in 0..<whole.bytes.count { #expect(inserted(into: whole.prefix(length)) == nil) }
  }

  // MARK: - Ahead

  private func ahead(of frame: TestFrame, transport: Int = 34) -> TestFrame? {
    Self.header.segment(
      aheadOf: frame.bytes.rawSpan, transport: transport,
      frame.offload.transportChecksum(at: transport)
    ).map { TestFrame($0) }
  }

  @Test(arguments: [
    translatedSegment([.ack, .psh, .fin]).payload(count: 1460),
    translatedSegment(.ack).payload(count: 1459).partialChecksum(),
    translatedSegment([.ack, .urg, .ece]).payload(count: 1400).with(
      \.tcp.options, [1, 1, 5, 10, 1, 2, 3, 4, 5, 6, 7, 8]),
    translatedSegment(.ack).payload(count: 1450).with(\.ip.options, [1, 1, 1, 0]),
    translatedSegment(.ack).payload(count: 65_490).segmented(1400),
  ])
  func theHeaderGoesAheadAlone(builder: FrameBuilder) {
    var expected = builder.payload(Self.headerBytes).with(\.tcp.flags, .ack)
    expected.checksum = .complete
    expected.segmentSize = nil
    expectFrame(
      ahead(of: builder.with(\.tcp.urgent, 3).frame(), transport: builder.transportStart),
      is: expected.frame())
  }

  @Test func notAheadOfWhatIsWrong() {
    let right = translatedSegment(.ack).payload(count: 1460)
    #expect(ahead(of: right.frame()) != nil)
    let wrong = right.with(\.tcp.checksum, right.transportChecksum ^ 0x0400).frame()
    #expect(ahead(of: wrong) == nil)
    for length in [0, 33, 53, 1000] { #expect(ahead(of: right.frame().prefix(length)) == nil) }
  }

  /// The header alone, and the segment behind it, are the bytes that the inserted form has.
  @Test func bothFormsAreTheSameStream() throws {
    let segment = translatedSegment([.ack, .psh]).payload("GET /")
    let rule = ProxyHeader.inserted(before: segment.tcp.sequence, isAcknowledged: false)
    let alone = try #require(ahead(of: segment.frame()))
    let whole = try #require(inserted(into: segment))
    let next = segment.tcp.sequence &+ rule.length
    #expect(alone.bytes.rawSpan.networkUInt32(at: 38) == rule.inbound(segment.tcp.sequence))
    #expect(UInt32(alone.bytes.count - 54) &+ segment.tcp.sequence == next)
    #expect(Array(alone.bytes.dropFirst(54)) + segment.payload == Array(whole.bytes.dropFirst(54)))
    #expect(rule.inbound(segment.tcp.sequence &+ 1) == next &+ 1)
  }
}
