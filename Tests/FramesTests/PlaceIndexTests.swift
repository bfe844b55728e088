import TestSupport
import Testing

@testable import Frames

/// The index against a dictionary.
@Suite struct PlaceIndexTests {
  @Test(arguments: UInt64(1)...4)
  func behavesAsADictionary(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var index = PlaceIndex()
    var expected: [UInt64: Int] = [:]
    for step in 0..<20_000 {
      // Few keys, so that many are there already; some as near as addresses of one network.
      let key = UInt64.random(in: 1...400, using: &random) << (step.isMultiple(of: 3) ? 32 : 0)
      if Int.random(in: 0..<5, using: &random) < 3 {
        index.set(key, place: step)
        expected[key] = step
      } else {
        index.remove(key)
        expected[key] = nil
      }
      #expect(index.count == expected.count)
      let probe = UInt64.random(in: 1...400, using: &random)
      #expect(index.place(of: probe) == expected[probe], "seed \(seed), step \(step)")
    }
    for (key, place) in expected { #expect(index.place(of: key) == place) }
    #expect(index.places.sorted() == expected.values.sorted())
  }

  @Test func nothingIsAtZero() {
    var index = PlaceIndex()
    #expect(index.place(of: 0) == nil)
    index.remove(0)
    #expect(index.count == 0)
  }
}
