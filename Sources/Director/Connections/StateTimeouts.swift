import Frames

/// How long a connection is kept in each state after its last packet.
struct StateTimeouts: Sendable {
  /// By raw value of the state, in milliseconds; below 24 days.
  private let milliseconds: [UInt32]

  /// The defaults of `ip_vs`.
  init() {
    milliseconds = ConnectionState.allCases.map {
      UInt32($0.defaultTimeout.wholeNanoseconds / 1_000_000)
    }
  }

  subscript(state: ConnectionState) -> UInt32 { milliseconds[Int(state.rawValue)] }
}
