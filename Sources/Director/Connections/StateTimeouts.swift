import Frames

/// How long a connection is kept in each state after its last packet.
package struct StateTimeouts: Equatable, Sendable {
  /// By raw value of the state, in milliseconds.
  private var milliseconds: [UInt32]

  /// The defaults of `ip_vs`.
  package init() {
    milliseconds = ConnectionState.allCases.map {
      UInt32($0.defaultTimeout.wholeNanoseconds / 1_000_000)
    }
  }

  /// What a timeout may be: a timer tick at least; 20 days at most, since ages are 32-bit
  /// milliseconds.
  package static let range: ClosedRange<Duration> = .milliseconds(128)...(.seconds(20 * 86_400))

  /// The timeout of `state`; one outside `range` becomes its nearest bound.
  package subscript(state: ConnectionState) -> Duration {
    get { .milliseconds(Int64(milliseconds[Int(state.rawValue)])) }
    set {
      let bounded = min(max(newValue, Self.range.lowerBound), Self.range.upperBound)
      milliseconds[Int(state.rawValue)] = UInt32(bounded.wholeNanoseconds / 1_000_000)
    }
  }

  /// The timeout of `state` in milliseconds.
  func milliseconds(_ state: ConnectionState) -> UInt32 { milliseconds[Int(state.rawValue)] }
}
