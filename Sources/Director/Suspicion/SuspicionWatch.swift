import Frames

/// What traffic makes doubtful about a real server.
package struct ServerSuspicion: Equatable, Sendable {
  package enum Kind: Equatable, Sendable {
    /// Nothing followed a SYN that was passed on: no answer, or with `dr` and `tunnel`, whose answers are
    /// not seen, no further segment of the client.
    case silence
    /// The client of such a server repeats its SYN.
    case repetition
    /// The server reset a connection that it had not accepted.
    case reset
  }

  package let `protocol`: ServiceProtocol
  package let virtual: Endpoint
  package let real: Endpoint
  package let kind: Kind
}

/// New connections whose beginning is watched: a few of each server at a time.
struct SuspicionWatch {
  /// A new connection that is looked at once more.
  struct Sample {
    let index: Int
    let key: ConnectionKey
    let record: RecordIndex
    /// The stamp of its opening: a repeated SYN gives it a later one.
    let stamp: UInt32
    let deadline: Instant
  }

  /// The most connections watched at a time, which take 160 KiB; others are not looked at.
  static let limit = 4096

  /// Between two samples of a server, in milliseconds: how late the first unanswered SYN may be
  /// noticed.
  static let pace: UInt32 = 25

  private(set) var samples: [Sample] = []

  /// When the first sample is due; `nil` when there is none.
  private(set) var nextDeadline: Instant?

  /// What was found and not taken yet; a server stands there once.
  var suspicions: [ServerSuspicion] = []

  init() { samples.reserveCapacity(Self.limit) }

  /// Watches a connection; answers whether the next deadline came nearer.
  mutating func add(_ sample: Sample) -> Bool {
    guard samples.count < Self.limit else { return false }
    samples.append(sample)
    if let next = nextDeadline, next <= sample.deadline { return false }
    nextDeadline = sample.deadline
    return true
  }

  /// The samples that are due, which are watched no longer.
  mutating func takeDue(at now: Instant) -> [Sample] {
    guard let next = nextDeadline, next <= now else { return [] }
    let due = samples.filter { $0.deadline <= now }
    samples.removeAll { $0.deadline <= now }
    nextDeadline = samples.lazy.map(\.deadline).min()
    return due
  }
}
