import TestSupport
import Testing
import Wire

/// Overwriting options by no-operations.
@Suite struct TCPOptionEditTests {
  struct Row: Sendable, CustomTestStringConvertible {
    var title: String
    var options: [UInt8]
    var expected: [UInt8]
    var selection: TCPOptionSelection
    var count: Int
    var testDescription: String { title }

    init(
      _ title: String, _ options: String, _ expected: String? = nil,
      _ selection: TCPOptionSelection = .clientBound, count: Int = 0
    ) {
      self.title = title
      self.options = hexadecimal(options)
      self.expected = hexadecimal(expected ?? options)
      self.selection = selection
      self.count = count
    }
  }

  private static let ten = String(repeating: "01", count: 10)
  private static let own = TCPOptionSelection.clientAddress(kind: 254)

  static let rows = [
    Row(
      "timestamps of a usual SYN", "020405b4 0402 080a0000000100000000 01 030307",
      "020405b4 0402 \(ten) 01 030307", count: 1),
    Row("timestamps at an odd offset", "01 080a1234567890abcdef 01", "01 \(ten) 01", count: 1),
    Row("timestamps twice", "080a0000000100000000 080a0000000200000000", ten + ten, count: 2),
    Row("timestamps of 9 bytes", "08090000000100000001"),
    Row("timestamps of 11 bytes", "080b000000010000000001"),
    Row("timestamps, not selected", "080a0000000100000000", nil, [.fastOpen, .multipath]),
    Row("a request of a cookie", "2202 0101", "0101 0101", count: 1),
    Row("a cookie", "220a0102030405060708", ten, count: 1),
    Row(
      "a cookie of odd length at an odd offset", "01 2207 0102030405", "0101 010101010101", count: 1
    ),
    Row("a cookie, not selected", "220a0102030405060708", nil, .timestamps),
    Row("the experimental cookie", "fe08 f989 01020304", "01010101 01010101", count: 1),
    Row("the request of it", "fe04 f989", "01010101", count: 1),
    Row("another experiment", "fe06 f98a 0102"),
    Row("an experiment without identifier", "fe02 f989"),
    Row("an experiment with half of one", "fe03 f9 89"),
    Row("another experimental kind", "fd04 f989"),
    Row("multipath", "1e0c 00 81 0102030405060708", ten + "0101", count: 1),
    Row("multipath of the least length", "1e02 0101", "0101 0101", count: 1),
    Row(
      "all of them", "2202 1e04 0000 fe04 f989 080a0000000100000000 020405b4",
      String(repeating: "01", count: 20) + "020405b4", count: 4),
    Row("a client's own address", "fe08115c01020304", "0101010101010101", own, count: 1),
    Row("a client's own address, not selected", "fe08115c01020304"),
    Row(
      "of version 6", "fe14" + String(repeating: "ab", count: 18),
      String(repeating: "01", count: 20), own, count: 1),
    Row("of 4 bytes", "fe04 1234", nil, own),
    Row("of 9 bytes", "fe09 115c 01020304 05", nil, own),
    Row("of 7 bytes", "fe07 115c 010203", nil, own),
    Row("twice", "fe08115c01020304 fe08115c01020305", ten + "010101010101", own, count: 2),
    Row("of another kind", "fd08115c01020304 fc08115c01020304", nil, own),
    Row(
      "of kind 253", "fd08115c01020304 fe08115c01020304", "0101010101010101 fe08115c01020304",
      .clientAddress(kind: 253), count: 1),
    Row(
      "of kind 252", "fd08115c01020304 fc08115c01020304", "fd08115c01020304 0101010101010101",
      .clientAddress(kind: 252), count: 1),
    Row(
      "of all kinds, on a SYN", "fc08115c01020304 fd08115c01020304 fe08115c01020304 2202",
      String(repeating: "01", count: 26),
      [
        .clientAddress(kind: 252), .clientAddress(kind: 253), .clientAddress(kind: 254),
        .clientBound,
      ], count: 4),
    Row("behind the end of the list", "01 00 080a0000000100000000"),
    Row("behind a length of 0", "0200 080a0000000100000000"),
    Row("behind a length of 1", "0201 080a0000000100000000"),
    Row("behind a length past the end", "02ff 080a0000000100000000"),
    Row(
      "before a length past the end", "080a0000000100000000 02ff", ten + "02ff", count: 1),
    Row("that says to be longer than the header", "080a 000000010000"),
    Row("that ends with its kind", "010101 08"),
    Row("inside of another", "030c 080a0000000100000000"),
    Row("no options", ""),
  ]

  /// The result is what building the segment with the expected options gives.
  @Test(arguments: rows)
  func overwrites(row: Row) throws {
    for payload in [[], [1], [2, 3, 5, 7, 11]] as [[UInt8]] {
      let result = try SegmentChange.applied(
        to: SegmentChange.segment(options: row.options, payload: payload)
      ) { $0.overwriteOptions(row.selection, .complete) }
      #expect(result.segment == SegmentChange.segment(options: row.expected, payload: payload))
      #expect(result.answer == row.count)
    }
  }

