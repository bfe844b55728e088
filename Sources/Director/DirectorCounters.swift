package import Frames

/// What a director has done with the frames of its life.
///
/// `received` is `transmitted + held + absorbed` plus those frames that were dropped at once; a held
/// frame that is dropped later is counted among the drops, too.
package struct DirectorCounters: Sendable {
  /// Frames handed to `process`.
  package internal(set) var received: UInt64 = 0
  /// Frames sent on or answered in place.
  package internal(set) var transmitted: UInt64 = 0
  /// Frames whose copy waits, or waited, for a next hop.
  package internal(set) var held: UInt64 = 0
  /// Frames that were for the director itself.
  package internal(set) var absorbed: UInt64 = 0
  /// Frames of our own: ARP, and held frames sent later.
  package internal(set) var originated: UInt64 = 0
  /// Of `received`, those that the fast path took.
  package internal(set) var fastPath: UInt64 = 0
  /// Connections opened.
  package internal(set) var connectionsOpened: UInt64 = 0
  /// Connections whose time ran out, or that a new one of the same client endpoint replaced.
  package internal(set) var connectionsEnded: UInt64 = 0
  /// The frames that were dropped.
  package var drops = DropCounters()

  package init() {}

  /// How many frames were dropped for `reason`.
  package subscript(reason: DropReason) -> UInt64 { drops[reason] }

  /// All drops together.
  package var dropped: UInt64 { drops.total }
}
