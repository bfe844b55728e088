/// Weighted least connection (`wlc`): the server with the least load for its weight; the first of
/// equals (`net/netfilter/ipvs/ip_vs_wlc.c`).
package struct WeightedLeastConnection: Scheduler {
  package init() {}

  package mutating func destinationsChanged(_ destinations: [Destination]) {}

  package mutating func schedule(among destinations: [Destination]) -> Int? {
    var least: Int?
    for (index, destination) in destinations.enumerated() where destination.isUsable {
      guard let candidate = least else {
        least = index
        continue
      }
      // Compares overhead / weight without dividing. Both products fit: an overhead is below 2^33,
      // a weight below 2^16.
      if destinations[candidate].overhead * destination.weight
        > destination.overhead * destinations[candidate].weight
      {
        least = index
      }
    }
    return least
  }
}
