import Frames

/// How a question to a real server by the way of its service's packets ended.
package enum PathOutcome: Equatable, Sendable {
  /// It accepted the connection, which was reset at once.
  case answered
  /// It refused the connection.
  case refused
  /// Nothing came back, and it answers nothing else either.
  case silent
  /// Nothing came back, but it answers what is sent to its own address: NAT, its gateway is another.
  case wrongGateway
  /// Nothing came back, but it answers what is sent to its own address: DR, it has no virtual address.
  case noVirtualAddress
  /// Nothing came back, but it answers what is sent to its own address: TUNNEL, it takes nothing out of
  /// its tunnel, or has no virtual address.
  case noDecapsulation
}

/// A result of a probe, told once.
package struct PathResult: Equatable, Sendable {
  package let id: UInt64
  package let outcome: PathOutcome
}

/// A SYN of our own on its way to one real server, and what it waits for.
struct PathProbe {
  /// A SYN and where its answer comes from.
  struct Question {
    /// An own address, and a port that no other question has.
    let source: Endpoint
    let destination: Endpoint
    let sequence: UInt32
    /// Whether it goes the way of the service's packets; else straight to the server's own address, so
    /// that it is known what silence means.
    let isService: Bool
  }

  let id: UInt64
  let record: RecordIndex
  let questions: [Question]
  var deadline: Instant
  var nextSend: Instant
  let repetition: Duration
  /// Whether the server answered the question to its own address.
  var isDirectAnswered = false
}

/// The probes under way.
struct PathProbes {
  /// The most at a time.
  static let limit = 1024

  /// The ports of questions, at the end of the range, by which their answers are known.
  static let ports: ClosedRange<UInt16> = 61_000...65_063

  private(set) var probes: [UInt64: PathProbe] = [:]
  /// The probe and the number of its question by port.
  private var places: [UInt16: (id: UInt64, question: Int)] = [:]
  private var lastPort = PathProbes.ports.upperBound
  /// How many questions were asked.
  private(set) var questionCount: UInt64 = 0
  private(set) var nextDeadline: Instant?
  var results: [PathResult] = []

  var isEmpty: Bool { probes.isEmpty }

  /// A port that no question has; there are four for each probe.
  mutating func takePort() -> UInt16 {
    questionCount += 1
    repeat {
      lastPort = lastPort == Self.ports.upperBound ? Self.ports.lowerBound : lastPort + 1
    } while places[lastPort] != nil
    return lastPort
  }

  mutating func add(_ probe: PathProbe) {
    probes[probe.id] = probe
    for (number, question) in probe.questions.enumerated() {
      places[question.source.port] = (probe.id, number)
    }
    schedule()
  }

  subscript(id: UInt64) -> PathProbe? {
    get { probes[id] }
    set {
      guard let newValue else { return }
      probes[id] = newValue
      schedule()
    }
  }

  /// The probe whose question has the source port `port`, and that question.
  func find(_ port: UInt16) -> (PathProbe, PathProbe.Question)? {
    guard let place = places[port], let probe = probes[place.id] else { return nil }
    return (probe, probe.questions[place.question])
  }

  /// Forgets a probe; tells how it ended unless that is `nil`.
  mutating func end(_ id: UInt64, _ outcome: PathOutcome?) {
    guard let probe = probes.removeValue(forKey: id) else { return }
    for question in probe.questions { places[question.source.port] = nil }
    if let outcome { results.append(PathResult(id: id, outcome: outcome)) }
    schedule()
  }

  private mutating func schedule() {
    nextDeadline = probes.values.lazy.map { min($0.deadline, $0.nextSend) }.min()
  }
}
