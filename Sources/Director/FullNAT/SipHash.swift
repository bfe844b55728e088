/// SipHash-2-4 of two words: a function that nobody without the key can foresee
/// (Aumasson and Bernstein, "SipHash: a fast short-input PRF").
enum SipHash {
  /// The hash of the 16 bytes of `first` and `second`, lowest byte first.
  static func hash(_ first: UInt64, _ second: UInt64, key: (UInt64, UInt64)) -> UInt64 {
    var state = State(key)
    state.absorb(first)
    state.absorb(second)
    // The length in bytes ends the message.
    state.absorb(16 << 56)
    return state.finish()
  }

  private struct State {
    private var a: UInt64
    private var b: UInt64
    private var c: UInt64
    private var d: UInt64

    init(_ key: (UInt64, UInt64)) {
      a = key.0 ^ 0x736f_6d65_7073_6575
      b = key.1 ^ 0x646f_7261_6e64_6f6d
      c = key.0 ^ 0x6c79_6765_6e65_7261
      d = key.1 ^ 0x7465_6462_7974_6573
    }

    mutating func absorb(_ word: UInt64) {
      d ^= word
      mix()
      mix()
      a ^= word
    }

    mutating func finish() -> UInt64 {
      c ^= 0xff
      for _ in 0..<4 { mix() }
      return a ^ b ^ c ^ d
    }

    private mutating func mix() {
      a &+= b
      c &+= d
      b = b.rotated(by: 13) ^ a
      d = d.rotated(by: 16) ^ c
      a = a.rotated(by: 32)
      c &+= b
      a &+= d
      b = b.rotated(by: 17) ^ c
      d = d.rotated(by: 21) ^ a
      c = c.rotated(by: 32)
    }
  }
}

extension UInt64 {
  fileprivate func rotated(by count: UInt64) -> UInt64 { self &<< count | self &>> (64 &- count) }
}
