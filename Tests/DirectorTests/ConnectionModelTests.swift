import Director
import Frames
import TestSupport
import Testing
import Wire

/// Table, timers and states together against a list of deadlines: no connection is lost, and none
/// outlives its time.
@Suite struct ConnectionModelTests {
  /// A tick of the timers.
  private static let tick = Duration.milliseconds(128)
  private static let lifetime = ConnectionState.udp.defaultTimeout

  /// Clients of a few addresses: more than the table holds.
  private func client(_ random: inout SplitMix64) -> Endpoint {
    Endpoint(
      IPv4Address(198, 51, 100, UInt8.random(in: 10..<20, using: &random)),
      UInt16.random(in: 40000..<40012, using: &random))
  }

  private func step(_ random: inout SplitMix64) -> Duration {
    switch Int.random(in: 0..<12, using: &random) {
    case 0: Self.lifetime
    case 1: .seconds(Int.random(in: 0...700, using: &random))
    case 2...4: .milliseconds(Int.random(in: 0...60_000, using: &random))
    default: .milliseconds(Int.random(in: 0...3000, using: &random))
    }
  }

  @Test(arguments: [3, 20, 40], UInt64(1)...4)
  func behavesAsAListOfDeadlines(limit: Int, seed: UInt64) {
    var random = SplitMix64(seed: seed &* 1000 &+ UInt64(limit))
    let usual = UsualDirector(.usual(services: [.dns], limit: limit), seed: random.next())
    var deadlines: [Endpoint: Instant] = [:]
    var refusedCount = 0
    for round in 0..<1500 {
      let context: Comment = "seed \(seed), limit \(limit), round \(round)"
      usual.director.isFastPathEnabled = Bool.random(using: &random)
      // Replies lengthen a life as requests do, and open nothing.
      let isReply = Int.random(in: 0..<4, using: &random) == 0
      let client = client(&random)
      let verdict =
        isReply
        ? usual.receiveReply(response(to: client)).verdict
        : usual.receive(query(from: client)).verdict
      switch verdict {
      case .transmit:
        #expect(!isReply || deadlines[client] != nil, context)
        deadlines[client] = usual.clock.now.advanced(by: Self.lifetime)
      case .drop(.connectionTableFull):
        #expect(deadlines[client] == nil && deadlines.count == limit, context)
        refusedCount += 1
      default:
        #expect(verdict == .drop(.ipNotForUs) && isReply && deadlines[client] == nil, context)
      }
      guard Int.random(in: 0..<6, using: &random) == 0 else { continue }
      usual.advance(by: step(&random))
      usual.learnNeighbors()
      expectAgreement(usual, &deadlines, context)
    }
    #expect(usual.director.counters.connectionsEnded > limit, "seed \(seed)")
    #expect(refusedCount > 0, "seed \(seed)")
  }

  /// Compares with what the director lists, and forgets what has ended.
  private func expectAgreement(
    _ usual: UsualDirector, _ deadlines: inout [Endpoint: Instant], _ context: Comment
  ) {
    let listed = Set(usual.connections.map(\.client))
    #expect(listed.count == usual.director.connectionCount, context)
    #expect(listed.isSubset(of: Set(deadlines.keys)), context)
    for (client, deadline) in deadlines {
      let lateness = deadline.duration(to: usual.clock.now)
      if lateness < .zero { #expect(listed.contains(client), "\(client) is lost; \(context)") }
      if lateness >= Self.tick {
        #expect(!listed.contains(client), "\(client) is late; \(context)")
      }
      if !listed.contains(client) { deadlines[client] = nil }
    }
    let ended = usual.director.counters.connectionsEnded
    #expect(usual.director.counters.connectionsOpened == ended + UInt64(listed.count), context)
  }
}
