package import Frames
package import Wire

/// A station of a port's segment and what ARP knows of it.
package struct Neighbor: Sendable {
  package let port: PortIndex
  package let address: IPv4Address
  package internal(set) var state: NeighborState
  /// The link address; `zero` until it is told.
  package internal(set) var mac: MACAddress = .zero
  /// A gateway or real server: never forgotten for want of room or use.
  package internal(set) var isPinned = false
  /// Requests sent in this state.
  var requestCount = 0
  /// When the link address was last told or confirmed.
  var updated: Instant
  /// When frames were last seen to go to it.
  var lastUsed: Instant
  /// When the state ends by itself; `nil` for states that do not.
  var deadline: Instant?
  /// What waits for the link address.
  var pending = PendingFrames()

  init(port: PortIndex, address: IPv4Address, at now: Instant) {
    self.port = port
    self.address = address
    state = .idle
    updated = now
    lastUsed = now
  }
}
