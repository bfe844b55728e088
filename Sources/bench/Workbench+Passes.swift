import Frames

extension Workbench {
  /// Lets both engines decide the 64 templates from `first` on; what they send must be the same.
  mutating func compare(
    _ pool: borrowing TemplatePool, from first: Int
  ) throws(BenchError) {
    work(.engineInC, pool, from: first)
    let expected = (0..<FrameBatch.frameLimit).map {
      isForwarded($0, by: .engineInC) ? octets(at: $0) : []
    }
    work(.director, pool, from: first)
    for (index, octets) in expected.enumerated() {
      guard !octets.isEmpty, isForwarded(index, by: .director), self.octets(at: index) == octets
      else {
        throw .disagreement("frame \(first + index): the engines differ, or one drops it")
      }
    }
    comparedCount += expected.count
  }

  /// Lets `worker` decide all templates of `pool`: nanoseconds for each, copying included.
  mutating func pass(_ worker: Worker, _ pool: borrowing TemplatePool) -> Double {
    let began = ThreadClock.nanoseconds
    for first in stride(from: 0, to: pool.count, by: FrameBatch.frameLimit) {
      work(worker, pool, from: first)
    }
    return Double(ThreadClock.nanoseconds - began) / Double(pool.count)
  }
}
