import Testing

@testable import Director

@Suite struct SipHashTests {
  /// The vector of the reference for 16 bytes, 0 to 15, under the key of the same bytes.
  @Test func agreesWithTheReference() {
    let low: UInt64 = 0x0706_0504_0302_0100
    let high: UInt64 = 0x0f0e_0d0c_0b0a_0908
    #expect(SipHash.hash(low, high, key: (low, high)) == 0x3f2a_cc7f_57c2_9bdb)
  }

  @Test func dependsOnEveryBitOfKeyAndMessage() {
    let usual = SipHash.hash(1, 2, key: (3, 4))
    for bit in 0..<64 as Range<UInt64> {
      #expect(SipHash.hash(1 ^ 1 << bit, 2, key: (3, 4)) != usual)
      #expect(SipHash.hash(1, 2 ^ 1 << bit, key: (3, 4)) != usual)
      #expect(SipHash.hash(1, 2, key: (3 ^ 1 << bit, 4)) != usual)
      #expect(SipHash.hash(1, 2, key: (3, 4 ^ 1 << bit)) != usual)
    }
  }
}
