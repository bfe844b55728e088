/// What is known of a neighbour's link address (RFC 4861 section 7.3.2, as Linux uses it for IPv4).
package enum NeighborState: UInt8, CaseIterable, Sendable {
  /// Nothing is known and nobody asked; only pinned neighbours are kept in this state.
  case idle
  /// We ask, and frames wait; leaves by an answer or after three requests.
  case incomplete
  /// The address was confirmed within the last 30 s.
  case reachable
  /// The address was told or confirmed longer ago; used all the same, and a use starts `delay`.
  case stale
  /// In use while stale; leaves after 5 s by asking the neighbour itself.
  case delay
  /// We ask the known address, then everybody; leaves by an answer or after all requests.
  case probe
  /// Nobody answered; frames to it are dropped until the next attempt may begin.
  case failed

  /// Whether frames may be sent to the known address.
  package var isUsable: Bool {
    switch self {
    case .reachable, .stale, .delay, .probe: true
    case .idle, .incomplete, .failed: false
    }
  }

  /// The name in listings, as ip-neighbour(8) prints it.
  package var name: String { String(describing: self).uppercased() }
}
