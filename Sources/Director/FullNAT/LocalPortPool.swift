/// The ports of one local address towards one real server.
///
/// A port that comes back goes to the end of the queue, so that it is used again as late as can be:
/// the server may still keep the end of its last connection (TIME_WAIT). Memory: nothing until the
/// first lease, then at most 144 KiB.
struct LocalPortPool: Sendable {
  private let first: UInt16
  /// The number of ports, 1-65535.
  let count: Int
  /// Which of them is used first, so that a director that starts anew does not begin with the ports
  /// that it used last.
  private let start: Int

  /// How many ports, from `start` on, have had their first turn.
  private var begunCount = 0
  private var returned = PortQueue()
  /// Ports whose connection has ended and is still remembered, oldest first.
  private var ended = PortQueue()
  private var isTaken: PortSet
  private var isQueuedAsEnded: PortSet

  /// Whether it was told that few ports are left, and that is still so.
  private var isShort = false

  /// The number of ports that are leased.
  private(set) var takenCount = 0

  /// The ports.
  var ports: ClosedRange<UInt16> { first...first + UInt16(count - 1) }

  /// A pool of `ports`; `seed` decides which is used first.
  init(_ ports: ClosedRange<UInt16>, seed: UInt64) {
    first = ports.lowerBound
    count = ports.count
    start = Int(seed % UInt64(ports.count))
    isTaken = PortSet(count: ports.count)
    isQueuedAsEnded = PortSet(count: ports.count)
  }

  /// A port that nobody has; `nil` when all are taken.
  mutating func lease() -> UInt16? {
    while begunCount < count {
      let offset = (start + begunCount) % count
      begunCount += 1
      if !isTaken[offset] { return take(offset) }
    }
    while let offset = returned.popFirst() {
      if !isTaken[offset] { return take(offset) }
    }
    return nil
  }

  /// Takes `port`, if it is one of the pool's and nobody has it.
  mutating func lease(_ port: UInt16) -> Bool {
    guard let offset = offset(of: port), !isTaken[offset] else { return false }
    _ = take(offset)
    return true
  }

  /// Gives `port` back, which must be leased.
  mutating func release(_ port: UInt16) {
    guard let offset = offset(of: port), isTaken[offset] else {
      preconditionFailure("port \(port) is not leased")
    }
    isTaken[offset] = false
    takenCount -= 1
    if takenCount * 10 < count * 8 { isShort = false }
    returned.append(offset)
  }

  /// Notes that the connection of `port` has ended: when no port is left, it may be forgotten.
  mutating func noteEnded(_ port: UInt16) {
    guard let offset = offset(of: port), !isQueuedAsEnded[offset] else { return }
    isQueuedAsEnded[offset] = true
    ended.append(offset)
  }

  /// The port whose connection ended first; it may have begun another one since.
  mutating func takeEnded() -> UInt16? {
    guard let offset = ended.popFirst() else { return nil }
    isQueuedAsEnded[offset] = false
    return first + UInt16(offset)
  }

  /// Whether nine of ten ports are leased, and were not since less than eight of ten were.
  mutating func becomesShort() -> Bool {
    guard !isShort, takenCount * 10 >= count * 9 else { return false }
    isShort = true
    return true
  }

  private mutating func take(_ offset: Int) -> UInt16 {
    isTaken[offset] = true
    takenCount += 1
    return first + UInt16(offset)
  }

  private func offset(of port: UInt16) -> Int? {
    let offset = Int(port) - Int(first)
    return offset >= 0 && offset < count ? offset : nil
  }
}

/// Ports in the order in which they came; none is in it twice as long as callers see to it.
private struct PortQueue: Sendable {
  private var offsets: [UInt16] = []
  private var head = 0

  mutating func append(_ offset: Int) {
    offsets.append(UInt16(offset))
  }

  mutating func popFirst() -> Int? {
    guard head < offsets.count else { return nil }
    let offset = offsets[head]
    head += 1
    // What is gone is cut off when it is most of the queue: each port is moved less than once.
    if head >= 4096 && head * 2 >= offsets.count {
      offsets.removeFirst(head)
      head = 0
    }
    return Int(offset)
  }
}

/// A set of offsets below a count, one bit each; made when it gets its first member.
private struct PortSet: Sendable {
  private var words: [UInt64] = []
  private let wordCount: Int

  init(count: Int) {
    wordCount = (count + 63) / 64
  }

  subscript(offset: Int) -> Bool {
    get { !words.isEmpty && words[offset / 64] & 1 << UInt64(offset % 64) != 0 }
    set {
      if words.isEmpty {
        guard newValue else { return }
        words = Array(repeating: 0, count: wordCount)
      }
      if newValue {
        words[offset / 64] |= 1 << UInt64(offset % 64)
      } else {
        words[offset / 64] &= ~(1 << UInt64(offset % 64))
      }
    }
  }
}
