import TestSupport
import Testing
import Wire

@Suite struct InternetChecksumTests {
  /// A sum word by word, as the RFC defines it.
  private func definition(_ bytes: [UInt8], initial: UInt16 = 0) -> UInt16 {
    var sum = UInt32(initial)
    for offset in stride(from: 0, to: bytes.count, by: 2) {
      let low = offset + 1 < bytes.count ? UInt32(bytes[offset + 1]) : 0
      sum += UInt32(bytes[offset]) << 8 | low
      if sum > 0xffff { sum -= 0xffff }
    }
    return UInt16(sum)
  }

  /// RFC 1071 section 3.
  @Test func sumsTheExampleOfTheRFC() {
    let bytes = hexadecimal("0001 f203 f4f5 f6f7")
    #expect(InternetChecksum.sum(bytes.rawSpan) == 0xddf2)
    #expect(InternetChecksum.checksum(of: bytes.rawSpan) == 0x220d)
  }

  @Test func sumsAnIPv4Header() {
    let header = hexadecimal("4500003c1c464000390600 00c633640ac0000264".filter { $0 != " " })
    #expect(InternetChecksum.checksum(of: header.rawSpan) == 0x38d4)
  }

  @Test(arguments: [
    ("", UInt16(0)), ("ab", 0xab00), ("abcd", 0xabcd), ("abcdef", 0x9ace), ("ffff", 0xffff),
    ("0000", 0), ("ffff 0001", 1), ("ff", 0xff00), ("01020304 05", 0x0906),
  ])
  func sumsAnyLength(text: String, sum: UInt16) {
    #expect(InternetChecksum.sum(hexadecimal(text).rawSpan) == sum)
  }

  @Test func agreesWithTheDefinition() {
    var random = SplitMix64(seed: 1071)
    for length in 0..<300 {
      let bytes = random.bytes(length)
      let initial = UInt16.random(in: .min ... .max, using: &random)
      #expect(
        InternetChecksum.sum(bytes.rawSpan, initial: initial)
          == definition(bytes, initial: initial), "\(length) bytes")
    }
    let large = random.bytes(65_535)
    #expect(InternetChecksum.sum(large.rawSpan) == definition(large))
    let ones = [UInt8](repeating: 0xff, count: 65_535)
    #expect(InternetChecksum.sum(ones.rawSpan, initial: 0xffff) == definition(ones))
  }

  @Test(arguments: [
    (UInt64(0), UInt16(0)), (0xffff, 0xffff), (0x1_0000, 1), (0x1_fffe, 0xffff),
    (0xffff_ffff, 0xffff), (0x1_0000_0000, 1), (.max, 0xffff), (0x0001_0002_0003_0004, 10),
  ])
  func folds(total: UInt64, sum: UInt16) {
    #expect(InternetChecksum.fold(total) == sum)
  }

  /// RFC 1624 section 4: the case for which equation 2 gave the wrong zero.
  @Test func updatesTheExampleOfTheRFC() {
    let change = InternetChecksum.change(from: UInt16(0x5555), to: 0x3285)
    #expect(InternetChecksum.updated(0xdd2f, by: change) == 0x0000)
  }

  /// Incremental update is full computation, for whole headers with any words changed.
  @Test func updatesAsFullComputation() {
    var random = SplitMix64(seed: 1624)
    for _ in 0..<2000 {
      // A word of 1 keeps the sum from being 0, as the version does in an IPv4 header.
      var bytes = hexadecimal("0001") + random.bytes(18)
      let offset = 2 * Int.random(in: 1..<10, using: &random)
      // Words at the corners come up as often as others.
      let corners: [UInt16] = [0, 0xffff, 1, 0xfffe]
      let new =
        Bool.random(using: &random)
        ? corners.randomElement(using: &random) ?? 0
        : UInt16.random(in: .min ... .max, using: &random)
      let old = UInt16(bytes[offset]) << 8 | UInt16(bytes[offset + 1])
      let before = InternetChecksum.checksum(of: bytes.rawSpan)
      bytes[offset] = UInt8(new >> 8)
      bytes[offset + 1] = UInt8(new & 0xff)
      let updated = InternetChecksum.updated(
        before, by: InternetChecksum.change(from: old, to: new))
      #expect(updated == InternetChecksum.checksum(of: bytes.rawSpan), "\(old) to \(new)")
    }
  }

  /// One word of every kind is enough to meet 0x0000 and 0xffff as old, new and checksum.
  @Test func updatesAtTheCorners() {
    let corners: [UInt16] = [0x0000, 0x0001, 0x7fff, 0x8000, 0xfffe, 0xffff]
    for rest in corners where rest != 0 {
      for old in corners {
        for new in corners {
          let before = ~InternetChecksum.fold(UInt64(rest) + UInt64(old))
          let after = ~InternetChecksum.fold(UInt64(rest) + UInt64(new))
          let change = InternetChecksum.change(from: old, to: new)
          #expect(InternetChecksum.updated(before, by: change) == after, "\(rest) \(old) \(new)")
        }
      }
    }
  }

  @Test func addressChangesAreTwoWords() {
    var random = SplitMix64(seed: 4)
    for _ in 0..<500 {
      let old = IPv4Address(rawValue: .random(in: .min ... .max, using: &random))
      let new = IPv4Address(rawValue: .random(in: .min ... .max, using: &random))
      let words =
        InternetChecksum.change(
          from: UInt16(old.rawValue >> 16), to: UInt16(new.rawValue >> 16))
        + InternetChecksum.change(
          from: UInt16(old.rawValue & 0xffff), to: UInt16(new.rawValue & 0xffff))
      let sum = UInt16.random(in: 1 ... .max, using: &random)
      #expect(
        InternetChecksum.updated(sum, by: InternetChecksum.change(from: old, to: new))
          == InternetChecksum.updated(sum, by: words))
    }
  }

  @Test func sumsThePseudoHeader() {
    let sum = InternetChecksum.pseudoHeaderSum(
      source: ExampleNetwork.client, destination: ExampleNetwork.virtual, protocol: .tcp,
      length: 36)
    #expect(sum == 0xeccc)
  }

  /// A partial checksum follows the addresses and not the ports.
  @Test func updatesPartialChecksums() {
    let addresses = InternetChecksum.change(
      from: ExampleNetwork.virtual, to: ExampleNetwork.server1)
    let ports = InternetChecksum.change(from: UInt16(80), to: 8080)
    #expect(InternetChecksum.updatedPartial(0xeccc, by: addresses) == 0x346a)
    #expect(
      InternetChecksum.updated(0xeccc, .partial, addresses: addresses, ports: ports) == 0x346a)
    #expect(
      InternetChecksum.updated(0x9dd2, .complete, addresses: addresses, ports: ports) == 0x36f5)
  }

  @Test func partialUpdatesAreTheNewPseudoHeader() {
    var random = SplitMix64(seed: 92)
    for _ in 0..<500 {
      let old = IPv4Address(rawValue: .random(in: .min ... .max, using: &random))
      let new = IPv4Address(rawValue: .random(in: .min ... .max, using: &random))
      let length = Int.random(in: 20...65_515, using: &random)
      func sum(_ destination: IPv4Address) -> UInt16 {
        InternetChecksum.pseudoHeaderSum(
          source: ExampleNetwork.client, destination: destination, protocol: .tcp, length: length)
      }
      let change = InternetChecksum.change(from: old, to: new)
      #expect(InternetChecksum.updatedPartial(sum(old), by: change) == sum(new))
    }
  }
}
