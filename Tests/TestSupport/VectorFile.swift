import Foundation

/// A file of `Tests/Vectors`, found from where this source file lies.
package enum VectorFile {
  package static func path(_ name: String, from source: String = #filePath) -> String {
    URL(fileURLWithPath: source).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Vectors").appendingPathComponent(name).path
  }

  fileprivate static func load<Content: Decodable>(_ name: String) throws -> Content {
    try JSONDecoder().decode(Content.self, from: Data(contentsOf: URL(fileURLWithPath: path(name))))
  }
}

/// `tcp-states.json`: the state tables of TCP connections, their timeouts, and whole conversations.
package struct TCPStateVectors: Decodable, Sendable {
  /// The states' names; a place in this list is a state's number.
  package var states: [String]
  /// Seconds, by state.
  package var timeouts: [Int]
  /// 1 where the connection counts as active, by state.
  package var active: [Int]
  /// The rows of each table: `syn`, `fin`, `ack`, `rst`.
  package var events: [String]
  package var normal: Tables
  package var secureTCP: Tables
  package var sequences: [String: [Step]]

  /// Next state by event and state, for each direction.
  package struct Tables: Decodable, Sendable {
    package var input: [[Int]]
    package var output: [[Int]]
    package var inputOnly: [[Int]]

    private enum CodingKeys: String, CodingKey {
      case input
      case output
      case inputOnly = "input_only"
    }
  }

  /// One segment of a conversation and what follows from it: `["in", "SA", "SYN_RECV", 60, true]`.
  package struct Step: Decodable, Sendable {
    /// Whether it goes from the client to the real server.
    package var isInput: Bool
    /// Letters of `S`, `A`, `P`, `F` and `R`.
    package var flags: String
    package var state: String
    /// In seconds.
    package var timeout: Int
    package var isActive: Bool

    package init(from decoder: any Decoder) throws {
      var list = try decoder.unkeyedContainer()
      isInput = try list.decode(String.self) == "in"
      flags = try list.decode(String.self)
      state = try list.decode(String.self)
      timeout = try list.decode(Int.self)
      isActive = try list.decode(Bool.self)
    }
  }

  private enum CodingKeys: String, CodingKey {
    case states
    case timeouts
    case active
    case events
    case normal
    case secureTCP = "secure_tcp"
    case sequences
  }

  package static func load() throws -> TCPStateVectors { try VectorFile.load("tcp-states.json") }
}

/// One entry of `schedulers.json`: real servers as the scheduler walks them, and whom it chooses.
///
/// Samples that are not a plain sequence have no `expect`.
package struct SchedulerVector: Decodable, Sendable {
  /// The name in ipvsadm.
  package var algorithm: String
  package var order: [String]?
  package var weights: [Int]?
  /// The servers chosen one after the other; `nil` where there is none to choose.
  package var expect: [String?]?
  /// What happens after `expect`, in words.
  package var then: String?
  package var expectThen: [String?]?
  /// The kind of connections, in words.
  package var connections: String?
  package var note: String?

  private enum CodingKeys: String, CodingKey {
    case algorithm = "alg"
    case order
    case weights
    case expect
    case then
    case expectThen = "expect_then"
    case connections = "proto"
    case note
  }

  package static func load() throws -> [SchedulerVector] {
    try VectorFile.load("schedulers.json")
  }
}
