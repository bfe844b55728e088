/// Weighted round robin (`wrr`): the servers in turn, those of higher weight more often, interleaved
/// (`net/netfilter/ipvs/ip_vs_wrr.c`).
///
/// Passes over the list take the servers whose weight reaches a threshold. The threshold begins at
/// the highest weight, falls by the greatest common divisor after each pass, and begins again.
package struct WeightedRoundRobin: Scheduler {
  /// The server chosen last; -1 stands for the list's head, before the first server.
  private var last = -1
  /// The weight that a server needs in this pass.
  private var threshold = 0
  /// The greatest common divisor of the weights above 0, or 1.
  private var step = 1
  /// The threshold of the first pass: the highest weight less `step - 1`, so that the last pass has
  /// threshold 1 and finds a server whose weight was lowered below the divisor.
  private var highest = 0

  package init() {}

  package mutating func destinationsChanged(_ destinations: [Destination]) {
    last = -1
    let weights = destinations.map(\.weight).filter { $0 > 0 }
    step = weights.reduce(0, Self.greatestCommonDivisor)
    if step == 0 { step = 1 }
    highest = (weights.max() ?? 0) - (step - 1)
    if threshold > highest || threshold == 0 {
      threshold = highest
    } else if step > 1 {
      threshold = threshold / step * step + 1
    }
  }

  package mutating func schedule(among destinations: [Destination]) -> Int? {
    guard highest > 0 else { return nil }
    // `ip_vs` fails when a whole round, from where the last choice left off through all thresholds,
    // finds nobody. A round has as many passes as there are thresholds, and one broken in two.
    var remainingPasses = (highest + step - 1) / step + 1
    var index = last + 1
    while true {
      while index < destinations.count {
        let destination = destinations[index]
        if destination.isUsable && destination.weight >= threshold {
          last = index
          return index
        }
        index += 1
      }
      remainingPasses -= 1
      guard remainingPasses > 0 else {
        return nil
      }
      threshold -= step
      if threshold <= 0 { threshold = highest }
      index = 0
    }
  }

  private static func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
    var (a, b) = (a, b)
    while b != 0 { (a, b) = (b, a % b) }
    return a
  }
}
