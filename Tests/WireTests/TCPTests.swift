import TestSupport
import Testing
import Wire

@Suite struct TCPTests {
  /// SYN from 40000 to 80 with an MSS of 1460, and two bytes of payload.
  private let syn = hexadecimal(
    """
    9c40 0050 11111111 22222222 60 02 faf0 1234 0007
    020405b4 abcd
    """)

  private func accepts(_ bytes: [UInt8]) -> Bool { TCPSegment(bytes.rawSpan) != nil }

  @Test func deconstructs() throws {
    guard let segment = TCPSegment(syn.rawSpan) else { throw Refused() }
    #expect(segment.sourcePort == 40000)
    #expect(segment.destinationPort == 80)
    #expect(segment.sequenceNumber == 0x1111_1111)
    #expect(segment.acknowledgmentNumber == 0x2222_2222)
    #expect(segment.headerLength == 24)
    #expect(segment.flags == .syn)
    #expect(segment.window == 0xfaf0)
    #expect(segment.checksum == 0x1234)
    #expect(segment.payload.octets == [0xab, 0xcd])
    var options = segment.options
    let first = options.next()
    #expect(first?.kind == .maximumSegmentSize)
    #expect(first?.offset == 0)
    #expect(first?.length == 4)
    let second = options.next()
    #expect(second == nil)
  }

  @Test func constructs() throws {
    var bytes = [UInt8](repeating: filler, count: 22)
    try bytes.withMutableRawSpan { span in
      guard var segment = MutableTCPSegment(span) else { throw Refused() }
      segment.sourcePort = 40000
      segment.destinationPort = 80
      segment.checksum = 0x1234
      #expect(segment.sourcePort == 40000)
      #expect(segment.destinationPort == 80)
      #expect(segment.checksum == 0x1234)
    }
    #expect(bytes == hexadecimal("9c400050 a5a5a5a5a5a5a5a5a5a5a5a5 1234 a5a5 a5a5"))
  }

  @Test func refusesEveryTruncation() {
    for length in 0..<24 {
      #expect(!accepts(Array(syn.prefix(length))), "\(length) bytes")
    }
    #expect(accepts(Array(syn.prefix(24))))
    for length in 0..<20 {
      var short = [UInt8](repeating: filler, count: length)
      let isChangeable = short.withMutableRawSpan { span in MutableTCPSegment(span) != nil }
      #expect(!isChangeable, "\(length) bytes")
    }
  }

  /// Data offsets below the fixed header and past the segment's end.
  @Test(arguments: [0, 1, 4, 7, 15])
  func refusesMalformedDataOffset(words: UInt8) {
    var bytes = syn
    bytes[12] = words << 4
    #expect(!accepts(bytes))
  }

  @Test(arguments: [TransportChecksum.complete, .partial])
  func adjustsTheChecksum(kind: TransportChecksum) throws {
    let before = FrameBuilder.ethernet(from: .zero, to: .zero)
      .ipv4(from: ExampleNetwork.client, to: ExampleNetwork.virtual).tcp(from: 40000, to: 80, .syn)
      .payload("odd").with(\.checksum, kind)
    let after = before.with(\.ip.destination, ExampleNetwork.server1)
      .with(\.tcp.destination, 8080)
    var bytes = Array(before.frame().bytes[34...])
    try bytes.withMutableRawSpan { span in
      guard var segment = MutableTCPSegment(span) else { throw Refused() }
      segment.destinationPort = 8080
      segment.adjustChecksum(
        kind,
        addresses: InternetChecksum.change(
          from: ExampleNetwork.virtual, to: ExampleNetwork.server1),
        ports: InternetChecksum.change(from: 80, to: 8080))
    }
    #expect(bytes == Array(after.frame().bytes[34...]))
  }

  @Test func namesFlags() {
    #expect(TCPFlags([.syn, .ack]).description == "S.")
    #expect(TCPFlags(rawValue: 0xff).description == "FSRP.UEW")
    #expect(TCPFlags([]).description == "")
  }
}
