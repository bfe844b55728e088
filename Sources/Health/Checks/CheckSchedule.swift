package import Frames

/// When each check is due.
///
/// A check has a fixed place within its interval and starts there, however long it takes and whatever
/// comes between, so that checks that are spread once stay spread. A check that runs is not due: it
/// comes up again when its result is late, or after `finish`. Starting, finishing, adding and removing
/// cost O(log n). Memory: 48 bytes a check.
package struct CheckSchedule: Sendable {
  private struct Entry: Sendable {
    /// Nanoseconds; 0 for a place without a check.
    var interval: UInt64 = 0
    /// Nanoseconds from a multiple of the interval to the check's place.
    var offset: UInt64 = 0
    var isRunning = false
  }

  /// Something that is due.
  package enum Due: Equatable, Sendable {
    /// A check to be started, which counts as running from now on.
    case start(Int)
    /// A check that runs and has not finished until the time given to `watch`.
    case late(Int)
  }

  private var entries: [Entry] = []
  private var heap = DueHeap()

  /// How many checks of each interval, in nanoseconds, were given places.
  private var ordinals: [UInt64: UInt64] = [:]

  package init() {}

  /// The number of checks.
  package var count: Int { heap.count }

  /// When the next check is due, or late.
  package var nextDue: Instant? { heap.first?.due }

  /// When the check at `index` is due next, or, while it runs, late.
  package func due(of index: Int) -> Instant? { heap.due(of: index) }

  /// Whether the check at `index` runs.
  package func isRunning(_ index: Int) -> Bool {
    entries.indices.contains(index) && entries[index].isRunning
  }

  /// Adds a check at `index`, where none is; the first start comes within `startDelay`.
  ///
  /// Checks of one interval are spread over it by the golden ratio: however many are there, the next
  /// falls into one of the widest gaps.
  package mutating func add(
    _ index: Int, interval: Duration, startDelay: Duration? = nil, at now: Instant
  ) {
    if index >= entries.count {
      entries += repeatElement(Entry(), count: index + 1 - entries.count)
    }
    precondition(entries[index].interval == 0)
    let share = settle(index, interval: interval)
    if let startDelay {
      heap.set(index, due: now.advanced(by: .nanoseconds(Int64(Self.part(share, of: startDelay)))))
    } else {
      heap.set(index, due: place(of: index, after: now))
    }
  }

  /// Removes the check at `index`.
  package mutating func remove(_ index: Int) {
    guard entries.indices.contains(index) else { return }
    entries[index] = Entry()
    heap.remove(index)
  }

  /// Gives the check at `index` another interval, and a place in it; others keep theirs.
  package mutating func retune(_ index: Int, interval: Duration, at now: Instant) {
    _ = settle(index, interval: interval)
    if !entries[index].isRunning { heap.set(index, due: place(of: index, after: now)) }
  }

  /// What is due longest at `now`; `nil` when nothing is.
  ///
  /// Each answer must be followed by `watch`, else the check is late at once.
  package mutating func takeDue(at now: Instant) -> Due? {
    guard let first = heap.first, first.due <= now else { return nil }
    if entries[first.place].isRunning { return .late(first.place) }
    entries[first.place].isRunning = true
    return .start(first.place)
  }

  /// Makes the running check at `index` late at `time`.
  package mutating func watch(_ index: Int, until time: Instant) {
    heap.set(index, due: time)
  }

  /// Takes note that the check at `index` runs no more, and when it is due next.
  package mutating func finish(_ index: Int, next: CheckOutcome.Next, at now: Instant) {
    entries[index].isRunning = false
    switch next {
    case .regular: heap.set(index, due: place(of: index, after: now))
    case .at(let time): heap.set(index, due: time)
    }
  }

  /// Makes the check at `index` due at `now` if it does not run; answers whether that is so.
  package mutating func hasten(_ index: Int, to now: Instant) -> Bool {
    guard !entries[index].isRunning else { return false }
    if let due = heap.due(of: index), due > now { heap.set(index, due: now) }
    return true
  }

  /// Gives the check at `index` the next place in an interval; answers the place's share of it, 2^64
  /// being the whole.
  private mutating func settle(_ index: Int, interval: Duration) -> UInt64 {
    let nanoseconds = UInt64(max(1, interval.wholeNanoseconds))
    let ordinal = ordinals[nanoseconds, default: 0]
    ordinals[nanoseconds] = ordinal + 1
    let share = ordinal &* 0x9e37_79b9_7f4a_7c15
    entries[index].interval = nanoseconds
    entries[index].offset = share.multipliedFullWidth(by: nanoseconds).high
    return share
  }

  private static func part(_ share: UInt64, of duration: Duration) -> UInt64 {
    share.multipliedFullWidth(by: UInt64(max(0, duration.wholeNanoseconds))).high
  }

  /// The first time after `now` that is the place of the check at `index`.
  private func place(of index: Int, after now: Instant) -> Instant {
    let entry = entries[index]
    let since = (now.nanoseconds % entry.interval + entry.interval - entry.offset) % entry.interval
    return Instant(nanoseconds: now.nanoseconds + entry.interval - since)
  }
}
