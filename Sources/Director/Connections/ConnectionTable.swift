// Fence: this file owns the memory of the connection table.
//
// Memory: a `ZeroedMemory` of `bucketCount` lines of 64 bytes.
// Owner: the `ConnectionTable` value, which cannot be copied, and whose memory lives as long.
// Soundness: a bucket is computed below `bucketCount`; an index is checked against `placeCount`; the
// lower 8 bits of an entry are written from a `ConnectionState` or are 0, which is one, too.

import CLinux
import Wire

/// One connection, 16 bytes.
///
/// ```
///  0                                7      8            10      11        12        16
/// +--------------------------------+------+------------+-------+---------+---------+
/// |key (client address, port, prot)|state |destination |flags *|passed   |stamp    |
/// +--------------------------------+------+------------+-------+---------+---------+
/// ```
///
/// (* The upper two bits of the flags are the destination's.)
struct ConnectionEntry: Sendable {
  /// The key in the upper 56 bits, the state in the lower 8; 0 when the place is free.
  var keyAndState: UInt64 = 0
  private var lowDestination: UInt16 = 0
  /// Flags in the lower six bits, the destination's bits 16 and 17 above them.
  private var flagsAndDestination: UInt8 = 0
  /// In the first entry of a bucket: how many connections passed the bucket because it was full.
  ///
  /// Stays at 255 once it is reached.
  var passedCount: UInt8 = 0
  /// When the last packet came, in milliseconds modulo 2^32.
  var stamp: UInt32 = 0

  /// The index of the real server in the forwarding table.
  @inline(__always) var destination: RecordIndex {
    get { RecordIndex(lowDestination) | RecordIndex(flagsAndDestination & 0xc0) << 10 }
    set {
      lowDestination = UInt16(truncatingIfNeeded: newValue)
      flagsAndDestination =
        flagsAndDestination & 0x3f | UInt8(truncatingIfNeeded: newValue >> 10) & 0xc0
    }
  }

  @inline(__always) var flags: ConnectionFlags {
    get { ConnectionFlags(rawValue: flagsAndDestination & 0x3f) }
    set { flagsAndDestination = flagsAndDestination & 0xc0 | newValue.rawValue & 0x3f }
  }

  @inline(__always) var key: ConnectionKey { ConnectionKey(rawValue: keyAndState >> 8) }

  @inline(__always) var state: ConnectionState {
    get {
      unsafe unsafeBitCast(UInt8(truncatingIfNeeded: keyAndState), to: ConnectionState.self)
    }
    set { keyAndState = keyAndState & ~0xff | UInt64(newValue.rawValue) }
  }

  /// The client's address.
  @inline(__always) var client: IPv4Address {
    IPv4Address(rawValue: UInt32(truncatingIfNeeded: keyAndState >> 32))
  }

  /// The client's endpoint as it stands in a frame.
  @inline(__always) var rawClient: RawEndpoint {
    RawEndpoint(
      address: UInt32(truncatingIfNeeded: keyAndState >> 32).byteSwapped,
      port: UInt16(truncatingIfNeeded: keyAndState >> 16).byteSwapped)
  }

  @inline(__always) var isFree: Bool { keyAndState == 0 }

  /// Takes over all that belongs to the connection; `passedCount` belongs to the bucket.
  mutating func take(_ other: ConnectionEntry) {
    keyAndState = other.keyAndState
    destination = other.destination
    flags = other.flags
    stamp = other.stamp
  }
}

/// What a connection's state does not tell, in six bits; nothing of it is known of one that was taken over.
struct ConnectionFlags: OptionSet, Sendable {
  let rawValue: UInt8

  /// The real server has answered with a SYN.
  static var accepted: Self { Self(rawValue: 1) }
  /// The client ended it with a reset.
  static var resetByClient: Self { Self(rawValue: 2) }
  /// The server is gone, and the client's end has been reset.
  static var clientTold: Self { Self(rawValue: 4) }
  /// The server is gone, and its end has been reset.
  static var serverTold: Self { Self(rawValue: 8) }
  /// What is noted of a connection whose server is gone.
  static var ending: Self { Self(rawValue: 0x3c) }

  /// How often the ends of a connection whose server is gone have been asked for their numbers, 0-3.
  var askedCount: UInt8 {
    get { rawValue >> 4 & 3 }
    set { self = Self(rawValue: rawValue & ~0x30 | (newValue & 3) << 4) }
  }
}

/// The connections, found by key: buckets of four entries, one cache line each.
///
/// A connection whose bucket is full stands in the next one that is not; each bucket that it passed
/// counts it, so that a search knows where to stop and removal needs no marks. At the limit two
/// thirds of the places are taken. Hashing is seeded: a client cannot choose its bucket.
/// Memory: 24 bytes a connection at the limit.
@safe
struct ConnectionTable: ~Copyable {
  /// Entries in a bucket.
  static let laneCount = 4

  private let memory: ZeroedMemory
  private let entries: UnsafeMutablePointer<ConnectionEntry>
  let bucketCount: Int
  private let seed: UInt64

  /// The most connections.
  let limit: Int

  /// The number of connections.
  private(set) var count = 0

