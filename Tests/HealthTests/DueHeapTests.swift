import Frames
import TestSupport
import Testing

@testable import Health

/// The heap against a dictionary.
@Suite struct DueHeapTests {
  @Test(arguments: UInt64(1)...6)
  func behavesAsADictionary(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var heap = DueHeap()
    var expected: [Int: Instant] = [:]
    for step in 0..<4000 {
      let place = Int.random(in: 0..<60, using: &random)
      if Int.random(in: 0..<3, using: &random) > 0 {
        let due = Instant(nanoseconds: UInt64.random(in: 0..<100, using: &random))
        heap.set(place, due: due)
        expected[place] = due
      } else {
        heap.remove(place)
        expected[place] = nil
      }
      let least = expected.min { ($0.value, $0.key) < ($1.value, $1.key) }
      #expect(heap.first?.place == least?.key, "seed \(seed), step \(step)")
      #expect(heap.first?.due == least?.value)
      #expect(heap.count == expected.count)
      #expect(heap.due(of: place) == expected[place])
    }
  }

  @Test func nothingIsInAnEmptyOne() {
    var heap = DueHeap()
    #expect(heap.first == nil)
    heap.remove(5)
    #expect(heap.due(of: 5) == nil)
    #expect(heap.count == 0)
  }
}
