import TestSupport
import Testing
import Wire

@Suite struct UDPTests {
  private let datagram = hexadecimal("9c40 0035 000b 1234 aabbcc")

  private func accepts(_ bytes: [UInt8]) -> Bool { UDPDatagram(bytes.rawSpan) != nil }

  @Test func deconstructs() throws {
    guard let view = UDPDatagram((datagram + [0xff]).rawSpan) else { throw Refused() }
    #expect(view.sourcePort == 40000)
    #expect(view.destinationPort == 53)
    #expect(view.length == 11)
    #expect(view.checksum == 0x1234)
    #expect(view.payload.octets == [0xaa, 0xbb, 0xcc], "trimmed to the length field")
  }

  @Test func constructs() throws {
    var bytes = [UInt8](repeating: filler, count: 10)
    try bytes.withMutableRawSpan { span in
      guard var view = MutableUDPDatagram(span) else { throw Refused() }
      view.sourcePort = 40000
      view.destinationPort = 53
      view.checksum = 0x1234
      #expect(view.sourcePort == 40000)
      #expect(view.destinationPort == 53)
      #expect(view.checksum == 0x1234)
    }
    #expect(bytes == hexadecimal("9c400035 a5a5 1234 a5a5"))
  }

  @Test func refusesEveryTruncation() {
    for length in 0..<datagram.count {
      #expect(!accepts(Array(datagram.prefix(length))), "\(length) bytes")
    }
    #expect(accepts(datagram))
    for length in 0..<8 {
      var short = [UInt8](repeating: filler, count: length)
      let isChangeable = short.withMutableRawSpan { span in MutableUDPDatagram(span) != nil }
      #expect(!isChangeable, "\(length) bytes")
    }
  }

  @Test(arguments: [0, 1, 7, 12, 0xff])
  func refusesMalformedLength(length: UInt8) {
    var bytes = datagram
    bytes[5] = length
    #expect(!accepts(bytes))
  }

  private func adjusted(
    _ checksum: UInt16, _ kind: TransportChecksum, addresses: UInt64, ports: UInt64
  ) throws -> UInt16 {
    var bytes = datagram
    return try bytes.withMutableRawSpan { span in
      guard var view = MutableUDPDatagram(span) else { throw Refused() }
      view.checksum = checksum
      view.adjustChecksum(kind, addresses: addresses, ports: ports)
      return view.checksum
    }
  }

  @Test func neverStoresZeroAsACompleteChecksum() throws {
    // Equation 3: ~(~0x0001 + ~0x0000 + 0x0001) is 0.
    let change = InternetChecksum.change(from: UInt16(0), to: 1)
    #expect(InternetChecksum.updated(1, by: change) == 0)
    #expect(try adjusted(1, .complete, addresses: 0, ports: change) == 0xffff)
  }

  @Test func adjustsAPartialChecksumByAddressesAlone() throws {
    let addresses = InternetChecksum.change(
      from: ExampleNetwork.virtual, to: ExampleNetwork.server1)
    let ports = InternetChecksum.change(from: 53, to: 5353)
    #expect(try adjusted(0xf61b, .partial, addresses: addresses, ports: ports) == 0x3db9)
  }

  @Test func computesTheChecksum() throws {
    var bytes = [UInt8](hexadecimal("9c40 0035 0015 a5a5")) + Array("zero-checksum".utf8)
    try bytes.withMutableRawSpan { span in
      guard var view = MutableUDPDatagram(span) else { throw Refused() }
      view.destinationPort = 5353
      view.computeChecksum(source: ExampleNetwork.client, destination: ExampleNetwork.server1)
      #expect(view.checksum == 0x53dc)
    }
  }

  @Test func computesAllOnesForZero() throws {
    let zero = IPv4Address.unspecified
    // Pseudo-header 17 + 8, length 8: the source port makes the sum 0xffff.
    var bytes = hexadecimal("0000 0000 0008 0000")
    try bytes.withMutableRawSpan { span in
      guard var view = MutableUDPDatagram(span) else { throw Refused() }
      view.sourcePort = 0xffff - 17 - 8 - 8
      view.computeChecksum(source: zero, destination: zero)
      #expect(view.checksum == 0xffff)
    }
  }
}
