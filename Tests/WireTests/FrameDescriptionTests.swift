import TestSupport
import Testing
import Wire

@Suite struct FrameDescriptionTests {
  private let syn = FrameBuilder.ethernet(
    from: ExampleNetwork.gatewayMAC, to: ExampleNetwork.outsideMAC
  ).ipv4(from: ExampleNetwork.client, to: ExampleNetwork.virtual).tcp(from: 40000, to: 80, .syn)

  /// The value of a field, as in `ipv4 time to live`.
  private func value(_ name: String, in frame: TestFrame) -> String? {
    FrameDescription(frame.bytes.rawSpan, offload: frame.offload).fields
      .first { $0.fullName == name }?.value
  }

  @Test func namesEveryFieldOfASegment() {
    let frame = syn.with(\.tcp.options, hexadecimal("020405b4")).payload("hello").frame()
    let text = FrameDescription(frame.bytes.rawSpan).description
    #expect(
      text == """
        ethernet destination          02:00:00:00:00:10
        ethernet source               02:00:00:00:00:01
        ethernet type                 0x0800
        ipv4 version                  4
        ipv4 header length            20
        ipv4 type of service          0x00
        ipv4 total length             49
        ipv4 identification           0x1c46
        ipv4 flags                    DF
        ipv4 fragment offset          0
        ipv4 time to live             64
        ipv4 protocol                 6 (tcp)
        ipv4 checksum                 0x31df (right)
        ipv4 source                   198.51.100.10
        ipv4 destination              192.0.2.100
        tcp source port               40000
        tcp destination port          80
        tcp sequence                  0x11111111
        tcp acknowledgment            0x00000000
        tcp header length             24
        tcp flags                     S
        tcp window                    64240
        tcp checksum                  0xae09 (right)
        tcp urgent                    0
        tcp options                   4: 020405b4
        payload bytes                 5: 68656c6c 6f
        """)
  }

  @Test func tellsRightChecksumsFromWrongOnes() {
    #expect(value("tcp checksum", in: syn.frame())?.hasSuffix("(right)") == true)
    let wrong = syn.with(\.tcp.checksum, 0x1234).with(\.ip.checksum, 1).frame()
    #expect(value("tcp checksum", in: wrong)?.hasPrefix("0x1234 (wrong, right is 0x") == true)
    #expect(value("ipv4 checksum", in: wrong)?.hasPrefix("0x0001 (wrong, right is 0x") == true)
    let partial = syn.partialChecksum().frame()
    #expect(value("tcp checksum", in: partial)?.hasSuffix("(right) partial") == true)
    #expect(value("vnet checksum start", in: partial) == "34")
    let query = syn.udp(from: 40000, to: 53)
    #expect(value("udp checksum", in: query.frame())?.hasSuffix("(right)") == true)
    #expect(value("udp checksum", in: query.with(\.udp.checksum, 0).frame()) == "0x0000 (none)")
    let echo = syn.icmp(.echoRequest).payload("x")
    #expect(value("icmp checksum", in: echo.frame())?.hasSuffix("(right)") == true)
    #expect(
      value("icmp checksum", in: echo.with(\.icmp.checksum, 7).frame())?.contains("wrong") == true)
  }

  @Test func describesWhatAnErrorQuotes() {
    let quoted = Array(syn.frame().bytes[14..<42])
    let error = syn.icmp(.destinationUnreachable, code: 3).payload(quoted).frame()
    #expect(value("quoted ipv4 source", in: error) == "198.51.100.10")
    #expect(value("quoted tcp destination port", in: error) == "80")
    #expect(value("quoted tcp window", in: error) == nil)
  }

  @Test func describesARPAndPadding() {
    let fields = ARPFields(
      operation: .reply, senderMAC: ExampleNetwork.outsideMAC,
      senderAddress: ExampleNetwork.virtual, targetMAC: ExampleNetwork.gatewayMAC,
      targetAddress: ExampleNetwork.gateway)
    let frame = syn.arp(fields).with(\.minimumLength, 60).frame()
    #expect(value("arp operation", in: frame) == "2 (reply)")
    #expect(value("arp sender address", in: frame) == "192.0.2.100")
    #expect(value("padding bytes", in: frame)?.hasPrefix("18: 00000000") == true)
  }

  /// No prefix of any frame, and no random bytes, may trap.
  @Test func describesTruncatedAndRandomFrames() {
    let error = syn.icmp(.timeExceeded).payload(Array(syn.frame().bytes[14...]))
    let frames = [
      syn.with(\.tcp.options, [2, 4, 5, 0xb4]).payload("abc"), syn.udp(from: 1, to: 2), error,
      syn.with(\.ethernet.tag, (.vlan, 1)), syn.with(\.ip.headerWords, 15),
      syn.with(\.tcp.headerWords, 15), syn.with(\.ip.totalLength, 0xffff),
    ].map { $0.frame() }
    for frame in frames {
      for length in 0...frame.bytes.count {
        let description = FrameDescription(frame.prefix(length).bytes.rawSpan)
        #expect(!description.fields.isEmpty)
      }
    }
    var random = SplitMix64(seed: 11)
    let header = Array(syn.frame().bytes[..<14])
    for _ in 0..<2000 {
      let bytes = header + random.bytes(Int.random(in: 0...90, using: &random))
      let fields = FrameDescription(bytes.rawSpan, offload: VirtioNetHeader()).fields
      #expect(fields.allSatisfy { $0.range.upperBound <= bytes.count })
    }
  }
}

