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
  /// Frames whose copy waits, or waited, for a next hop or for the rest of its datagram.
  package internal(set) var held: UInt64 = 0
  /// Frames that were for the director itself, or went out in pieces.
  package internal(set) var absorbed: UInt64 = 0
  /// Frames of our own: ARP, ICMP errors, fragments, and held frames sent later.
  package internal(set) var originated: UInt64 = 0
  /// Of `received`, those that the fast path took.
  package internal(set) var fastPath: UInt64 = 0
  /// ICMP errors sent.
  package internal(set) var errorsSent: UInt64 = 0
  /// ICMP errors not sent, for there were too many.
  package internal(set) var errorsSuppressed: UInt64 = 0
  /// TCP resets sent: in answer to segments that no connection and no virtual service takes, and to
  /// the ends of connections whose server is gone.
  package internal(set) var resetsSent: UInt64 = 0
  /// Segments that were to tell the client's address to the real server, and had no room for it.
  package internal(set) var clientAddressesUntold: UInt64 = 0
  /// Datagrams put together from fragments.
  package internal(set) var datagramsReassembled: UInt64 = 0
  /// Datagrams sent in fragments.
  package internal(set) var datagramsFragmented: UInt64 = 0
  /// Frames of many segments that went into a tunnel whole.
  package internal(set) var tunnelSuperframes: UInt64 = 0
  /// Errors of real servers that take nothing out of tunnels.
  package internal(set) var tunnelsRefused: UInt64 = 0
  /// Connections opened.
  package internal(set) var connectionsOpened: UInt64 = 0
  /// Connections whose time ran out, or that a new one of the same client endpoint replaced.
  package internal(set) var connectionsEnded: UInt64 = 0
  /// Segments that asked the ends of connections whose server is gone for their numbers.
  package internal(set) var probesSent: UInt64 = 0
  /// Of those ended, connections whose server is gone and whose ends were reset, or had nothing to hear.
  package internal(set) var connectionsReset: UInt64 = 0
  /// Of those ended, connections whose server is gone and of which an end gave no answer.
  package internal(set) var connectionsAbandoned: UInt64 = 0
  /// Of those ended, connections whose server is gone and in whose place a new one was opened.
  package internal(set) var connectionsReplaced: UInt64 = 0
  /// How often traffic made a real server doubtful.
  package internal(set) var serversSuspected: UInt64 = 0
  /// The frames that were dropped.
  package var drops = DropCounters()

  package init() {}

  /// How many frames were dropped for `reason`.
  package subscript(reason: DropReason) -> UInt64 { drops[reason] }

  /// All drops together.
  package var dropped: UInt64 { drops.total }
}
