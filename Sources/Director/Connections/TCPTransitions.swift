// Fence: this file owns the memory of the transition table.
//
// Memory: one allocation of 3 x 8 x 16 bytes, filled in `init`, freed in `deinit`.
// Owner: the `TCPTransitions` value, which cannot be copied.
// Soundness: direction is below 3, event below 8 and state below 16 by their types.

/// The TCP state machine of IPVS as a table: direction, event and state give the next state
/// (`net/netfilter/ipvs/ip_vs_proto_tcp.c`, `tcp_states` and `tcp_states_dos`).
@safe
package struct TCPTransitions: ~Copyable {
  private let table: UnsafeMutablePointer<ConnectionState>

  /// The table for `policy`.
  package init(_ policy: Policy) {
    unsafe table = .allocate(capacity: 3 * 8 * 16)
    unsafe table.initialize(repeating: .close, count: 3 * 8 * 16)
    for direction in Direction.allCases {
      for (event, row) in Self.rows(policy, direction) {
        for (state, next) in Self.parse(row).enumerated() {
          unsafe table[Self.index(direction, event, UInt8(state))] = next
        }
      }
    }
  }

  deinit { unsafe table.deallocate() }

  /// How much a half-open connection is trusted.
  package enum Policy: String, CaseIterable, Sendable {
    /// A client's ACK establishes.
    case normal
    /// `secure_tcp`: the server's ACK establishes, so that a flood of SYN and ACK stays half open.
    case secure
  }

  private static func index(_ direction: Direction, _ event: TCPEvent, _ state: UInt8) -> Int {
    Int(direction.rawValue) * 128 + Int(event.rawValue) * 16 + Int(state & 15)
  }

  /// The state after `event` in `direction`.
  ///
  /// Cost: one load.
  @inline(__always)
  package func next(
    _ state: ConnectionState, on event: TCPEvent, _ direction: Direction
  ) -> ConnectionState {
    unsafe table[Self.index(direction, event, state.rawValue)]
  }

  /// The states of a row, in the order of `ConnectionState` from `none` to `synAck`.
  private static func parse(_ row: String) -> [ConnectionState] {
    row.split(separator: " ").map { abbreviation in
      switch abbreviation {
      case "NO": .none
      case "ES": .established
      case "SS": .synSent
      case "SR": .synReceived
      case "FW": .finWait
      case "TW": .timeWait
      case "CL": .close
      case "CW": .closeWait
      case "LA": .lastAck
      case "LI": .listen
      default: .synAck
      }
    }
  }

  private static func rows(
    _ policy: Policy, _ direction: Direction
  ) -> [(TCPEvent, String)] {
    switch (policy, direction) {
    // from:    NO ES SS SR FW TW CL CW LA LI SA
    case (.normal, .inbound):
      [
        (.syn, "SR ES ES SR SR SR SR SR SR SR SR"),
        (.fin, "CL CW SS TW TW TW CL CW LA LI TW"),
        (.ack, "ES ES SS ES FW TW CL CW CL LI ES"),
        (.rst, "CL CL CL SR CL CL CL CL LA LI SR"),
      ]
    case (.normal, .outbound):
      [
        (.syn, "SS ES SS SR SS SS SS SS SS LI SR"),
        (.fin, "TW FW SS TW FW TW CL TW LA LI TW"),
        (.ack, "ES ES SS ES FW TW CL CW LA ES ES"),
        (.rst, "CL CL SS CL CL TW CL CL CL CL CL"),
      ]
    case (.normal, .inboundOnly):
      [
        (.syn, "SR ES ES SR SR SR SR SR SR SR SR"),
        (.fin, "CL FW SS TW FW TW CL CW LA LI TW"),
        (.ack, "ES ES SS ES FW TW CL CW CL LI ES"),
        (.rst, "CL CL CL SR CL CL CL CL LA LI CL"),
      ]
    case (.secure, .inbound):
      [
        (.syn, "SR ES ES SR SR SR SR SR SR SR SA"),
        (.fin, "CL CW SS TW TW TW CL CW LA LI SA"),
        (.ack, "ES ES SS SR FW TW CL CW CL LI SA"),
        (.rst, "CL CL CL SR CL CL CL CL LA LI CL"),
      ]
    case (.secure, .outbound):
      [
        (.syn, "SS ES SS SA SS SS SS SS SS LI SA"),
        (.fin, "TW FW SS TW FW TW CL TW LA LI TW"),
        (.ack, "ES ES SS ES FW TW CL CW LA ES ES"),
        (.rst, "CL CL SS CL CL TW CL CL CL CL CL"),
      ]
    case (.secure, .inboundOnly):
      [
        (.syn, "SA ES ES SR SA SA SA SA SA SA SA"),
        (.fin, "CL FW SS TW FW TW CL CW LA LI TW"),
        (.ack, "ES ES SS ES FW TW CL CW CL LI ES"),
        (.rst, "CL CL CL SR CL CL CL CL LA LI CL"),
      ]
    }
  }
}
