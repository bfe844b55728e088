package import Frames
package import Wire

/// The neighbours of all ports, bounded, found by port and address.
///
/// A pinned neighbour stays at its index; others may be forgotten to make room.
/// Memory: 1024 neighbours take about 200 KiB without waiting frames.
package struct NeighborTable: ~Copyable {
  /// The most neighbours, pinned ones included (Linux `gc_thresh3`).
  package static let capacity = 1024

  private var places: [Neighbor] = []
  private var freePlaces: [Int] = []
  private var indices: [UInt64: Int] = [:]

  /// What frames read; same indices.
  package var adjacencies = AdjacencyTable(capacity: NeighborTable.capacity)

  package init() {}

  private static func key(_ address: IPv4Address, _ port: PortIndex) -> UInt64 {
    UInt64(port.rawValue) << 32 | UInt64(address.rawValue)
  }

  /// The number of neighbours known.
  package var count: Int { indices.count }

  /// The indices of all neighbours, in no particular order.
  package var allIndices: [Int] { Array(indices.values) }

  /// The index of a neighbour, or `nil` if it is not known.
  ///
  /// Cost: one hash.
  package func index(of address: IPv4Address, port: PortIndex) -> Int? {
    indices[Self.key(address, port)]
  }

  /// The neighbour at `index`, which must have been answered by this table.
  package internal(set) subscript(index: Int) -> Neighbor {
    _read { yield places[index] }
    _modify { yield &places[index] }
  }

  /// The index of a neighbour, which is made in state `idle` if it is not known; `nil` when the table
  /// is full of neighbours in use.
  mutating func insert(_ address: IPv4Address, port: PortIndex, at now: Instant) -> Int? {
    if let index = index(of: address, port: port) { return index }
    if indices.count >= Self.capacity && !forgetLeastRecentlyUsed() { return nil }
    let neighbor = Neighbor(port: port, address: address, at: now)
    let index: Int
    if let free = freePlaces.popLast() {
      index = free
      places[index] = neighbor
    } else {
      index = places.count
      places.append(neighbor)
    }
    indices[Self.key(address, port)] = index
    adjacencies[index].mac = .zero
    adjacencies[index].wasUsed = false
    return index
  }

  /// Forgets the neighbour at `index`; answers how many frames waited for it.
  @discardableResult
  mutating func remove(at index: Int) -> Int {
    let neighbor = places[index]
    indices[Self.key(neighbor.address, neighbor.port)] = nil
    adjacencies[index].mac = .zero
    freePlaces.append(index)
    return places[index].pending.removeAll()
  }

  /// Moves the neighbour at `index` to `state`, which ends by itself at `deadline`.
  mutating func enter(_ state: NeighborState, at index: Int, until deadline: Instant?) {
    places[index].state = state
    places[index].deadline = deadline
    places[index].requestCount = 0
    adjacencies[index].mac = state.isUsable ? places[index].mac : .zero
  }

  /// Makes room by forgetting the unpinned neighbour unused for longest for which nothing waits.
  private mutating func forgetLeastRecentlyUsed() -> Bool {
    var oldest: Int?
    for index in indices.values
    where !places[index].isPinned && places[index].pending.count == 0
      && !adjacencies[index].wasUsed
    {
      if let candidate = oldest, places[candidate].lastUsed <= places[index].lastUsed { continue }
      oldest = index
    }
    guard let oldest else { return false }
    remove(at: oldest)
    return true
  }
}
