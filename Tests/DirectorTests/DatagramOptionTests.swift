import Frames
import TestSupport
import Testing
import Wire

@testable import Director

/// The client's address as an option of a datagram.
@Suite struct DatagramOptionTests {
  private static let option = DatagramOption(
    port: ExampleNetwork.clientPort, address: ExampleNetwork.client)
  private static let optionBytes = hexadecimal("1f08") + FrameBuilder.addressBytes
  private static let headerBytes = hexadecimal("1011000c") + optionBytes

  private func inserted(
    _ carrier: DatagramOption.Carrier, into frame: TestFrame, transport: Int = 34,
    mtu: Int = 1500, sourceLocation: SourceLocation = #_sourceLocation
  ) -> TestFrame? {
    let result = changed(frame) { batch, index in
      batch.insert(Self.option, carrier, at: index, transport: transport, mtu: mtu)
    }
    #expect(result.areNeighborsUntouched, sourceLocation: sourceLocation)
    if !result.answer { expectFrame(result.frame, is: frame, sourceLocation: sourceLocation) }
    return result.answer ? result.frame : nil
  }

  private func inserted(
    _ carrier: DatagramOption.Carrier, into builder: FrameBuilder, mtu: Int = 1500
  ) -> TestFrame? {
    inserted(carrier, into: builder.frame(), transport: builder.transportStart, mtu: mtu)
  }

  // MARK: - IP option

  private func withOption(_ builder: FrameBuilder) -> FrameBuilder {
    builder.with(\.ip.options, Self.optionBytes + builder.ip.options)
  }

  private static let datagrams: [(String, FrameBuilder)] = [
    ("empty", translatedDatagram()), ("odd", translatedDatagram().payload(count: 333)),
    ("filling the packet", translatedDatagram().payload(count: 1464)),
    ("options", translatedDatagram().with(\.ip.options, [7, 4, 4, 0, 1, 1, 1, 1])),
    (
      "most options",
      translatedDatagram().with(\.ip.options, [UInt8](repeating: 1, count: 32)).payload("abc")
    ),
    ("without checksum", translatedDatagram().with(\.udp.checksum, 0).payload("abc")),
    ("wrong checksum", translatedDatagram().with(\.udp.checksum, 0x1234).payload("abc")),
    ("partial", translatedDatagram().payload(count: 77).partialChecksum()),
    (
      "partial, options",
      translatedDatagram().payload(count: 77).with(\.ip.options, [1, 1, 1, 0]).partialChecksum()
    ),
    ("several datagrams", translatedDatagram().payload(count: 6001).segmented(1200)),
  ]

  @Test(arguments: datagrams)
  func theFrameIsTheOneBuiltWithTheOption(title: String, builder: FrameBuilder) {
    expectFrame(inserted(.ipOption, into: builder), is: withOption(builder).frame())
  }

  @Test func anOptionNeedsRoom() {
    let plain = translatedDatagram()
    #expect(inserted(.ipOption, into: plain.payload(count: 1465)) == nil)
    #expect(inserted(.ipOption, into: plain, mtu: 35) == nil)
    #expect(inserted(.ipOption, into: plain, mtu: 36) != nil)
    let options = [UInt8](repeating: 1, count: 36)
    #expect(inserted(.ipOption, into: plain.with(\.ip.options, options)) == nil)
    // Datagrams cannot be cut.
    #expect(inserted(.ipOption, into: plain.payload(count: 6000).segmented(1465)) == nil)
    #expect(inserted(.ipOption, into: plain.payload(count: 6000).segmented(1464)) != nil)
    #expect(inserted(.ipOption, into: plain.payload(count: 65_500).segmented(1400)) == nil)
  }

  // MARK: - A header of its own

  @Test func betweenIPAndUDP() {
    let question = hexadecimal("123401000001000000000000037777770000010001")
    let builder = translatedDatagram().with(\.ip.dontFragment, false).payload(question)
    expectFrame(
      inserted(.ownHeader, into: builder),
      is: TestFrame(
        hexadecimal(
          """
          02000000010202000000001108004500003d1c46000038f850ba0a0000c80a000002
          1011000c1f089c40c633640a 271114e9001d1ecd
          123401000001000000000000037777770000010001
          """)))
  }

  /// The datagram itself, checksum included, is what it was.
  @Test(arguments: datagrams)
  func theDatagramStays(title: String, builder: FrameBuilder) throws {
    guard builder.segmentSize == nil else {
      #expect(inserted(.ownHeader, into: builder) == nil)
      return
    }
    guard builder.payload.count <= 1460 else {
      #expect(inserted(.ownHeader, into: builder) == nil)
      return
    }
    let before = builder.frame()
    let start = builder.transportStart
    var expected = builder.with(\.ip.protocol, .datagramOption).with(\.transport, nil)
      .payload(Self.headerBytes + before.bytes.dropFirst(start)).frame()
    expected.offload = before.offload
    if builder.checksum == .partial { expected.offload.checksumStart += 12 }
    expectFrame(inserted(.ownHeader, into: builder), is: expected)
  }

