// Fence: this file owns the memory of the reply index.
//
// Memory: a `ZeroedMemory` of 8 bytes for each local port of each pool, and one allocation of
// `mask + 1` pools, replaced by a larger one when it is half full, freed in `deinit`.
// Owner: the `ReplyIndex` value, which cannot be copied, and whose memory lives as long.
// Soundness: a pool is found by a masked index; a position is checked against `positionCount`.

import CLinux
import Wire

/// How replies find their connection with FullNAT: by the local endpoint to which a real server sends,
/// and the server's own.
///
/// Both endpoints but for the local port are those of a pool, of which there are few; the port is a
/// position in the pool's part of one long list, which has the connection's place and what else a
/// reply needs to know. So the second key of a connection costs 8 bytes, connections that were opened
/// together stand together, and replies need no translation.
@safe
struct ReplyIndex: ~Copyable {
  /// The ports of one local address towards one real server.
  private struct Pool {
    /// The local address in the upper half, the real server's in the lower; 0 for no pool.
    var addresses: UInt64 = 0
    /// The real server's port and the protocol: `port << 8 | protocol`.
    var portAndProtocol: UInt32 = 0
    var firstPort: UInt16 = 0
    var lastOffset: UInt16 = 0
    /// The position of the first port.
    var start = 0
  }

  /// What stands at a position.
  private struct Entry {
    /// The connection's place and 1, or 0 for none.
    var place: UInt32 = 0
    /// What is added to the client's sequence numbers.
    var shift: UInt32 = 0
  }

  private var memory: ZeroedMemory
  private var entries: UnsafeMutablePointer<Entry>
  private var positionCount: Int
  private var usedCount = 0

  private var pools: UnsafeMutablePointer<Pool>
  private var poolCount = 0
  private var mask: Int

  /// An index with room for `positionCount` local ports of all pools together.
  init(positionCount: Int) throws(TableMemoryError) {
    self.positionCount = max(1, positionCount)
    memory = try ZeroedMemory(byteCount: self.positionCount * MemoryLayout<Entry>.stride)
    unsafe entries = memory.base.bindMemory(to: Entry.self, capacity: self.positionCount)
    mask = 15
    unsafe pools = .allocate(capacity: mask + 1)
    unsafe pools.initialize(repeating: Pool(), count: mask + 1)
  }

  deinit { unsafe pools.deallocate() }

  /// Takes the memory now, see `ZeroedMemory.populate`.
  func populate() { memory.populate() }

  /// Adds a pool of `ports`, if it is not there; `false` when the system gives no memory.
  mutating func add(_ ports: ClosedRange<UInt16>, of pool: LocalPorts.PoolKey) -> Bool {
    let addresses = UInt64(pool.local.rawValue) << 32 | UInt64(pool.real.address.rawValue)
    let other = UInt32(pool.real.port) << 8 | UInt32(pool.protocol.rawValue)
    let found = unsafe pools[slot(addresses, other)]
    if found.addresses != 0 { return true }
    guard reserve(ports.count) else { return false }
    if poolCount * 2 > mask { doublePools() }
    unsafe pools[slot(addresses, other)] = Pool(
      addresses: addresses, portAndProtocol: other, firstPort: ports.lowerBound,
      lastOffset: UInt16(ports.count - 1), start: usedCount)
    poolCount += 1
    usedCount += ports.count
    return true
  }

  /// Where the place of a connection stands whose real server `real` replies to `key`, which has the
  /// local endpoint; `nil` if no pool has that.
  @inline(__always)
  func position(of key: ConnectionKey, from real: RawEndpoint) -> Int? {
    let address = real.address.byteSwapped
    let port = real.port.byteSwapped
    let local = UInt32(truncatingIfNeeded: key.rawValue >> 24)
    let addresses = UInt64(local) << 32 | UInt64(address)
    let other = UInt32(port) << 8 | UInt32(truncatingIfNeeded: key.rawValue & 0xff)
    let pool = unsafe pools.advanced(by: slot(addresses, other))
    let offset = UInt16(truncatingIfNeeded: key.rawValue >> 8) &- (unsafe pool.pointee.firstPort)
    guard unsafe pool.pointee.addresses != 0, unsafe offset <= pool.pointee.lastOffset else {
      return nil
    }
    return unsafe pool.pointee.start &+ Int(offset)
  }

  /// Starts loading what stands at `position`, which must come from `position(of:from:)`.
  @inline(__always)
  func prefetch(_ position: Int) {
    unsafe clinux_prefetch_for_write(entries.advanced(by: position))
  }

  /// The place of the connection at `position`; traps outside the index.
  @inline(__always)
  subscript(position: Int) -> Int? {
    precondition(position >= 0 && position < positionCount)
    let place = unsafe entries[position].place
    return place == 0 ? nil : Int(place) &- 1
  }

  /// What is added to the sequence numbers of the client at `position`; traps outside the index.
  @inline(__always)
  func shift(at position: Int) -> UInt32 {
    precondition(position >= 0 && position < positionCount)
    return unsafe entries[position].shift
  }

  /// Lets replies to `position` find the connection at `place`, whose client's sequence numbers have
  /// `shift` added; traps outside the index.
  mutating func set(_ position: Int, to place: Int, shift: UInt32) {
    precondition(position >= 0 && position < positionCount)
    unsafe entries[position] = Entry(place: UInt32(place) + 1, shift: shift)
  }

  /// Lets replies to `position` find nothing; traps outside the index.
  mutating func clear(_ position: Int) {
    precondition(position >= 0 && position < positionCount)
    unsafe entries[position] = Entry()
  }

  /// Where the pool stands, or may be put.
  @inline(__always)
  private func slot(_ addresses: UInt64, _ portAndProtocol: UInt32) -> Int {
    let product = (addresses ^ UInt64(portAndProtocol) << 20) &* 0x9e37_79b9_7f4a_7c15
    var slot = Int(truncatingIfNeeded: product >> 40) & mask
    while true {
      let pool = unsafe pools.advanced(by: slot)
      if unsafe pool.pointee.addresses == addresses
        && (unsafe pool.pointee.portAndProtocol == portAndProtocol)
      {
        return slot
      }
      if unsafe pool.pointee.addresses == 0 { return slot }
      slot = (slot &+ 1) & mask
    }
  }

  private mutating func reserve(_ count: Int) -> Bool {
    guard usedCount + count > positionCount else { return true }
    let larger = max(2 * positionCount, usedCount + count)
    guard memory.grow(to: larger * MemoryLayout<Entry>.stride) else { return false }
    unsafe entries = memory.base.bindMemory(to: Entry.self, capacity: larger)
    positionCount = larger
    return true
  }

  private mutating func doublePools() {
    let old = unsafe pools
    let oldMask = mask
    mask = 2 * mask + 1
    unsafe pools = .allocate(capacity: mask + 1)
    unsafe pools.initialize(repeating: Pool(), count: mask + 1)
    for index in 0...oldMask where unsafe old[index].addresses != 0 {
      let pool = unsafe old[index]
      unsafe pools[slot(pool.addresses, pool.portAndProtocol)] = pool
    }
    unsafe old.deallocate()
  }
}
