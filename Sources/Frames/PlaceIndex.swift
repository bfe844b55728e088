// Fence: this file owns the memory of an index.
//
// Memory: one allocation of `mask + 1` slots, replaced by a larger one as it fills, freed in `deinit`.
// Owner: the `PlaceIndex` value, which cannot be copied.
// Soundness: every index is masked; a slot is always initialized.

/// Finds places of a table by 64-bit key, for the data path: no hashing function with state, no
/// reference counting.
///
/// Open addressing, half full at most. Memory: 32 to 64 bytes a key. The hash is not secret: only for keys
/// that are bounded in number.
@safe
@usableFromInline
package struct PlaceIndex: ~Copyable {
  @usableFromInline
  struct Slot {
    /// 0 is a free slot.
    @usableFromInline var key: UInt64
    @usableFromInline var place: Int
  }

  @usableFromInline var slots: UnsafeMutablePointer<Slot>
  @usableFromInline var mask: Int

  /// The number of keys.
  package private(set) var count = 0

  /// An empty index.
  package init() {
    mask = 15
    unsafe slots = Self.allocate(16)
  }

  deinit { unsafe slots.deallocate() }

  @unsafe
  private static func allocate(_ slotCount: Int) -> UnsafeMutablePointer<Slot> {
    let slots = UnsafeMutablePointer<Slot>.allocate(capacity: slotCount)
    unsafe slots.initialize(repeating: Slot(key: 0, place: 0), count: slotCount)
    return unsafe slots
  }

  @inlinable
  func home(of key: UInt64) -> Int {
    let product = key.multipliedFullWidth(by: 0x9e37_79b9_7f4a_7c15)
    return Int(truncatingIfNeeded: product.high ^ product.low) & mask
  }

  /// The place of `key`, or `nil` if it is not there.
  ///
  /// Cost: about one load.
  @inlinable
  package func place(of key: UInt64) -> Int? {
    var index = home(of: key)
    while true {
      let slot = unsafe slots[index]
      if slot.key == key { return key == 0 ? nil : slot.place }
      if slot.key == 0 { return nil }
      index = (index &+ 1) & mask
    }
  }

  /// Lets `key`, which must not be 0, lead to `place`.
  package mutating func set(_ key: UInt64, place: Int) {
    precondition(key != 0)
    if 2 * (count + 1) > mask { grow() }
    var index = home(of: key)
    while unsafe slots[index].key != 0 && slots[index].key != key { index = (index + 1) & mask }
    if unsafe slots[index].key == 0 { count += 1 }
    unsafe slots[index] = Slot(key: key, place: place)
  }

  /// Forgets `key` if it is there.
  package mutating func remove(_ key: UInt64) {
    guard place(of: key) != nil else { return }
    var free = home(of: key)
    while unsafe slots[free].key != key { free = (free + 1) & mask }
    // What stands behind moves up, so that no search ends at the gap before its key.
    var index = (free + 1) & mask
    while unsafe slots[index].key != 0 {
      let distance = unsafe (index - home(of: slots[index].key)) & mask
      if distance >= (index - free) & mask {
        unsafe slots[free] = slots[index]
        free = index
      }
      index = (index + 1) & mask
    }
    unsafe slots[free] = Slot(key: 0, place: 0)
    count -= 1
  }

  /// The places of all keys, in no order.
  package var places: [Int] {
    (0...mask).compactMap { index in
      unsafe slots[index].key == 0 ? nil : slots[index].place
    }
  }

  private mutating func grow() {
    let old = unsafe slots
    let oldMask = mask
    mask = 2 * mask + 1
    unsafe slots = Self.allocate(mask + 1)
    for index in 0...oldMask where unsafe old[index].key != 0 {
      var free = unsafe home(of: old[index].key)
      while unsafe slots[free].key != 0 { free = (free + 1) & mask }
      unsafe slots[free] = old[index]
    }
    unsafe old.deallocate()
  }
}
