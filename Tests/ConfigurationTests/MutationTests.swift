import Configuration
import Testing

/// Damaged files give findings or a configuration, and never end the program.
@Suite struct MutationTests {
  @Test(arguments: 0..<8) func damagedFilesAreRefusedOrRead(_ seed: UInt64) {
    var random = SplitMix64(state: seed &* 0x1234_5678_9abc_def1)
    var refused = 0
    for _ in 0..<250 {
      let base = Bool.random(using: &random) ? Fixture.base : Fixture.methods
      var bytes = Array(base.utf8)
      for _ in 0...Int.random(in: 0..<4, using: &random) { Self.damage(&bytes, using: &random) }
      do {
        _ = try ApplianceConfiguration.parse(bytes, file: "f")
      } catch {
        refused += 1
        #expect(!error.findings.isEmpty)
        #expect(error.findings.allSatisfy { !$0.found.isEmpty && !$0.wanted.isEmpty })
      }
    }
    // Most damage shows; damage to a name or in a comment need not.
    #expect(refused > 100)
  }

  /// Words that mean something to YAML or to us.
  private static let tokens = [
    "*a", "&a ", "? ", "- ", ": ", "{", "}", "[", "]", "|\n", ">\n", "\"", "'", "!!int ", "---\n",
    "...\n", "%YAML 1.1\n", "<<: ", "\t", "\n", "\r", "~", "0x10", "1:2", "services", "tap: ",
    "90s", "mss-clamp: auto\n", "timeouts: { udp: 5m }\n", "mtu: 1400", "nat-icmp-send: true\n",
    "method: tunnel\n", "method: fullnat\n", "method: dr\n", "local-ports: 1-2\n",
    "local-addresses: [192.168.0.9]\n", "tunnel: { encapsulation: gre }\n", "client-address: toa\n",
    "strip-client-toa: true\n", "192.168.0.2", "0.0.0.0", "\u{feff}", "\u{10fffd}", "\u{85}",
  ].map { Array($0.utf8) }

  private static func damage(_ bytes: inout [UInt8], using random: inout SplitMix64) {
    guard !bytes.isEmpty else { return }
    let place = Int.random(in: 0..<bytes.count, using: &random)
    switch Int.random(in: 0..<5, using: &random) {
    case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
    case 1: bytes.removeSubrange(place..<min(bytes.count, place + 8))
    case 2: bytes.insert(contentsOf: tokens.randomElement(using: &random) ?? [], at: place)
    case 3:
      let end = Int.random(in: place..<min(bytes.count, place + 64), using: &random)
      let piece = bytes[place..<end]
      bytes.insert(contentsOf: piece, at: Int.random(in: 0..<bytes.count, using: &random))
    default: bytes.removeLast(bytes.count - max(1, place))
    }
  }
}

/// A generator with a seed (Steele, Lea and Flood 2014).
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }
}
