import TestSupport
import Testing
import Wire

@Suite struct ARPTests {
  /// Who has 192.0.2.100? Tell 192.0.2.1.
  private let request = hexadecimal(
    """
    0001 0800 06 04 0001
    020000000001 c0000201
    000000000000 c0000264
    """)

  private func accepts(_ bytes: [UInt8]) -> Bool { ARPPacket(bytes.rawSpan) != nil }

  @Test func deconstructs() throws {
    guard let packet = ARPPacket(request.rawSpan) else { throw Refused() }
    #expect(packet.operation == .request)
    #expect(packet.senderMAC == ExampleNetwork.gatewayMAC)
    #expect(packet.senderAddress == ExampleNetwork.gateway)
    #expect(packet.targetMAC == .zero)
    #expect(packet.targetAddress == ExampleNetwork.virtual)
    #expect(packet.isGratuitous == false)
  }

  @Test func constructs() throws {
    let fields = ARPFields(
      operation: .reply, senderMAC: ExampleNetwork.outsideMAC,
      senderAddress: ExampleNetwork.virtual, targetMAC: ExampleNetwork.gatewayMAC,
      targetAddress: ExampleNetwork.gateway)
    var bytes = [UInt8](repeating: filler, count: ARPPacket.length + 2)
    bytes.withMutableRawSpan { (span: consuming MutableRawSpan) in fields.store(into: &span) }
    #expect(
      bytes
        == hexadecimal(
          """
          0001 0800 06 04 0002
          020000000010 c0000264
          020000000001 c0000201
          """) + [filler, filler])
  }

  @Test func refusesEveryTruncation() {
    for length in 0..<request.count {
      #expect(!accepts(Array(request.prefix(length))), "\(length) bytes")
    }
    #expect(accepts(request + [UInt8](repeating: 0, count: 18)), "padded to 60 with the header")
  }

  /// One byte changed to something that is not a request or reply for IPv4 over Ethernet.
  @Test(arguments: [
    (0, 1), (1, 0), (1, 7), (1, 24), (2, 0x86), (3, 1), (4, 8), (4, 0), (5, 16), (5, 0), (6, 1),
    (7, 0), (7, 3), (7, 8),
  ])
  func refusesMalformedValues(offset: Int, value: UInt8) {
    var bytes = request
    bytes[offset] = value
    #expect(!accepts(bytes))
  }

  @Test func acceptsHardwareTypeOfIEEE802() {
    var bytes = request
    bytes[1] = 6
    #expect(accepts(bytes))
  }

  @Test func tellsGratuitousFromOthers() throws {
    var bytes = request
    bytes.replaceSubrange(24..<28, with: bytes[14..<18])
    guard let packet = ARPPacket(bytes.rawSpan) else { throw Refused() }
    #expect(packet.isGratuitous == true)
  }
}
