package import Frames
package import Wire

/// The neighbours of all ports, bounded, found by port and address.
///
/// A pinned neighbour stays at its index; others may be forgotten to make room.
/// Memory: 1024 neighbours take about 200 KiB without waiting frames.
package struct NeighborTable: ~Copyable {
  /// The most neighbours beside the pinned ones that a table is made for (Linux `gc_thresh3`).
  package static let capacity = 1024

  /// The most neighbours of this table.
  private let limit: Int

  private var places: [Neighbor] = []
  private var freePlaces: [Int] = []
  private var indices = PlaceIndex()

  /// The place looked at last for one to free.
  private var hand = 0

  /// Bytes that wait for link addresses.
  private var pendingByteCount = 0

  /// What frames read; same indices.
  package var adjacencies: AdjacencyTable

  /// A table with room for `pinnedCount` neighbours more than others may fill.
  package init(pinnedCount: Int = 0) {
    limit = Self.capacity + pinnedCount
    adjacencies = AdjacencyTable(capacity: limit)
  }

  private static func key(_ address: IPv4Address, _ port: PortIndex) -> UInt64 {
    (UInt64(port.rawValue) + 1) << 32 | UInt64(address.rawValue)
  }

  /// The number of neighbours known.
  package var count: Int { indices.count }

  /// The indices of all neighbours, lowest first: what is done for each in turn, such as asking,
  /// must not depend on how the index is laid out.
  package var allIndices: [Int] { indices.places.sorted() }

  /// The index of a neighbour, or `nil` if it is not known.
  ///
  /// Cost: one hash.
  package func index(of address: IPv4Address, port: PortIndex) -> Int? {
    indices.place(of: Self.key(address, port))
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
    if indices.count >= limit && !forgetUnused() { return nil }
    let neighbor = Neighbor(port: port, address: address, at: now)
    let index: Int
    if let free = freePlaces.popLast() {
      index = free
      places[index] = neighbor
    } else {
      index = places.count
      places.append(neighbor)
    }
    indices.set(Self.key(address, port), place: index)
    adjacencies[index].mac = .zero
    adjacencies[index].wasUsed = false
    return index
  }

  /// Forgets the neighbour at `index`; answers how many frames waited for it.
  @discardableResult
  mutating func remove(at index: Int) -> Int {
    let neighbor = places[index]
    indices.remove(Self.key(neighbor.address, neighbor.port))
    adjacencies[index].mac = .zero
    freePlaces.append(index)
    return takePending(index).count
  }

  /// The most bytes that wait for all neighbours together.
  static let pendingByteLimit = 4 * 1024 * 1024

  /// Keeps a copy of `bytes` until the link address of the neighbour at `index` is known.
  ///
  /// Answers how many older frames had to go for it; `nil` when too much waits for all neighbours
  /// together and nothing was kept.
  mutating func hold(_ bytes: RawSpan, offload: VirtioNetHeader, forNeighborAt index: Int) -> Int? {
    guard pendingByteCount + bytes.byteCount <= Self.pendingByteLimit else { return nil }
    let before = places[index].pending.byteCount
    let displaced = places[index].pending.append(bytes, offload: offload)
    pendingByteCount += places[index].pending.byteCount - before
    return displaced
  }

  /// Moves what waits for the neighbour at `index` to `outbox`; answers how many frames did not fit.
  mutating func release(_ index: Int, outbox: inout FrameBatch) -> Int {
    pendingByteCount -= places[index].pending.byteCount
    return places[index].pending.release(
      to: places[index].mac, port: places[index].port, outbox: &outbox)
  }

  /// Forgets what waits for the neighbour at `index`; answers the frames, oldest first.
  mutating func takePending(_ index: Int) -> [[UInt8]] {
    pendingByteCount -= places[index].pending.byteCount
    return places[index].pending.removeAll()
  }

  /// Moves the neighbour at `index` to `state`, which ends by itself at `deadline`.
  mutating func enter(_ state: NeighborState, at index: Int, until deadline: Instant?) {
    places[index].state = state
    places[index].deadline = deadline
    places[index].requestCount = 0
    adjacencies[index].mac = state.isUsable ? places[index].mac : .zero
  }

  /// How many neighbours that may be forgotten are compared to forget one.
  private static let sampleCount = 16

  /// Makes room by forgetting one of the unpinned neighbours for which nothing waits and that no
  /// frame went to since the last sweep: of the next few of them, the one unused for longest.
  ///
  /// Cost: a few compares while many may be forgotten, so that a flood of stations stays cheap; one
  /// for each place when none may.
  private mutating func forgetUnused() -> Bool {
    var oldest: Int?
    var candidateCount = 0
    for _ in places.indices where candidateCount < Self.sampleCount {
      hand = (hand + 1) % places.count
      guard !places[hand].isPinned, places[hand].pending.count == 0, !adjacencies[hand].wasUsed
      else { continue }
      candidateCount += 1
      if let candidate = oldest, places[candidate].lastUsed <= places[hand].lastUsed { continue }
      oldest = hand
    }
    guard let oldest else { return false }
    remove(at: oldest)
    return true
  }
}