  @Test func aHeaderNeedsRoom() {
    let plain = translatedDatagram()
    #expect(inserted(.ownHeader, into: plain.payload(count: 1461)) == nil)
    #expect(inserted(.ownHeader, into: plain.payload(count: 1460)) != nil)
    #expect(inserted(.ownHeader, into: plain, mtu: 39) == nil)
    #expect(inserted(.ownHeader, into: plain, mtu: 40) != nil)
    let options = [UInt8](repeating: 1, count: 40)
    #expect(inserted(.ownHeader, into: plain.with(\.ip.options, options)) != nil)
  }

  @Test(arguments: [DatagramOption.Carrier.ipOption, .ownHeader])
  func truncatedFramesStay(carrier: DatagramOption.Carrier) {
    let whole = translatedDatagram().payload("abcd").frame()
    for length in 0..<whole.bytes.count {
      #expect(inserted(carrier, into: whole.prefix(length)) == nil)
    }
  }

  // MARK: - Ahead

  private func ahead(_ builder: FrameBuilder, _ carrier: DatagramOption.Carrier) -> TestFrame? {
    Self.option.datagram(
      aheadOf: builder.frame().bytes.rawSpan, transport: builder.transportStart, carrier
    ).map { TestFrame($0) }
  }

  @Test func anEmptyDatagramGoesAheadBehindAHeader() {
    let builder = translatedDatagram().with(\.ip.dontFragment, false).payload(count: 1472)
    expectFrame(
      ahead(builder.with(\.ip.identification, 0), .ownHeader),
      is: TestFrame(
        hexadecimal(
          """
          0200000001020200000000110800450000280000000038f86d150a0000c80a000002
          1011000c1f089c40c633640a 271114e900080000
          """)))
  }

  @Test func anEmptyDatagramGoesAheadWithAnOption() {
    for builder in [
      translatedDatagram().payload(count: 1472),
      translatedDatagram().payload(count: 1471).partialChecksum(),
      translatedDatagram().payload(count: 7001).segmented(1472),
      translatedDatagram().payload("x").with(\.ip.options, [UInt8](repeating: 1, count: 40)),
      translatedDatagram().payload("x").with(\.udp.checksum, 0).with(\.ip.typeOfService, 0xb8),
    ] {
      var expected = builder.payload([]).with(\.ip.options, Self.optionBytes)
        .with(\.udp.checksum, nil)
      expected.checksum = .complete
      expected.segmentSize = nil
      expectFrame(ahead(builder, .ipOption), is: expected.frame())
    }
  }

  @Test func notAheadOfWhatIsCutOff() {
    let frame = translatedDatagram().frame()
    for length in 0..<42 {
      let cut = frame.prefix(length)
      let packet = Self.option.datagram(
        aheadOf: cut.bytes.rawSpan, transport: 34, .ownHeader)
      #expect(packet == nil)
    }
  }

  // MARK: - A client's own

  @Test(arguments: [
    ("1f08115c01020304", "0101010101010101", 1),
    ("1f08115c01020304 44040500", "0101010101010101 44040500", 1),
    ("01 1f08115c01020304 000000", "01 0101010101010101 000000", 1),
    ("1f14" + String(repeating: "ab", count: 18), "1f14" + String(repeating: "ab", count: 18), 0),
    ("00 1f08115c01020304 000000", "00 1f08115c01020304 000000", 0),
    ("4400 1f08115c01020304 0000", "4400 1f08115c01020304 0000", 0),
    ("1f0c115c01020304", "1f0c115c01020304", 0), ("9f08115c01020304", "9f08115c01020304", 0),
    ("1f08115c01020304 1f08115c01020304", String(repeating: "01", count: 16), 2),
  ])
  func aClientsOwnIsOverwritten(options: String, expected: String, count: Int) {
    let builder = translatedDatagram().with(\.ip.options, hexadecimal(options))
    let result = changed(builder.frame()) { batch, index in
      guard var header = MutableIPv4Packet(batch.bytes(at: index, from: 14)) else { return -1 }
      return header.overwriteOptions(type: 31, length: 8)
    }
    #expect(result.answer == count)
    expectFrame(
      result.frame, is: builder.with(\.ip.options, hexadecimal(expected)).frame())
  }
}
