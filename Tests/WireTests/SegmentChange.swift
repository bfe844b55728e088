import TestSupport
import Wire

/// Segments without pseudo-header, whose checksum is over the segment alone, and changes to them.
enum SegmentChange {
  /// The segment with `options`, padded to whole words by zeros.
  static func segment(options: [UInt8], payload: [UInt8] = []) -> [UInt8] {
    let frame = FrameBuilder.ethernet(from: .zero, to: .zero)
      .ipv4(from: ExampleNetwork.client, to: ExampleNetwork.virtual).tcp(from: 1, to: 2, .syn)
      .with(\.tcp.options, options).with(\.tcp.checksum, 0).payload(payload).frame()
    var segment = Array(frame.bytes.dropFirst(34))
    let checksum = InternetChecksum.checksum(of: segment.rawSpan)
    segment[16] = UInt8(checksum >> 8)
    segment[17] = UInt8(checksum & 0xff)
    return segment
  }

  /// What becomes of `segment`, and what `change` answers.
  static func applied<Answer>(
    to segment: [UInt8], _ change: (inout MutableTCPSegment) -> Answer
  ) throws -> (segment: [UInt8], answer: Answer) {
    var copy = segment
    let answer = try copy.withMutableRawSpan { bytes in
      guard var view = MutableTCPSegment(bytes) else { throw Refused() }
      return change(&view)
    }
    return (copy, answer)
  }
}
