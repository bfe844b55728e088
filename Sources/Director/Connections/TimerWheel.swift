// Fence: this file owns the memory of the timers.
//
// Memory: a `ZeroedMemory` of 8 bytes for each place of the connection table, and an allocation of
// `slotCount` list heads, freed in `deinit`.
// Owner: the `TimerWheel` value, which cannot be copied.
// Soundness: places are checked against `placeCount`; links hold only places that were added.

import CLinux
import Frames

/// One timer for each place of the connection table, due at a tick of 128 ms.
///
/// A circle of slots, each the head of a doubly linked list. A timer further away than the circle
/// reaches is put at its far end and looked at again there; so is one whose connection lived on:
/// packets only write a stamp, and never touch the wheel. Adding and removing cost O(1).
@safe
struct TimerWheel: ~Copyable {
  /// Milliseconds in a tick, as a power of two.
  static let tickShift = 7

  /// The circle: 8192 ticks are 17 minutes and 28 seconds.
  static let slotCount = 8192

  /// The links of one timer: `place + 1`, or 0 for none.
  ///
  /// In the first timer of a slot, `previous` holds the slot with the upper bit set.
  private struct Links {
    var next: UInt32
    var previous: UInt32
  }

  private static let slotMark: UInt32 = 1 << 31

  private let memory: ZeroedMemory
  private let links: UnsafeMutablePointer<Links>
  private let heads: UnsafeMutablePointer<UInt32>
  private let placeCount: Int

  /// The tick whose timers are due next.
  private var tick: UInt64

  /// A wheel for places below `placeCount` (at most 2^31 - 2), beginning at `now`.
  init(placeCount: Int, at now: Instant) throws(TableMemoryError) {
    self.placeCount = placeCount
    tick = Self.tick(of: now)
    memory = try ZeroedMemory(byteCount: placeCount * MemoryLayout<Links>.stride)
    unsafe links = memory.base.bindMemory(to: Links.self, capacity: placeCount)
    unsafe heads = .allocate(capacity: Self.slotCount)
    unsafe heads.initialize(repeating: 0, count: Self.slotCount)
  }

  deinit {
    unsafe heads.deallocate()
  }

  /// Takes the memory now, see `ZeroedMemory.populate`.
  func populate() { memory.populate() }

  /// The tick that is over at `instant` at the latest.
  private static func tick(of instant: Instant) -> UInt64 {
    (instant.nanoseconds / 1_000_000) >> UInt64(tickShift)
  }

  /// Makes the timer of `place` due no earlier than `milliseconds` after `now`, and at most a tick
  /// later; it must not have been added.
  @inline(__always)
  mutating func add(_ place: Int, in milliseconds: UInt32, at now: Instant) {
    let due = now.nanoseconds / 1_000_000 &+ UInt64(milliseconds)
    add(place, dueAt: due >> UInt64(Self.tickShift) &+ 1)
  }

  /// Makes the timer of `place` due no earlier than `deadline`, and at most a tick later; it must
  /// not have been added.
  mutating func add(_ place: Int, due deadline: Instant) {
    add(place, dueAt: Self.tick(of: deadline) &+ 1)
  }

  private mutating func add(_ place: Int, dueAt wanted: UInt64) {
    precondition(place >= 0 && place < placeCount)
    let due = max(tick, wanted)
    let slot = Int(
      truncatingIfNeeded: min(due, tick &+ UInt64(Self.slotCount) &- 1) % UInt64(Self.slotCount))
    let head = unsafe heads[slot]
    unsafe links[place] = Links(next: head, previous: UInt32(slot) | Self.slotMark)
    if head != 0 {
      unsafe links[Int(head) - 1].previous = UInt32(place) + 1
    }
    unsafe heads[slot] = UInt32(place) + 1
  }

  /// Starts loading the timers of the places of `bucket`.
  @inline(__always)
  func prefetch(_ bucket: Int) {
    unsafe clinux_prefetch_for_write(links.advanced(by: bucket &* ConnectionTable.laneCount))
  }

  /// Removes the timer of `place`, which must have been added.
  mutating func remove(_ place: Int) {
    precondition(place >= 0 && place < placeCount)
    let link = unsafe links[place]
    if link.next != 0 {
      unsafe links[Int(link.next) - 1].previous = link.previous
    }
    if link.previous & Self.slotMark != 0 {
      unsafe heads[Int(link.previous & ~Self.slotMark)] = link.next
    } else {
      unsafe links[Int(link.previous) - 1].next = link.next
    }
  }

  /// Removes one timer that is due at `now` and answers its place; `nil` when there is none.
  mutating func removeDue(at now: Instant) -> Int? {
    let current = Self.tick(of: now)
    // After a jump further than the circle every slot is due once.
    if current > tick + UInt64(Self.slotCount) { tick = current - UInt64(Self.slotCount) }
    while tick <= current {
      let head = unsafe heads[Int(tick % UInt64(Self.slotCount))]
      if head != 0 {
        remove(Int(head) - 1)
        return Int(head) - 1
      }
      guard tick < current else { return nil }
      tick += 1
    }
    return nil
  }
}
