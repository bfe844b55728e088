package import Director
package import Frames

/// What follows from something that the monitor was told.
package struct HealthUpdate: Equatable, Sendable {
  /// What the director has to change, in this order.
  package var changes: [ServerChange] = []

  /// What operators should hear of, in the order in which it happened.
  package var events: [HealthEvent] = []

  /// What whoever runs the checks has to do, in this order.
  package var orders: [CheckOrder] = []

  package init() {}

  package static func += (left: inout Self, right: Self) {
    left.changes += right.changes
    left.events += right.events
    left.orders += right.orders
  }
}

/// One run of a check; no two runs are equal.
package struct CheckRun: Hashable, Sendable {
  /// The check's place in the monitor, which another check may take later.
  let place: Int32
  let number: UInt64
}

/// A check to be started.
package struct CheckStart: Equatable, Sendable {
  package let run: CheckRun
  package let service: ServiceName
  package let server: Endpoint
  /// What is asked, as the configuration has it.
  package let probe: String
  /// When the run has failed by time; its result is to be told soon after at the latest.
  package let deadline: Instant
}

/// What whoever runs the checks has to do.
package enum CheckOrder: Equatable, Sendable {
  /// Begin, and tell the result once.
  case start(CheckStart)
  /// Let a run fail earlier than it was told; its result is still wanted.
  case shorten(CheckRun, to: Instant)
  /// End a run; a result of it is not looked at.
  case cancel(CheckRun)
}
