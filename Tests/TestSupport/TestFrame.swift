package import Frames
package import Wire

/// A frame outside of any batch: what a test puts in, and what it finds.
package struct TestFrame: Equatable, Sendable {
  /// The Ethernet frame without its frame check sequence.
  package var bytes: [UInt8]
  package var offload: VirtioNetHeader

  package init(_ bytes: [UInt8], offload: VirtioNetHeader = VirtioNetHeader()) {
    self.bytes = bytes
    self.offload = offload
  }

  /// A copy of the frame at `index` of `batch`; traps outside the batch.
  package init(copying batch: borrowing FrameBatch, at index: Int) {
    bytes = batch.readBytes(at: index).octets
    offload = batch[index].offload
  }

  /// The first `count` bytes, as a truncated frame would arrive.
  package func prefix(_ count: Int) -> TestFrame {
    TestFrame(Array(bytes.prefix(count)), offload: offload)
  }

  /// A copy in which `octet` stands at `offset`.
  package func replacing(_ offset: Int, with octet: UInt8) -> TestFrame {
    var copy = self
    copy.bytes[offset] = octet
    return copy
  }
}

extension TestFrame: CustomStringConvertible {
  package var description: String {
    FrameDescription(bytes.rawSpan, offload: offload).description
  }
}

extension FrameBatch {
  /// Appends a copy of `frame`; `false` when there is no room.
  package mutating func append(_ frame: TestFrame, port: PortIndex) -> Bool {
    append(copying: frame.bytes.rawSpan, port: port, offload: frame.offload)
  }
}

/// The bytes that a text of hexadecimal digits stands for; spaces and line ends do not count.
///
/// Traps on anything else: it is for literals in tests.
package func hexadecimal(_ text: String) -> [UInt8] {
  let digits = text.filter { !$0.isWhitespace }.map { digit in
    guard let value = digit.hexDigitValue else { preconditionFailure("not a digit: \(digit)") }
    return UInt8(value)
  }
  precondition(digits.count.isMultiple(of: 2), "half a byte at the end")
  return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

extension RawSpan {
  /// A copy of the bytes.
  package var octets: [UInt8] {
    var copy: [UInt8] = []
    copy.reserveCapacity(byteCount)
    for offset in 0..<byteCount { copy.append(octet(at: offset)) }
    return copy
  }
}
