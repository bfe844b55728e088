import TestSupport
import Testing
import Wire

/// Lowering the maximum segment size option of a segment.
@Suite struct SegmentSizeOptionTests {
  private func lowered(
    _ segment: [UInt8], to limit: UInt16, _ kind: TransportChecksum = .complete
  ) throws -> [UInt8] {
    var copy = segment
    try copy.withMutableRawSpan { bytes in
      guard var view = MutableTCPSegment(bytes) else { throw Refused() }
      view.lowerSegmentSize(to: limit, kind)
    }
    return copy
  }

  /// A segment without pseudo-header: its checksum is over the segment alone.
  private func segment(options: [UInt8], payload: [UInt8]) -> [UInt8] {
    let frame = FrameBuilder.ethernet(from: .zero, to: .zero)
      .ipv4(from: ExampleNetwork.client, to: ExampleNetwork.virtual).tcp(from: 1, to: 2, .syn)
      .with(\.tcp.options, options).with(\.tcp.checksum, 0).payload(payload).frame()
    var segment = Array(frame.bytes.dropFirst(34))
    let checksum = InternetChecksum.checksum(of: segment.rawSpan)
    segment[16] = UInt8(checksum >> 8)
    segment[17] = UInt8(checksum & 0xff)
    return segment
  }

  /// At every offset, with every kind of value: the checksum is what summing anew gives.
  @Test(arguments: UInt64(1)...4)
  func theChecksumIsKeptAtEveryOffset(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    for offset in 0...36 {
      for _ in 0..<20 {
        let size = UInt16.random(in: .min ... .max, using: &random)
        let limit = UInt16.random(in: .min ... .max, using: &random)
        let payload = random.bytes(Int.random(in: 0...9, using: &random))
        let options = [UInt8](repeating: 1, count: offset)
        func built(_ size: UInt16) -> [UInt8] {
          segment(
            options: options + [2, 4, UInt8(size >> 8), UInt8(size & 0xff)], payload: payload)
        }
        let result = try lowered(built(size), to: limit)
        #expect(result == built(min(size, limit)), "seed \(seed), offset \(offset)")
      }
    }
  }

  @Test func aPartialChecksumStays() throws {
    let before = segment(options: hexadecimal("01 020405b4"), payload: [])
    let after = try lowered(before, to: 1000, .partial)
    #expect(Array(after[16..<18]) == Array(before[16..<18]))
    #expect(Array(after[20..<25]) == hexadecimal("01 020403e8"))
  }

  @Test(arguments: ["", "0402", "00 020405b4", "0800 020405b4", "0203 05", "0204", "02"])
  func withoutASoundOptionNothingChanges(options: String) throws {
    let before = segment(options: hexadecimal(options), payload: [2, 4, 5, 180])
    #expect(try lowered(before, to: 536) == before)
  }

  /// A header that ends before it says: nothing is read past the end.
  @Test func aTruncatedHeaderIsLeftAlone() throws {
    let before = segment(options: hexadecimal("01010101 020405b4"), payload: [])
    for length in 20..<before.count {
      let cut = Array(before.prefix(length))
      #expect(try lowered(cut, to: 536) == cut)
    }
  }
}
