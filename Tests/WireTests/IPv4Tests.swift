import TestSupport
import Testing
import Wire

@Suite struct IPv4Tests {
  /// TCP, 3 bytes of payload, DSCP EF, don't fragment.
  private let plain = hexadecimal(
    """
    45 b8 0017 1c46 4000 39 06 3841
    c633640a c0000264 aabbcc
    """)

  /// UDP, one word of options, the second fragment of three, no payload.
  private let optioned = hexadecimal(
    """
    46 00 0018 beef 20b9 01 11 ea88
    c633640a c0000264 01010101
    """)

  private func malformation(_ bytes: [UInt8]) -> IPv4Packet.Malformation? {
    IPv4Packet.malformation(of: bytes.rawSpan)
  }

  private func accepts(_ bytes: [UInt8]) -> Bool { IPv4Packet(bytes.rawSpan) != nil }

  /// `bytes` with one changed and the header checksum made right again.
  private func resealed(_ bytes: [UInt8], _ offset: Int, _ value: UInt8) -> [UInt8] {
    var copy = bytes
    copy[offset] = value
    copy[10] = 0
    copy[11] = 0
    let end = min(copy.count, Int(copy[0] & 0xf) * 4)
    let checksum = ~InternetChecksum.sum(Array(copy[..<end]).rawSpan)
    copy[10] = UInt8(checksum >> 8)
    copy[11] = UInt8(checksum & 0xff)
    return copy
  }

  @Test func deconstructs() throws {
    guard let packet = IPv4Packet(plain.rawSpan) else { throw Refused() }
    #expect(packet.headerLength == 20)
    #expect(packet.typeOfService == 0xb8)
    #expect(packet.totalLength == 23)
    #expect(packet.identification == 0x1c46)
    #expect(packet.dontFragment == true)
    #expect(packet.moreFragments == false)
    #expect(packet.fragmentOffset == 0)
    #expect(packet.isFragment == false)
    #expect(packet.timeToLive == 57)
    #expect(packet.protocol == .tcp)
    #expect(packet.checksum == 0x3841)
    #expect(packet.source == ExampleNetwork.client)
    #expect(packet.destination == ExampleNetwork.virtual)
    #expect(packet.payload.octets == [0xaa, 0xbb, 0xcc])
  }

  @Test func deconstructsOptionsAndFragments() throws {
    guard let packet = IPv4Packet(optioned.rawSpan) else { throw Refused() }
    #expect(packet.headerLength == 24)
    #expect(packet.dontFragment == false)
    #expect(packet.moreFragments == true)
    #expect(packet.fragmentOffset == 1480)
    #expect(packet.isFragment == true)
    #expect(packet.protocol == .udp)
    #expect(packet.payload.isEmpty == true)
  }

  @Test func trimsEthernetPadding() throws {
    let padded = plain + [UInt8](repeating: 0, count: 23)
    guard let packet = IPv4Packet(padded.rawSpan) else { throw Refused() }
    #expect(packet.totalLength == 23)
    #expect(packet.payload.octets == [0xaa, 0xbb, 0xcc])
  }

  /// Each setter over filler changes its own bytes and moves the checksum by as much.
  @Test func constructs() throws {
    var bytes = [UInt8](repeating: filler, count: 22)
    let before = InternetChecksum.sum(Array(bytes[..<20]).rawSpan)
    try bytes.withMutableRawSpan { span in
      guard var packet = MutableIPv4Packet(span) else { throw Refused() }
      packet.source = ExampleNetwork.client
      packet.destination = ExampleNetwork.virtual
      packet.timeToLive = 57
      #expect(packet.source == ExampleNetwork.client)
      #expect(packet.destination == ExampleNetwork.virtual)
      #expect(packet.timeToLive == 57)
    }
    #expect(Array(bytes[..<8]) == [UInt8](repeating: filler, count: 8))
    #expect(Array(bytes[8..<10]) == [57, filler])
    #expect(Array(bytes[12...]) == hexadecimal("c633640a c0000264 a5a5"))
    #expect(InternetChecksum.sum(Array(bytes[..<20]).rawSpan) == before)
  }

  @Test func setsTheChecksumAlone() throws {
    var bytes = [UInt8](repeating: filler, count: 20)
    try bytes.withMutableRawSpan { span in
      guard var packet = MutableIPv4Packet(span) else { throw Refused() }
      packet.checksum = 0x1234
      #expect(packet.checksum == 0x1234)
    }
    var expected = [UInt8](repeating: filler, count: 20)
    expected[10] = 0x12
    expected[11] = 0x34
    #expect(bytes == expected)
  }

  @Test func keepsTheChecksumRight() throws {
    var bytes = plain
    try bytes.withMutableRawSpan { span in
      guard var packet = MutableIPv4Packet(span) else { throw Refused() }
      packet.timeToLive = 56
      packet.dontFragment = false
      let isForbidden = packet.dontFragment
      packet.dontFragment = true
      let isForbiddenAgain = packet.dontFragment
      #expect(!isForbidden && isForbiddenAgain)
      packet.destination = ExampleNetwork.server1
      packet.source = ExampleNetwork.inside
    }
    #expect(accepts(bytes))
  }

  @Test func refusesEveryTruncation() {
    for packet in [plain, optioned] {
      for length in 0..<packet.count {
        let bytes = Array(packet.prefix(length))
        #expect(malformation(bytes) == .truncated, "\(length) bytes")
        #expect(!accepts(bytes), "\(length) bytes")
      }
      #expect(malformation(packet) == nil)
    }
    for length in 0..<20 {
      var short = [UInt8](repeating: filler, count: length)
      let isChangeable = short.withMutableRawSpan { span in MutableIPv4Packet(span) != nil }
      #expect(!isChangeable, "\(length) bytes")
    }
  }

  @Test(arguments: [
    (0, 0x05, IPv4Packet.Malformation.header), (0, 0x65, .header), (0, 0x44, .header),
    (0, 0x40, .header), (0, 0x46, .header), (3, 0, .header), (3, 19, .header),
    (3, 24, .truncated), (2, 0xff, .truncated),
  ])
  func refusesMalformedValues(offset: Int, value: UInt8, why: IPv4Packet.Malformation) {
    let bytes = resealed(plain, offset, value)
    #expect(malformation(bytes) == why)
    #expect(!accepts(bytes))
  }

  @Test func refusesEveryWrongBitOfTheHeader() {
    for bit in 0..<160 {
      var bytes = optioned
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(!accepts(bytes), "bit \(bit)")
    }
  }

  @Test func namesProtocols() {
    let names = [IPProtocol.icmp, .tcp, .udp, IPProtocol(rawValue: 132)].map(\.description)
    #expect(names == ["icmp", "tcp", "udp", "protocol 132"])
  }
}
