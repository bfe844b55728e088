import TestSupport
import Testing
import Wire

@Suite struct TCPOptionsTests {
  /// What a walk over `bytes` meets, each option as kind, offset and length, and whether it ended
  /// in nonsense.
  private func walk(_ bytes: [UInt8]) -> (options: [[Int]], isMalformed: Bool) {
    var walk = TCPOptions(bytes.rawSpan)
    var options: [[Int]] = []
    while let option = walk.next() {
      options.append([Int(option.kind.rawValue), option.offset, option.length])
      // Each option takes at least one byte: more options than bytes would never end.
      guard options.count <= bytes.count else { break }
    }
    return (options, walk.isMalformed)
  }

  @Test func deconstructs() {
    let (options, isMalformed) = walk(
      hexadecimal("020405b4 0402 080a0000000100000000 01 030307"))
    #expect(
      options == [
        [2, 0, 4], [4, 4, 2], [8, 6, 10], [1, 16, 1],
        [3, 17, 3],
      ])
    #expect(!isMalformed)
  }

  @Test func endsAtEndOfList() {
    let (options, isMalformed) = walk(hexadecimal("01 00 020405b4"))
    #expect(options == [[1, 0, 1]])
    #expect(!isMalformed)
  }

  @Test func endsWithTheHeader() {
    let padding = walk([UInt8](repeating: 1, count: 40))
    #expect(padding.options.count == 40)
    #expect(!padding.isMalformed)
    let nothing = walk([])
    #expect(nothing.options.isEmpty)
    #expect(!nothing.isMalformed)
  }

  @Test(arguments: [
    (hexadecimal("02"), "kind without length"),
    (hexadecimal("0200 0000"), "length 0"),
    (hexadecimal("0201 0000"), "length 1"),
    (hexadecimal("0205 05b4"), "length one past the end"),
    (hexadecimal("08ff 0000"), "length far past the end"),
  ])
  func endsAtMalformedValues(bytes: [UInt8], why: String) {
    let alone = walk(bytes)
    #expect(alone.options.isEmpty, "\(why)")
    #expect(alone.isMalformed, "\(why)")
    let behind = walk(hexadecimal("020405b4") + bytes)
    #expect(behind.options == [[2, 0, 4]], "\(why)")
    #expect(behind.isMalformed, "\(why)")
  }

  @Test func everyTruncationEndsInOrder() {
    let whole = hexadecimal("020405b4 0402 080a0000000100000000 01 030307")
    let ends = [0, 4, 6, 16, 17, 20]
    for length in 0...whole.count {
      let (options, isMalformed) = walk(Array(whole.prefix(length)))
      #expect(options.count == ends.count { $0 > 0 && $0 <= length }, "\(length) bytes")
      #expect(isMalformed == !ends.contains(length), "\(length) bytes")
    }
  }

  @Test func staysAtItsEnd() {
    let bytes = hexadecimal("0201")
    var walk = TCPOptions(bytes.rawSpan)
    for _ in 0..<3 {
      let next = walk.next()
      #expect(next == nil)
    }
    #expect(walk.isMalformed == true)
  }

  @Test func randomBytesNeverLeaveTheHeader() {
    var random = SplitMix64(seed: 7)
    for _ in 0..<2000 {
      let bytes = random.bytes(Int.random(in: 0...40, using: &random))
      let (options, _) = walk(bytes)
      var end = 0
      for option in options {
        #expect(option[1] == end && option[2] >= 1)
        end = option[1] + option[2]
      }
      #expect(end <= bytes.count)
    }
  }
}
