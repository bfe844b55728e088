import TestSupport
import Testing
import Wire

@Suite struct ICMPv4Tests {
  /// Echo request 0x1234, sequence 2, "odd".
  private let echo = hexadecimal("08 00 1265 1234 0002 6f6464")

  private func accepts(_ bytes: [UInt8]) -> Bool { ICMPv4Message(bytes.rawSpan) != nil }

  @Test func deconstructs() throws {
    guard let message = ICMPv4Message(echo.rawSpan) else { throw Refused() }
    #expect(message.type == .echoRequest)
    #expect(message.code == 0)
    #expect(message.checksum == 0x1265)
    #expect(message.hasValidChecksum == true)
    #expect(message.payload.octets == Array("odd".utf8))
  }

  @Test func constructs() throws {
    var bytes = [UInt8](repeating: filler, count: 10)
    let before = InternetChecksum.sum(bytes.rawSpan)
    try bytes.withMutableRawSpan { span in
      guard var message = MutableICMPv4Message(span) else { throw Refused() }
      message.type = .echoReply
      #expect(message.type == .echoReply)
    }
    #expect(Array(bytes[..<2]) == [0, filler])
    #expect(Array(bytes[4...]) == [UInt8](repeating: filler, count: 6))
    #expect(InternetChecksum.sum(bytes.rawSpan) == before)
    try bytes.withMutableRawSpan { span in
      guard var message = MutableICMPv4Message(span) else { throw Refused() }
      message.checksum = 0x1234
      #expect(message.checksum == 0x1234)
    }
    #expect(Array(bytes[..<4]) == [0, filler, 0x12, 0x34])
  }

  @Test func becomesAReply() throws {
    var bytes = echo
    try bytes.withMutableRawSpan { span in
      guard var message = MutableICMPv4Message(span) else { throw Refused() }
      message.type = .echoReply
    }
    #expect(bytes == hexadecimal("00 00 1a65 1234 0002 6f6464"))
  }

  @Test func refusesEveryTruncation() {
    for length in 0..<ICMPv4Message.headerLength {
      #expect(!accepts(Array(echo.prefix(length))), "\(length) bytes")
      var short = [UInt8](repeating: filler, count: length)
      let isChangeable = short.withMutableRawSpan { span in MutableICMPv4Message(span) != nil }
      #expect(!isChangeable, "\(length) bytes")
    }
    #expect(accepts(Array(echo.prefix(8))))
  }

  @Test func noticesEveryWrongBit() throws {
    for bit in 0..<(echo.count * 8) {
      var bytes = echo
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      guard let message = ICMPv4Message(bytes.rawSpan) else { throw Refused() }
      #expect(message.hasValidChecksum == false, "bit \(bit)")
    }
  }

  @Test func tellsErrorsFromOthers() {
    let errors = (0...255).filter { ICMPv4Type(rawValue: UInt8($0)).isError }
    #expect(errors == [3, 4, 5, 11, 12])
  }
}
