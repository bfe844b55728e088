// Fence: this file owns the memory of an address set.
//
// Memory: one allocation of `mask + 1` addresses, filled in `init`, freed in `deinit`.
// Owner: the `AddressSet` value, which cannot be copied.
// Soundness: every index is masked.

import Wire

/// A fixed set of addresses that is asked once a packet.
///
/// Open addressing, a sixteenth full, by a hash that is chosen so that few members share a place, none
/// if there are few members. Cost: about one load. Memory: 64 to 128 bytes an address.
@safe
struct AddressSet: ~Copyable {
  /// 0 is a free place, as 0.0.0.0 is never a member.
  private let places: UnsafeMutablePointer<UInt32>
  private let mask: Int
  private let multiplier: UInt32

  init(_ addresses: some Collection<IPv4Address>) {
    let members = Set(addresses.map(\.rawValue)).subtracting([0])
    var capacity = 16
    while capacity < members.count * 16 { capacity *= 2 }
    mask = capacity - 1
    multiplier = Self.bestMultiplier(members, mask: capacity - 1)
    unsafe places = .allocate(capacity: capacity)
    unsafe places.initialize(repeating: 0, count: capacity)
    for member in members {
      var place = hash(member)
      while unsafe places[place] != 0 { place = (place + 1) & mask }
      unsafe places[place] = member
    }
  }

  deinit { unsafe places.deallocate() }

  /// The multiplier, of a few, that gives the members the most places.
  private static func bestMultiplier(_ members: Set<UInt32>, mask: Int) -> UInt32 {
    let multipliers = (0..<32).map { UInt32(0x9e37_79b1) &+ $0 &* 0x3c6e_f372 }
    let placeCounts = multipliers.map { multiplier in
      Set(members.map { hash($0, multiplier) & mask }).count
    }
    let best = placeCounts.indices.max { placeCounts[$0] < placeCounts[$1] }
    return multipliers[best ?? 0]
  }

  @inline(__always)
  private static func hash(_ value: UInt32, _ multiplier: UInt32) -> Int {
    Int(truncatingIfNeeded: (value &* multiplier) >> 16)
  }

  @inline(__always)
  private func hash(_ value: UInt32) -> Int { Self.hash(value, multiplier) & mask }

  @inline(__always)
  func contains(_ address: IPv4Address) -> Bool {
    var place = hash(address.rawValue)
    while true {
      let member = unsafe places[place]
      if member == address.rawValue { return member != 0 }
      if member == 0 { return false }
      place = (place &+ 1) & mask
    }
  }
}
