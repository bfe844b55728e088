import Director
import TestSupport
import Testing
import Wire

/// The state machine against the tables of `tcp-states.json`.
@Suite struct TCPTransitionTests {
  private static let events: [String: TCPEvent] = [
    "syn": .syn, "fin": .fin, "ack": .ack, "rst": .rst,
  ]

  @Test(arguments: TCPTransitions.Policy.allCases)
  func followTheTables(policy: TCPTransitions.Policy) throws {
    let vectors = try TCPStateVectors.load()
    let transitions = TCPTransitions(policy)
    let tables = policy == .normal ? vectors.normal : vectors.secureTCP
    let directions: [(Direction, [[Int]])] = [
      (.inbound, tables.input), (.outbound, tables.output), (.inboundOnly, tables.inputOnly),
    ]
    var count = 0
    for (direction, table) in directions {
      for (name, row) in zip(vectors.events, table) {
        let event = try #require(Self.events[name])
        for (state, next) in row.enumerated() {
          let from = try #require(ConnectionState(rawValue: UInt8(state)))
          let to = transitions.next(from, on: event, direction)
          #expect(Int(to.rawValue) == next, "\(direction) \(name) in \(from)")
          count += 1
        }
      }
    }
    #expect(count == 3 * 4 * 11)
  }

  @Test func statesHaveTheirNumbersTimesAndKinds() throws {
    let vectors = try TCPStateVectors.load()
    #expect(vectors.states.count == ConnectionState.allCases.count - 1, "all but UDP")
    for (number, name) in vectors.states.enumerated() {
      let state = try #require(ConnectionState(rawValue: UInt8(number)))
      #expect(state.name == name)
      #expect(state.defaultTimeout == .seconds(vectors.timeouts[number]))
      #expect(state.isActive == (vectors.active[number] == 1), "\(name)")
    }
    #expect(ConnectionState.udp.defaultTimeout == .seconds(300))
    #expect(!ConnectionState.udp.isActive)
  }

  @Test func aSegmentWithoutFlagsCloses() {
    for policy in TCPTransitions.Policy.allCases {
      let transitions = TCPTransitions(policy)
      for direction in Direction.allCases {
        for state in ConnectionState.allCases where state != .udp {
          let next = transitions.next(state, on: .none, direction)
          #expect(next == .close)
        }
      }
    }
  }

  @Test func theFirstFlagInOrderCounts() {
    for bits in UInt8.min ... .max {
      let flags = TCPFlags(rawValue: bits)
      let expected: TCPEvent =
        bits & 4 != 0
        ? .rst : bits & 2 != 0 ? .syn : bits & 1 != 0 ? .fin : bits & 16 != 0 ? .ack : .none
      #expect(TCPEvent(flags) == expected, "\(flags)")
    }
  }

  /// Conversations whose replies do not pass the director, or with `secure_tcp`, by the table alone.
  @Test(arguments: [
    ("dr_normal_close_by_client", TCPTransitions.Policy.normal), ("dr_reset", .normal),
    ("dr_reset_in_handshake", .normal), ("dr_reuse_in_fin_wait", .normal),
    ("dr_half_open", .normal),
    ("secure_nat", .secure), ("secure_dr", .secure),
  ])
  func sequences(name: String, policy: TCPTransitions.Policy) throws {
    let steps = try #require(try TCPStateVectors.load().sequences[name])
    let transitions = TCPTransitions(policy)
    var state = ConnectionState.none
    for (index, step) in steps.enumerated() {
      let direction: Direction =
        step.isInput ? (name.contains("dr") ? .inboundOnly : .inbound) : .outbound
      state = transitions.next(state, on: TCPEvent(TCPFlags(letters: step.flags)), direction)
      #expect(state.name == step.state, "step \(index)")
      #expect(state.defaultTimeout == .seconds(step.timeout), "step \(index)")
      #expect(state.isActive == step.isActive, "step \(index)")
    }
  }
}

extension TCPFlags {
  /// The flags that the letters of a vector stand for.
  init(letters: String) {
    let flags: [Character: TCPFlags] = ["S": .syn, "A": .ack, "F": .fin, "R": .rst, "P": .psh]
    self = letters.reduce(into: []) { $0.formUnion(flags[$1] ?? []) }
  }
}