  /// A table for `limit` connections; `seed` must not be known to clients.
  init(limit: Int, seed: UInt64) throws(TableMemoryError) {
    self.limit = limit
    self.seed = seed | 1
    bucketCount = max(2, (limit * 3 / 2 + Self.laneCount - 1) / Self.laneCount)
    memory = try ZeroedMemory(
      byteCount: bucketCount * Self.laneCount * MemoryLayout<ConnectionEntry>.stride)
    unsafe entries = memory.base.bindMemory(
      to: ConnectionEntry.self, capacity: bucketCount * Self.laneCount)
  }

  /// Takes the memory now, see `ZeroedMemory.populate`.
  func populate() { memory.populate() }

  /// The number of places; an index is below it.
  @inline(__always) var placeCount: Int { bucketCount * Self.laneCount }

  /// The bucket where the search for `key` begins.
  @inline(__always)
  func home(of key: ConnectionKey) -> Int {
    let product = (key.rawValue ^ seed).multipliedFullWidth(by: 0x9e37_79b9_7f4a_7c15 ^ seed << 1)
    let hash = product.high ^ product.low
    return Int(truncatingIfNeeded: hash.multipliedFullWidth(by: UInt64(bucketCount)).high)
  }

  /// Starts loading a bucket, which must come from `home(of:)`.
  @inline(__always)
  func prefetch(_ bucket: Int) {
    unsafe clinux_prefetch_for_write(entries.advanced(by: bucket &* Self.laneCount))
  }

  /// Which lanes of `bucket` hold `key`: bit 0 is the first.
  ///
  /// Without a branch, since which lane it is cannot be predicted.
  @inline(__always)
  func lanes(of key: ConnectionKey, in bucket: Int) -> UInt32 {
    let line = unsafe entries.advanced(by: bucket &* Self.laneCount)
    let a: UInt32 = unsafe line[0].keyAndState >> 8 == key.rawValue ? 1 : 0
    let b: UInt32 = unsafe line[1].keyAndState >> 8 == key.rawValue ? 2 : 0
    let c: UInt32 = unsafe line[2].keyAndState >> 8 == key.rawValue ? 4 : 0
    let d: UInt32 = unsafe line[3].keyAndState >> 8 == key.rawValue ? 8 : 0
    return (a | b) | (c | d)
  }

  /// Whether a search that did not find its key in `bucket` must go on in the next one.
  @inline(__always)
  func isPassed(_ bucket: Int) -> Bool {
    unsafe entries[bucket &* Self.laneCount].passedCount != 0
  }

  /// The bucket after `bucket`.
  @inline(__always)
  func next(after bucket: Int) -> Int {
    bucket &+ 1 == bucketCount ? 0 : bucket &+ 1
  }

  /// The entry at `index`; traps outside the table.
  subscript(index: Int) -> ConnectionEntry {
    @inline(__always) unsafeAddress {
      precondition(index >= 0 && index < placeCount)
      return unsafe UnsafePointer(entries.advanced(by: index))
    }
    @inline(__always) unsafeMutableAddress {
      precondition(index >= 0 && index < placeCount)
      return unsafe entries.advanced(by: index)
    }
  }

  /// The index of the first entry of `key`, searched from its `home`, whose destination `accepts`.
  @inline(__always)
  func find(_ key: ConnectionKey, home: Int, accepting accepts: (RecordIndex) -> Bool) -> Int? {
    var bucket = home
    var remaining = bucketCount
    while remaining > 0 {
      var lanes = lanes(of: key, in: bucket)
      while lanes != 0 {
        let index = bucket &* Self.laneCount &+ lanes.trailingZeroBitCount
        if accepts(unsafe entries[index].destination) { return index }
        lanes &= lanes &- 1
      }
      guard isPassed(bucket) else { return nil }
      bucket = next(after: bucket)
      remaining &-= 1
    }
    return nil
  }

  /// Adds a connection; `nil` when the table is at its limit.
  mutating func insert(
    _ key: ConnectionKey, state: ConnectionState, destination: RecordIndex, stamp: UInt32
  ) -> Int? {
    guard count < limit else { return nil }
    var bucket = home(of: key)
    while true {
      for lane in 0..<Self.laneCount {
        let index = bucket * Self.laneCount + lane
        guard self[index].isFree else { continue }
        self[index].keyAndState = key.rawValue << 8 | UInt64(state.rawValue)
        self[index].destination = destination
        self[index].flags = []
        self[index].stamp = stamp
        count += 1
        return index
      }
      if self[bucket * Self.laneCount].passedCount < .max {
        self[bucket * Self.laneCount].passedCount += 1
      }
      bucket = next(after: bucket)
    }
  }

  /// Lets two connections of equal keys change places, so that the other one is found first.
  mutating func exchange(_ index: Int, _ other: Int) {
    precondition(self[index].key == self[other].key)
    let entry = self[index]
    self[index].take(self[other])
    self[other].take(entry)
  }

  /// Frees the place at `index`, which must be taken.
  mutating func remove(at index: Int) {
    let key = self[index].key
    let actual = index / Self.laneCount
    var bucket = home(of: key)
    while bucket != actual {
      let passed = self[bucket * Self.laneCount].passedCount
      if passed < .max { self[bucket * Self.laneCount].passedCount = passed - 1 }
      bucket = next(after: bucket)
    }
    self[index].keyAndState = 0
    count -= 1
  }
}