@Suite struct FrameComparisonTests {
  private let request = FrameBuilder.ethernet(
    from: ExampleNetwork.gatewayMAC, to: ExampleNetwork.outsideMAC
  ).ipv4(from: ExampleNetwork.client, to: ExampleNetwork.virtual).tcp(from: 40000, to: 80, .ack)

  private func compare(
    _ expected: FrameBuilder, _ actual: FrameBuilder, ignoring ignored: [Range<Int>] = []
  ) -> FrameComparison {
    let (left, right) = (expected.frame(), actual.frame())
    return FrameComparison(
      expected: left.bytes.rawSpan, left.offload, actual: right.bytes.rawSpan, right.offload,
      ignoring: ignored)
  }

  private func differing(_ comparison: FrameComparison) -> [String] {
    comparison.rows.filter(\.isDifferent).map(\.field)
  }

  @Test func sameFramesAreEqual() {
    let comparison = compare(request, request)
    #expect(comparison.isEqual)
    #expect(comparison.firstDifference == nil)
    #expect(differing(comparison).isEmpty)
  }

  @Test func marksTheFieldsThatDiffer() {
    let comparison = compare(request, request.with(\.ip.timeToLive, 63))
    #expect(!comparison.isEqual)
    #expect(comparison.firstDifference == 22)
    #expect(differing(comparison) == ["ipv4 time to live", "ipv4 checksum"])
    let lines = comparison.description.split(separator: "\n")
    #expect(
      lines.contains { $0.hasPrefix("* ipv4 time to live") && $0.hasSuffix("63") })
    #expect(lines.contains { $0.hasPrefix("  tcp flags") })
  }

  @Test func ignoresWhatItIsTold() {
    let other = request.with(\.ip.identification, 7)
    #expect(!compare(request, other).isEqual)
    #expect(!compare(request, other, ignoring: [18..<20]).isEqual, "the checksum differs, too")
    #expect(compare(request, other, ignoring: [18..<20, 24..<26]).isEqual)
  }

  @Test func seesLengthsAndPayloads() {
    let longer = compare(request.payload("abc"), request.payload("abcd"))
    #expect(differing(longer).contains("payload bytes"))
    let late = compare(request.payload(count: 100), request.payload(count: 99).payload(count: 100))
    #expect(late.isEqual)
    var bytes = [UInt8](repeating: 0, count: 100)
    bytes[99] = 1
    let far = compare(
      request.payload([UInt8](repeating: 0, count: 100)).with(\.tcp.checksum, 0),
      request.payload(bytes).with(\.tcp.checksum, 0))
    #expect(far.firstDifference == 54 + 99)
    #expect(!far.isEqual)
  }

  @Test func seesTheVirtioNetHeader() {
    let comparison = compare(request.segmented(1448), request.segmented(1400))
    #expect(comparison.firstDifference == nil)
    #expect(!comparison.isEqual)
    #expect(differing(comparison) == ["vnet GSO size"])
  }

  @Test func pairsFieldsOfDifferentProtocols() {
    let comparison = compare(request, request.udp(from: 1, to: 2))
    let names = comparison.rows.map(\.field)
    #expect(Set(names).count == names.count)
    #expect(comparison.rows.contains { $0.field == "tcp flags" && $0.actual == nil })
    #expect(comparison.rows.contains { $0.field == "udp length" && $0.expected == nil })
  }
}
