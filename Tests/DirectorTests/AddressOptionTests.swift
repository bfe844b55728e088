import Frames
import TestSupport
import Testing
import Wire

@testable import Director

/// The client's address as a TCP option.
@Suite struct AddressOptionTests {
  private static let option = AddressOption(
    kind: 254, port: ExampleNetwork.clientPort, address: ExampleNetwork.client)
  private static let optionBytes = hexadecimal("fe08") + FrameBuilder.addressBytes

  private func inserted(
    into builder: FrameBuilder, _ option: AddressOption = option, mtu: Int = 1500
  ) -> TestFrame? {
    inserted(into: builder.frame(), option, transport: builder.transportStart, mtu: mtu)
  }

  /// `nil` when it was refused and nothing changed.
  private func inserted(
    into frame: TestFrame, _ option: AddressOption = option, transport: Int = 34,
    mtu: Int = 1500, sourceLocation: SourceLocation = #_sourceLocation
  ) -> TestFrame? {
    let result = changed(frame) { batch, index in
      batch.insert(option, at: index, transport: transport, mtu: mtu)
    }
    #expect(result.areNeighborsUntouched, sourceLocation: sourceLocation)
    if !result.answer { expectFrame(result.frame, is: frame, sourceLocation: sourceLocation) }
    return result.answer ? result.frame : nil
  }

  private func withOption(_ builder: FrameBuilder) -> FrameBuilder {
    builder.with(\.tcp.options, Self.optionBytes + builder.tcp.options)
  }

  // MARK: - As recorded

  @Test func intoTheThirdSegmentOfAHandshake() {
    expectFrame(
      inserted(into: translatedSegment(.ack).with(\.ip.identification, 0x0201)),
      is: TestFrame(
        hexadecimal(
          """
          020000000102020000000011080045000030020140003806 2bfe0a0000c80a000002
          27111f904111111222222223701001f6d77b0000 fe089c40c633640a
          """)))
  }

  @Test func beforeAnOptionOfTheClientThatIsOverwritten() {
    let forged = translatedSegment(.ack).with(\.ip.identification, 0x0207)
      .with(\.tcp.options, hexadecimal("fe08115c01020304"))
    let result = changed(forged.frame()) { batch, index in
      if var segment = MutableTCPSegment(batch.bytes(at: index, from: 34)) {
        let count = segment.overwriteOptions(.clientAddress(kind: 254), .complete)
        #expect(count == 1)
      }
      return batch.insert(Self.option, at: index, mtu: 1500)
    }
    #expect(result.answer)
    expectFrame(
      result.frame,
      is: TestFrame(
        hexadecimal(
          """
          0200000001020200000000110800450000380207400038062bf00a0000c80a000002
          27111f904111111222222223901001f6b36f0000 fe089c40c633640a 0101010101010101
          """)))
  }

