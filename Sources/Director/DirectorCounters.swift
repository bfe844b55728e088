package import Frames

/// What a director has done with the frames of its life.
package struct DirectorCounters: Sendable {
  /// Frames handed to `process`.
  package internal(set) var received: UInt64 = 0
  /// Frames sent on or answered in place.
  package internal(set) var transmitted: UInt64 = 0
  /// Frames whose copy waits for a next hop.
  package internal(set) var held: UInt64 = 0
  /// Frames that were for the director itself.
  package internal(set) var absorbed: UInt64 = 0
  /// Frames of our own: ARP, and held frames sent later.
  package internal(set) var originated: UInt64 = 0
  /// Of `received`, those that the fast path took.
  package internal(set) var fastPath: UInt64 = 0

  private var drops = [UInt64](repeating: 0, count: DropReason.allCases.count)

  /// How many frames were dropped for `reason`.
  package subscript(reason: DropReason) -> UInt64 {
    get { drops[Int(reason.rawValue)] }
    set { drops[Int(reason.rawValue)] = newValue }
  }

  package init() {}

  /// All drops together.
  package var dropped: UInt64 { drops.reduce(0, &+) }
}
