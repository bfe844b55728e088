// Fence: this file owns the memory of an address set.
//
// Memory: one allocation of `mask + 1` addresses, filled in `init`, freed in `deinit`.
// Owner: the `AddressSet` value, which cannot be copied.
// Soundness: every index is masked.

import Wire

/// A fixed set of addresses that is asked once a packet.
///
/// Cost: about one load.
@safe
struct AddressSet: ~Copyable {
  /// Open addressing, a quarter full at most; 0 is a free place, as 0.0.0.0 is never a member.
  private let places: UnsafeMutablePointer<UInt32>
  private let mask: Int

  init(_ addresses: some Collection<IPv4Address>) {
    var capacity = 16
    while capacity < addresses.count * 4 { capacity *= 2 }
    mask = capacity - 1
    unsafe places = .allocate(capacity: capacity)
    unsafe places.initialize(repeating: 0, count: capacity)
    for address in addresses where address.rawValue != 0 {
      var place = Self.hash(address.rawValue) & mask
      while unsafe places[place] != 0 && places[place] != address.rawValue {
        place = (place + 1) & mask
      }
      unsafe places[place] = address.rawValue
    }
  }

  deinit { unsafe places.deallocate() }

  @inline(__always)
  private static func hash(_ value: UInt32) -> Int {
    Int(truncatingIfNeeded: (value &* 0x9e37_79b1) >> 16)
  }

  @inline(__always)
  func contains(_ address: IPv4Address) -> Bool {
    var place = Self.hash(address.rawValue) & mask
    while true {
      let member = unsafe places[place]
      if member == address.rawValue { return member != 0 }
      if member == 0 { return false }
      place = (place &+ 1) & mask
    }
  }
}