  @Test func intoAFrameOfSeveralSegments() throws {
    let payload = (0..<4200).map { UInt8(truncatingIfNeeded: 5 + 13 * $0) }
    let large = translatedSegment([.ack, .psh]).with(\.ip.identification, 0x0301)
      .with(\.tcp.window, 0xfaf0).payload(payload).segmented(1400)
    let frame = try #require(inserted(into: large))
    #expect(
      Array(frame.bytes.prefix(62))
        == hexadecimal(
          """
          0200000001020200000000110800450010980301400038061a960a0000c80a000002
          27111f9041111112222222237018faf025540000 fe089c40c633640a
          """))
    var header = [UInt8](repeating: 0, count: 10)
    header.withMutableRawSpan { bytes in
      var bytes = bytes
      frame.offload.store(into: &bytes)
    }
    #expect(header == hexadecimal("01013e00780522001000"))
    #expect(Array(frame.bytes.dropFirst(62)) == payload)
  }

  // MARK: - As built from nothing

  private static let segments: [(String, FrameBuilder)] = [
    ("empty", translatedSegment(.ack)),
    ("odd payload", translatedSegment([.ack, .psh]).payload(count: 333)),
    ("filling the packet", translatedSegment(.ack).payload(count: 1452)),
    (
      "options", translatedSegment(.ack).with(\.tcp.options, [1, 1, 5, 10, 1, 2, 3, 4, 5, 6, 7, 8])
    ),
    ("most options", translatedSegment(.ack).with(\.tcp.options, [UInt8](repeating: 1, count: 32))),
    ("IP options", translatedSegment(.ack).with(\.ip.options, [7, 4, 4, 0]).payload(count: 5)),
    (
      "most IP options",
      translatedSegment(.ack).with(\.ip.options, [UInt8](repeating: 1, count: 40))
    ),
    ("padding", translatedSegment(.ack).payload("x").with(\.minimumLength, 60)),
    ("much padding", translatedSegment(.ack).payload("x").with(\.minimumLength, 600)),
    ("partial", translatedSegment(.ack).payload(count: 77).partialChecksum()),
    (
      "partial, IP options",
      translatedSegment(.ack).payload(count: 7).with(\.ip.options, [1, 1, 1, 0]).partialChecksum()
    ),
    ("several segments", translatedSegment(.ack).payload(count: 30_001).segmented(1400)),
    ("the longest", translatedSegment(.ack).payload(count: 65_535 - 48).segmented(1452)),
    ("reset", translatedSegment([.rst, .ack])), ("no flags", translatedSegment([])),
    ("all flags", translatedSegment(TCPFlags(rawValue: 0xff)).with(\.tcp.urgent, 7)),
  ]

  @Test(arguments: segments)
  func theFrameIsTheOneBuiltWithIt(title: String, builder: FrameBuilder) throws {
    var expected = withOption(builder).frame()
    // Padding stays behind the packet, and is not taken away.
    if builder.minimumLength > 0 {
      expected = withOption(builder).with(\.minimumLength, builder.minimumLength + 8).frame()
    }
    expectFrame(inserted(into: builder), is: expected)
    expectRightChecksums(try #require(inserted(into: builder)))
  }

  @Test func anyKindPortAndAddress() {
    for option in [
      AddressOption(kind: 252, port: 0, address: IPv4Address(rawValue: 0xffff_ffff)),
      AddressOption(kind: 253, port: 65_535, address: IPv4Address(rawValue: 1)),
    ] {
      let bytes =
        [option.kind, 8, UInt8(option.port >> 8), UInt8(option.port & 0xff)]
        + (0..<4).map { UInt8(option.address.rawValue >> (24 - 8 * $0) & 0xff) }
      expectFrame(
        inserted(into: translatedSegment(.ack).payload(count: 9), option),
        is: translatedSegment(.ack).payload(count: 9).with(\.tcp.options, bytes).frame())
    }
  }

  /// The error in a wrong checksum is the same before and after.
  @Test func wrongChecksumsStayWrong() throws {
    var frame = translatedSegment(.ack).payload(count: 9).frame()
    frame.bytes[25] ^= 0x10
    frame.bytes[51] ^= 0x20
    let result = try #require(inserted(into: frame))
    func errors(_ frame: TestFrame) -> [UInt16] {
      let bytes = frame.bytes.rawSpan
      let end = 14 + Int(bytes.networkUInt16(at: 16))
      let pseudo = InternetChecksum.pseudoHeaderSum(
        source: IPv4Address(bytes, at: 26), destination: IPv4Address(bytes, at: 30),
        protocol: .tcp, length: end - 34)
      return [
        InternetChecksum.sum(bytes.extracting(14..<34)),
        InternetChecksum.sum(bytes.extracting(34..<end), initial: pseudo),
      ]
    }
    #expect(errors(result) == errors(frame))
    #expect(errors(frame).allSatisfy { $0 != 0xffff })
  }

  // MARK: - No room

  @Test func aPacketThatFillsTheLinkStays() {
    #expect(inserted(into: translatedSegment(.ack).payload(count: 1453)) == nil)
    #expect(inserted(into: translatedSegment(.ack).payload(count: 1460)) == nil)
    #expect(inserted(into: translatedSegment(.ack).payload(count: 1452)) != nil)
    #expect(inserted(into: translatedSegment(.ack), mtu: 47) == nil)
    #expect(inserted(into: translatedSegment(.ack), mtu: 48) != nil)
  }

  @Test(arguments: [33, 36, 37, 40])
  func aHeaderThatIsFullStays(count: Int) {
    let options = [UInt8](repeating: 1, count: count)
    #expect(inserted(into: translatedSegment(.ack).with(\.tcp.options, options)) == nil)
  }

  @Test func aPacketOfTheGreatestLengthStays() {
    let large = translatedSegment(.ack).segmented(1400)
    #expect(inserted(into: large.payload(count: 65_535 - 47)) == nil)
    #expect(inserted(into: large.payload(count: 65_535 - 40)) == nil)
    #expect(inserted(into: translatedSegment(.ack).payload(count: 65_488), mtu: 65_536) == nil)
  }

  @Test func segmentsBecomeAsShortAsTheyMust() throws {
    let large = translatedSegment(.ack).payload(count: 5000)
    for (size, mtu, expected) in [
      (1460, 1500, 1452), (1453, 1500, 1452), (1452, 1500, 1452), (1400, 1500, 1400),
      (1460, 600, 552), (1460, 56, 8),
    ] as [(UInt16, Int, UInt16)] {
      let frame = try #require(inserted(into: large.segmented(size), mtu: mtu))
      expectFrame(frame, is: withOption(large.segmented(expected)).frame())
    }
    #expect(inserted(into: large.segmented(1460), mtu: 55) == nil)
    #expect(inserted(into: large.segmented(1460), mtu: 0) == nil)
  }

  /// Options of both headers count.
  @Test func segmentsWithOptionsToo() throws {
    let large = translatedSegment(.ack).payload(count: 5000).segmented(1460)
      .with(\.tcp.options, [UInt8](repeating: 1, count: 12)).with(\.ip.options, [1, 1, 1, 0])
    let frame = try #require(inserted(into: large))
    #expect(frame.offload.gsoSize == 1500 - 24 - 32 - 8)
  }

  @Test func aHeaderLengthThatNobodyKnowsStaysUnknown() throws {
    var frame = translatedSegment(.ack).payload(count: 5000).segmented(1400).frame()
    frame.offload.headerLength = 0
    #expect(try #require(inserted(into: frame)).offload.headerLength == 0)
    frame.offload.headerLength = 65_530
    #expect(try #require(inserted(into: frame)).offload.headerLength == 65_535)
  }

  /// A partial checksum that begins elsewhere is none of this header's.
  @Test func thePlaceOfAPartialChecksumStays() throws {
    let builder = translatedSegment(.ack).payload(count: 50)
    var frame = builder.frame()
    frame.offload.flags = .needsChecksum
    frame.offload.checksumStart = 60
    var expected = withOption(builder).frame()
    expected.offload = frame.offload
    expectFrame(inserted(into: frame), is: expected)
  }

  // MARK: - Nonsense

  @Test func truncatedFramesStay() {
    let whole = translatedSegment(.ack).with(\.tcp.options, [1, 1, 1, 1]).frame()
    for length in 0..<whole.bytes.count { #expect(inserted(into: whole.prefix(length)) == nil) }
  }

  @Test func headersThatContradictThemselvesStay() {
    let builder = translatedSegment(.ack).payload(count: 4)
    #expect(inserted(into: builder.with(\.tcp.headerWords, 4)) == nil)
    #expect(inserted(into: builder.with(\.tcp.headerWords, 7)) == nil)
    #expect(inserted(into: builder.with(\.ip.totalLength, 39)) == nil)
    #expect(inserted(into: builder.with(\.ip.totalLength, 45)) == nil)
  }

  @Test func withoutRoomBeforeItTheFrameStays() {
    let frame = translatedSegment(.ack).frame()
    for (count, isRoom) in [(34, true), (35, false)] {
      let result = changed(frame) { batch, index in
        batch.prepend(count, at: index)
        batch[index].length -= count
        var bytes = batch.bytes(at: index)
        for (offset, octet) in frame.bytes.enumerated() { bytes.storeOctet(octet, at: offset) }
        return batch.insert(Self.option, at: index, mtu: 1500)
      }
      #expect(result.answer == isRoom)
      expectFrame(
        result.frame, is: isRoom ? withOption(translatedSegment(.ack)).frame() : frame)
    }
  }
}
