package import Wire

/// The local ports of all pools, leased for each (real server, local address) apart: the same port
/// serves different real servers at once (RFC 9293 section 3.1: four values tell a connection).
struct LocalPorts: Sendable {
  /// What a pool is for; two services with the same server and local address share it.
  struct PoolKey: Hashable {
    let local: IPv4Address
    let real: Endpoint
    let `protocol`: IPProtocol
  }

  /// A pool's ports.
  struct PoolRange {
    let key: PoolKey
    let ports: ClosedRange<UInt16>
  }

  /// A port of a pool of a list.
  struct Lease {
    /// The pool's offset in the list, below 256.
    let offset: Int
    let local: Endpoint
  }

  private var pools: [LocalPortPool] = []
  private var keys: [PoolKey] = []
  /// Pools that have become short of ports since notices were last taken.
  private var notices: [LocalPortNotice] = []
  private var places: [PoolKey: Int] = [:]
  /// The pools of each real server of each service, one list behind the other.
  private var lists: [Int] = []
  /// For each place in `lists` the pool's local address as it stands in a frame.
  private var rawAddresses: [UInt32] = []
  /// For each list, by its start, the offset of the pool that is next in turn.
  private var turns: [Int: Int] = [:]
  private let seed: UInt64

  init(seed: UInt64) {
    self.seed = seed
  }

  /// Makes the pools of a real server, or finds them; answers their list.
  mutating func add(
    _ settings: FullNATSettings, _ real: Endpoint, _ protocol: IPProtocol
  ) -> Range<Int> {
    let start = lists.count
    for local in settings.localAddresses {
      rawAddresses.append(local.rawValue.byteSwapped)
      let key = PoolKey(local: local, real: real, protocol: `protocol`)
      if let place = places[key] {
        lists.append(place)
        continue
      }
      places[key] = pools.count
      lists.append(pools.count)
      keys.append(key)
      let chance = SipHash.hash(
        UInt64(local.rawValue) << 32 | UInt64(real.address.rawValue),
        UInt64(real.port) << 8 | UInt64(`protocol`.rawValue), key: (seed, ~seed))
      pools.append(LocalPortPool(settings.localPorts, seed: chance))
    }
    return start..<lists.count
  }

  /// The ports of the pools of `list`.
  func ranges(of list: Range<Int>) -> [PoolRange] {
    lists[list].map { PoolRange(key: keys[$0], ports: pools[$0].ports) }
  }

  /// The ports of all pools.
  var allRanges: [PoolRange] {
    keys.indices.map { PoolRange(key: keys[$0], ports: pools[$0].ports) }
  }

  /// The local address, as it stands in a frame, of the pool at `offset` of the list that begins at
  /// `start`.
  @inline(__always)
  func rawAddress(at offset: Int, of start: Int) -> UInt32 { rawAddresses[start &+ offset] }

  /// A port of a pool of `list`, which take turns; `nil` when no pool has one left.
  mutating func lease(from list: Range<Int>) -> Lease? {
    let turn = turns[list.lowerBound] ?? 0
    for step in 0..<list.count {
      let offset = (turn + step) % list.count
      let pool = lists[list.lowerBound + offset]
      guard let port = pools[pool].lease() else { continue }
      turns[list.lowerBound] = (offset + 1) % list.count
      noteUse(of: pool)
      return Lease(offset: offset, local: Endpoint(keys[pool].local, port))
    }
    return nil
  }

  /// Takes `local`, if a pool of `list` has it and nobody else.
  mutating func lease(_ local: Endpoint, from list: Range<Int>) -> Lease? {
    for offset in 0..<list.count {
      let pool = lists[list.lowerBound + offset]
      if keys[pool].local == local.address, pools[pool].lease(local.port) {
        return Lease(offset: offset, local: local)
      }
    }
    return nil
  }

  /// Gives back `port` of the pool at `offset` of `list`.
  mutating func release(_ port: UInt16, at offset: Int, of list: Range<Int>) {
    pools[lists[list.lowerBound + offset]].release(port)
  }

  /// Notes that the connection of `port` has ended.
  mutating func noteEnded(_ port: UInt16, at offset: Int, of list: Range<Int>) {
    pools[lists[list.lowerBound + offset]].noteEnded(port)
  }

  /// A local endpoint whose connection has ended, the one that ended first in its pool.
  mutating func takeEnded(from list: Range<Int>) -> Endpoint? {
    for pool in lists[list] {
      if let port = pools[pool].takeEnded() { return Endpoint(keys[pool].local, port) }
    }
    return nil
  }

  /// Notes that `pool` has become short of ports, the first time that it does.
  private mutating func noteUse(of pool: Int) {
    guard pools[pool].becomesShort() else { return }
    notices.append(
      LocalPortNotice(
        local: keys[pool].local, real: keys[pool].real, takenCount: pools[pool].takenCount,
        count: pools[pool].count))
  }

  /// The pools that have become short of ports since the last call.
  mutating func takeNotices() -> [LocalPortNotice] {
    guard !notices.isEmpty else { return [] }
    defer { notices.removeAll(keepingCapacity: true) }
    return notices
  }

  /// How many ports of `list` are leased, and how many there are.
  func usage(of list: Range<Int>) -> (taken: Int, count: Int) {
    lists[list].reduce((0, 0)) { ($0.0 + pools[$1].takenCount, $0.1 + pools[$1].count) }
  }
}

/// A local address that has few ports left for new connections to a real server.
package struct LocalPortNotice: Equatable, Sendable {
  package let local: IPv4Address
  package let real: Endpoint
  /// Ports that are leased, of all.
  package let takenCount: Int
  package let count: Int
}

extension Director {
  /// The local addresses that have become short of ports since the last call.
  package mutating func takeLocalPortNotices() -> [LocalPortNotice] { localPorts.takeNotices() }
}
