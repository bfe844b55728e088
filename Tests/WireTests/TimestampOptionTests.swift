import TestSupport
import Testing
import Wire

/// The two clocks of the timestamps option.
@Suite struct TimestampOptionTests {
  struct Row: Sendable, CustomTestStringConvertible {
    var title: String
    var options: String
    /// With 0x10 added to the sender's clock, and with as much to the echoed one; `nil` for as before.
    var shifted: String?
    var shiftedEcho: String?
    var testDescription: String { title }

    init(_ title: String, _ options: String, _ shifted: String? = nil, _ echo: String? = nil) {
      self.title = title
      self.options = options
      self.shifted = shifted
      shiftedEcho = echo
    }
  }

  static let rows = [
    Row(
      "where senders put it", "0101 080a 00000001 00000002",
      "0101 080a 00000011 00000002", "0101 080a 00000001 00000012"),
    Row(
      "past the largest number", "0101 080a fffffff0 ffffffff",
      "0101 080a 00000000 ffffffff", "0101 080a fffffff0 0000000f"),
    Row(
      "in a usual SYN", "020405b4 0402 080a 000000f8 00000000 01 030307",
      "020405b4 0402 080a 00000108 00000000 01 030307",
      "020405b4 0402 080a 000000f8 00000010 01 030307"),
    Row(
      "at an odd offset", "01 080a 123456f8 90abcdef 01", "01 080a 12345708 90abcdef 01",
      "01 080a 123456f8 90abcdff 01"),
    Row(
      "before selective acknowledgments", "0101 080a 00000001 00000002 0101 050a 41111200 41111300",
      "0101 080a 00000011 00000002 0101 050a 41111200 41111300",
      "0101 080a 00000001 00000012 0101 050a 41111200 41111300"),
    Row(
      "behind them", "0101 050a 41111200 41111300 0101 080a 00000001 00000002",
      "0101 050a 41111200 41111300 0101 080a 00000011 00000002",
      "0101 050a 41111200 41111300 0101 080a 00000001 00000012"),
    Row("of 9 bytes", "0809 00000001 000002"),
    Row("of 11 bytes", "080b 00000001 00000002 00"),
    Row("past the end", "0101 0101 0101 080a 0000"),
    Row("behind the end of the list", "00 080a 00000001 00000002 00"),
    Row("behind a length of 0", "0300 080a 00000001 00000002"),
    Row("another option", "020405b4"),
    Row("none", ""),
  ]

  @Test(arguments: rows) func eachClock(row: Row) throws {
    let before = SegmentChange.segment(options: hexadecimal(row.options), payload: [9])
    let wanted = SegmentChange.segment(
      options: hexadecimal(row.shifted ?? row.options), payload: [9])
    let after = try SegmentChange.applied(to: before) { $0.shiftTimestamp(by: 0x10, .complete) }
    #expect(after.segment == wanted)
    let wantedEcho = SegmentChange.segment(
      options: hexadecimal(row.shiftedEcho ?? row.options), payload: [9])
    let echo = try SegmentChange.applied(to: before) {
      $0.shiftTimestampEcho(by: 0x10, .complete)
    }
    #expect(echo.segment == wantedEcho)
    let back = try SegmentChange.applied(to: echo.segment) {
      $0.shiftTimestampEcho(by: 0 &- 0x10, .complete)
    }
    #expect(back.segment == before)
  }

  @Test func aPartialChecksumStays() throws {
    let before = SegmentChange.segment(options: hexadecimal("0101 080a 00000001 00000002"))
    let after = try SegmentChange.applied(to: before) { $0.shiftTimestamp(by: 7, .partial) }.segment
    #expect(Array(after[16..<18]) == Array(before[16..<18]))
    #expect(Array(after[20...]) == hexadecimal("0101 080a 00000008 00000002"))
  }
}
