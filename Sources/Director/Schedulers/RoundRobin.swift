/// Round robin (`rr`): each usable real server in turn, whatever its weight.
package struct RoundRobin: Scheduler {
  /// The server chosen last; before the first choice, the one before the list's first.
  private var last = -1

  package init() {}

  package mutating func destinationsChanged(_ destinations: [Destination]) {
    last = -1
  }

  package mutating func schedule(among destinations: [Destination]) -> Int? {
    let count = destinations.count
    for step in 0..<count {
      let index = (last + 1 + step) % count
      if destinations[index].isUsable {
        last = index
        return index
      }
    }
    return nil
  }
}