  @Test(arguments: rows)
  func aPartialChecksumStays(row: Row) throws {
    let before = SegmentChange.segment(options: row.options)
    let result = try SegmentChange.applied(to: before) {
      $0.overwriteOptions(row.selection, .partial)
    }
    var expected = SegmentChange.segment(options: row.expected)
    expected.replaceSubrange(16..<18, with: before[16..<18])
    #expect(result.segment == expected)
    #expect(result.answer == row.count)
  }

  /// A SYN on its way through FullNAT: addresses, ports, sequence number, then the timestamps.
  @Test func theSYNBehindFullNAT() throws {
    let options = "020405b4 0402 080a000003e800000000 01 030307"
    let before = hexadecimal(
      "27111f90 41111111 00000000 a002faf0 9dd20000" + options)
    let addresses =
      InternetChecksum.change(from: ExampleNetwork.client, to: IPv4Address(10, 0, 0, 200))
      &+ InternetChecksum.change(from: ExampleNetwork.virtual, to: ExampleNetwork.server1)
    let ports =
      InternetChecksum.change(from: 40000, to: 10001) &+ InternetChecksum.change(from: 80, to: 8080)
      &+ InternetChecksum.change(from: 0x1111, to: 0x4111)
    let result = try SegmentChange.applied(to: before) { segment in
      segment.adjustChecksum(.complete, addresses: addresses, ports: ports)
      return segment.overwriteOptions(.clientBound, .complete)
    }
    #expect(
      result.segment
        == hexadecimal(
          "27111f90 41111111 00000000 a002faf0 a2870000 020405b4 0402 \(Self.ten) 01 030307"))
    #expect(result.answer == 1)
  }

  /// The error in a wrong checksum is the same before and after.
  @Test func aWrongChecksumStaysWrong() throws {
    var before = SegmentChange.segment(options: hexadecimal("01 080a1234567890abcdef 01"))
    let right = InternetChecksum.sum(before.rawSpan)
    before[17] ^= 0x40
    let error = InternetChecksum.sum(before.rawSpan)
    let result = try SegmentChange.applied(to: before) {
      $0.overwriteOptions(.timestamps, .complete)
    }
    #expect(right == 0xffff && error != 0xffff)
    #expect(InternetChecksum.sum(result.segment.rawSpan) == error)
  }

  /// A header that ends before it says: nothing is read past the end.
  @Test func aTruncatedHeaderIsLeftAlone() throws {
    let before = SegmentChange.segment(options: hexadecimal("01 080a1234567890abcdef 01"))
    for length in 20..<before.count {
      let cut = Array(before.prefix(length))
      let result = try SegmentChange.applied(to: cut) {
        $0.overwriteOptions(.clientBound, .complete)
      }
      #expect(result.segment == cut)
      #expect(result.answer == 0)
    }
  }

  private static let pieces = [
    "080a0011223344556677", "2202", "22061234abcd", "fe04f989", "fe08115c01020304", "1e05010203",
    "01", "020405b4", "0402", "030307", "050a0102030405060708",
  ].map(hexadecimal)

  @Test func randomOptionsKeepTheChecksumRight() throws {
    var random = SplitMix64(seed: 11)
    let selection: TCPOptionSelection = [.clientBound, .clientAddress(kind: 254)]
    var count = 0
    for _ in 0..<2000 {
      var options: [UInt8] = []
      while Int.random(in: 0..<8, using: &random) > 0 {
        options += Self.pieces.randomElement(using: &random) ?? []
      }
      options = Array(options.prefix(40))
      // Now and then something is broken.
      if !options.isEmpty, Bool.random(using: &random) {
        options[Int.random(in: 0..<options.count, using: &random)] = random.bytes(1)[0]
      }
      let before = SegmentChange.segment(
        options: options, payload: random.bytes(Int.random(in: 0...3, using: &random)))
      let result = try SegmentChange.applied(to: before) {
        $0.overwriteOptions(selection, .complete)
      }
      count += result.answer
      #expect(result.segment.count == before.count)
      #expect(InternetChecksum.sum(result.segment.rawSpan) == 0xffff, "\(options)")
      let again = try SegmentChange.applied(to: result.segment) {
        $0.overwriteOptions(selection, .complete)
      }
      #expect(again.answer == 0 && again.segment == result.segment)
    }
    #expect(count > 1000, "the test has met some")
  }

  @Test func trapsForOtherKinds() async {
    await #expect(processExitsWith: .failure) {
      _ = TCPOptionSelection.clientAddress(kind: 251)
    }
    await #expect(processExitsWith: .failure) {
      _ = TCPOptionSelection.clientAddress(kind: 255)
    }
  }

  // MARK: - The segment size

  @Test(arguments: [
    ("020405b4", "020405ac"), ("01 020405b4 010101", "01 020405ac 010101"),
    ("02040009", "02040001"), ("02040008", "02040008"), ("02040000", "02040000"),
    ("0402", "0402"), ("00 020405b4", "00 020405b4"), ("", ""), ("0204ffff", "0204fff7"),
  ])
  func theSegmentSizeIsLoweredByTheOptionsLength(options: String, expected: String) throws {
    let result = try SegmentChange.applied(
      to: SegmentChange.segment(options: hexadecimal(options), payload: [1, 2, 3])
    ) { $0.lowerSegmentSize(by: 8, .complete) }
    #expect(
      result.segment
        == SegmentChange.segment(options: hexadecimal(expected), payload: [1, 2, 3]))
  }
}
