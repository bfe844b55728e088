package import Director
package import Frames

/// Something about health that an operator should hear of.
package struct HealthEvent: Equatable, Sendable {
  package let time: Instant
  package let service: ServiceName
  /// The real server or sorry server; `nil` for what concerns the service.
  package let server: Endpoint?
  package let kind: Kind

  package init(
    at time: Instant, _ service: ServiceName, server: Endpoint? = nil, _ kind: Kind
  ) {
    self.time = time
    self.service = service
    self.server = server
    self.kind = kind
  }

  package enum Kind: Equatable, Sendable {
    /// A check that had failed, or counted so, passes.
    case checkUp(probe: String)
    /// A check that had passed, or counted so, has failed.
    case checkDown(probe: String, CheckFailure)
    /// Traffic made the server doubtful: short checks begin.
    case suspected(Suspicion)
    /// A short check passed.
    case cleared(probe: String)
    /// All checks of the server pass again.
    case serverUp
    /// The first check of the server has failed; `nil` if none has a result yet.
    case serverDown(CheckFailure?)
    /// The weight with which the server would serve at full height.
    case weightChanged(from: Int, to: Int)
    /// The server takes no new connections by an operator's will.
    case drained
    /// The operator's will is over.
    case undrained
    /// The server's weight begins to rise from 1, until `end`.
    case slowStartBegan(until: Instant)
    /// The server's weight has its full height.
    case slowStartEnded
    /// The weight of all living servers together reaches `needed`.
    case quorumGained(weight: Int, needed: Int)
    /// The weight of all living servers together is below `needed`, or 0.
    case quorumLost(weight: Int, needed: Int)
    /// The sorry server serves instead of the others.
    case sorryServerBegan
    /// The others serve again.
    case sorryServerEnded
  }
}

/// What makes a server doubtful, as seen in its traffic.
package enum Suspicion: String, CaseIterable, Sendable {
  /// A forwarded SYN has had no answer in time.
  case silence
  /// SYNs come again towards this server and not towards its siblings.
  case repetition
  /// The server resets new connections.
  case reset
}
