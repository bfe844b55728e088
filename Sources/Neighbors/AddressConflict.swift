package import Frames
package import Wire

/// Another station that claims an address of ours (RFC 5227 section 2.4).
package struct AddressConflict: Equatable, Sendable {
  package let address: IPv4Address
  /// The link address of the station.
  package let claimant: MACAddress
  /// The port that heard it.
  package let port: PortIndex
  /// How often it was heard.
  package internal(set) var count: UInt64
  package internal(set) var lastSeen: Instant

  package init(
    address: IPv4Address, claimant: MACAddress, port: PortIndex, count: UInt64, lastSeen: Instant
  ) {
    self.address = address
    self.claimant = claimant
    self.port = port
    self.count = count
    self.lastSeen = lastSeen
  }
}

/// The conflicts heard of last, at most 16.
struct ConflictTable: Sendable {
  static let capacity = 16

  private var conflicts: [AddressConflict] = []

  /// All of them, the one heard of last first.
  var latestFirst: [AddressConflict] {
    conflicts.sorted { $1.lastSeen < $0.lastSeen }
  }

  /// Counts a claim; the conflict not heard of for longest makes room for one that is not known.
  ///
  /// Cost: a compare for each conflict.
  mutating func note(
    _ address: IPv4Address, claimedBy claimant: MACAddress, port: PortIndex, at now: Instant
  ) {
    let known = conflicts.firstIndex {
      $0.address == address && $0.claimant == claimant && $0.port == port
    }
    if let known {
      conflicts[known].count += 1
      conflicts[known].lastSeen = now
      return
    }
    let conflict = AddressConflict(
      address: address, claimant: claimant, port: port, count: 1, lastSeen: now)
    if conflicts.count < Self.capacity {
      conflicts.append(conflict)
    } else if let oldest = conflicts.indices.min(by: {
      conflicts[$0].lastSeen < conflicts[$1].lastSeen
    }) {
      conflicts[oldest] = conflict
    }
  }
}
