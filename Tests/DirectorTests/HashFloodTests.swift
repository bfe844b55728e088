import TestSupport
import Testing
import Wire

@testable import Director

/// A client that chooses its endpoints so that they fall into one bucket must know the seed, which is
/// 64 random bits: seeds that are alike hash alike.
@Suite struct HashFloodTests {
  private static let limit = 65_536

  private static func table(seed: UInt64) throws -> ConnectionTable {
    try ConnectionTable(limit: limit, seed: seed)
  }

  /// Endpoints of one /16 that fall into a few buckets of `table`.
  private static func colliding(
    in table: borrowing ConnectionTable, count: Int
  ) -> [ConnectionKey] {
    var keys: [ConnectionKey] = []
    var random = SplitMix64(seed: 7)
    while keys.count < count {
      let address = IPv4Address(
        rawValue: 0x0a01_0000 | UInt32.random(in: 0...0xffff, using: &random))
      let key = ConnectionKey(address, UInt16.random(in: 1...0xffff, using: &random), .tcp)
      if table.home(of: key) < 16 { keys.append(key) }
    }
    return keys
  }

  @Test func whatCollidesUnderOneSeedSpreadsUnderOthers() throws {
    var seeds = SplitMix64(seed: 11)
    let known = try Self.table(seed: seeds.next())
    let keys = Self.colliding(in: known, count: 200)
    for _ in 0..<16 {
      let seed = seeds.next()
      let other = try Self.table(seed: seed)
      var homes: [Int: Int] = [:]
      for key in keys { homes[other.home(of: key), default: 0] += 1 }
      // 200 keys in 24576 buckets of four places: seldom two in one, never many.
      #expect(homes.count > 190, "seed \(seed): \(homes.count) buckets")
      #expect((homes.values.max() ?? 0) <= 4, "seed \(seed)")
    }
  }

  /// Sequential addresses and ports, as a scanner's, spread like random ones.
  @Test func regularEndpointsSpread() throws {
    let table = try Self.table(seed: 0x2545_f491_4f6c_dd1d)
    var homes: [Int: Int] = [:]
    for address in UInt32(0)..<64 {
      for port in UInt16(0)..<256 {
        let key = ConnectionKey(
          IPv4Address(rawValue: 0x0a00_0000 + address * 256), 1024 + port * 16, .tcp)
        homes[table.home(of: key), default: 0] += 1
      }
    }
    // 16384 keys in 24576 buckets: by chance 12,000 buckets or so are hit, and none more than nine times.
    #expect(homes.count > 11_000, "\(homes.count) buckets")
    #expect((homes.values.max() ?? 0) <= 12)
  }
}
