import TestSupport
import Testing
import Wire

/// Edges of selective acknowledgments.
@Suite struct SelectiveAckTests {
  private func shifted(
    _ options: String, by amount: UInt32, _ kind: TransportChecksum = .complete
  ) throws -> [UInt8] {
    try SegmentChange.applied(
      to: SegmentChange.segment(options: hexadecimal(options), payload: [9])
    ) { $0.shiftSelectiveAcks(by: amount, kind) }.segment
  }

  @Test(arguments: [
    ("one block", "0101 050a 41111200 41111300", "0101 050a 11111200 11111300"),
    (
      "two blocks", "0101 0512 41111200 41111300 41114000 41111500",
      "0101 0512 11111200 11111300 11114000 11111500"
    ),
    ("at an odd offset", "01 050a 41111200 41111300 01", "01 050a 11111200 11111300 01"),
    (
      "four blocks",
      "0101 0522 00000000 00000001 ffffffff 30000000 2fffffff 01020304 05060708 090a0b0c",
      "0101 0522 d0000000 d0000001 cfffffff 00000000 ffffffff d1020304 d5060708 d90a0b0c"
    ),
    ("behind the end of the list", "00 050a 41111200 41111300", nil),
    ("behind a length of 0", "0300 050a 41111200 41111300", nil),
    ("of 9 bytes", "0509 41111200 411113", nil),
    ("of 6 bytes", "0506 41111200", nil),
    ("of no block", "0502", nil),
    ("past the end", "0512 41111200 41111300", nil),
    ("another option", "020405b4 0402 0101", nil),
    ("none", "", nil),
  ])
  func everyEdgeIsShifted(title: String, options: String, expected: String?) throws {
    let wanted = SegmentChange.segment(
      options: hexadecimal(expected ?? options), payload: [9])
    #expect(try shifted(options, by: 0 &- 0x3000_0000) == wanted, "\(title)")
    let back = try SegmentChange.applied(to: wanted) {
      $0.shiftSelectiveAcks(by: 0x3000_0000, .complete)
    }.segment
    #expect(
      back == SegmentChange.segment(options: hexadecimal(options), payload: [9]), "\(title)")
  }

  @Test func aPartialChecksumStays() throws {
    let before = SegmentChange.segment(options: hexadecimal("0101 050a 41111200 41111300"))
    let after = try SegmentChange.applied(to: before) {
      $0.shiftSelectiveAcks(by: 0xd000_0000, .partial)
    }.segment
    #expect(Array(after[16..<18]) == Array(before[16..<18]))
    #expect(Array(after[20...]) == hexadecimal("0101 050a 11111200 11111300"))
  }

  @Test func withoutAShiftNothingChanges() throws {
    let before = SegmentChange.segment(options: hexadecimal("0101 050a 41111200 41111300"))
    #expect(try shifted("0101 050a 41111200 41111300", by: 0).prefix(16) == before.prefix(16))
  }

  /// At every offset and by any amount the checksum is what summing anew gives.
  @Test(arguments: UInt64(1)...4)
  func theChecksumIsKeptAtEveryOffset(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    for offset in 0...30 {
      for _ in 0..<20 {
        let amount = UInt32.random(in: .min ... .max, using: &random)
        let edges = (0..<2).map { _ in UInt32.random(in: .min ... .max, using: &random) }
        let payload = random.bytes(Int.random(in: 0...5, using: &random))
        func built(_ edges: [UInt32]) -> [UInt8] {
          let bytes = edges.flatMap { edge in (0..<4).map { UInt8(edge >> (24 - 8 * $0) & 0xff) } }
          let options = [UInt8](repeating: 1, count: offset) + [5, 10] + bytes
          return SegmentChange.segment(options: options, payload: payload)
        }
        let result = try SegmentChange.applied(to: built(edges)) {
          $0.shiftSelectiveAcks(by: amount, .complete)
        }.segment
        #expect(result == built(edges.map { $0 &+ amount }), "seed \(seed), offset \(offset)")
      }
    }
  }

  @Test func aTruncatedHeaderIsLeftAlone() throws {
    let before = SegmentChange.segment(options: hexadecimal("0101 050a 41111200 41111300"))
    for length in 20..<before.count {
      let cut = Array(before.prefix(length))
      let after = try SegmentChange.applied(to: cut) { $0.shiftSelectiveAcks(by: 1, .complete) }
      #expect(after.segment == cut)
    }
  }

  /// Edges inside of what was inserted are the first byte's, edges behind it lie so much lower.
  @Test(arguments: ["0101", "01"])
  func whatIsInsertedIsTakenOut(padding: String) throws {
    let insertion = InsertedPayload(first: 0x1111_1112, length: 28)
    let before = SegmentChange.segment(
      options: hexadecimal(padding + "0512 11111112 1111112e 1111112f 11111200"))
    let after = try SegmentChange.applied(to: before) {
      $0.takeOutOfSelectiveAcks(insertion, .complete)
    }.segment
    #expect(
      after
        == SegmentChange.segment(
          options: hexadecimal(padding + "0512 11111112 11111112 11111113 111111e4")))
  }
}
