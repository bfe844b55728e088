import Director
import Frames
import TestSupport
import Testing
import Wire

private typealias Net = ExampleNetwork

/// Many connections of servers that are gone: all of them end, in time, and are counted once.
@Suite struct RemovalPropertyTests {
  /// Whatever is lost, and whatever is under way.
  @Test(arguments: ForwardingMethod.allCases, [0, 30, 100])
  func allConnectionsEnd(method: ForwardingMethod, loss: Int) {
    for seed in UInt64(0)..<4 {
      let bench = RemovalBench(method, .reset, isFast: seed % 2 == 0, seed: seed)
      var random = SplitMix64(seed: seed)
      let clients = (0..<120).map { RemovalBench.client($0) }
      for client in clients {
        bench.open(client)
        bench.usual.advance(by: .milliseconds(Int.random(in: 0...20, using: &random)))
      }
      for number in 0..<20 { bench.usual.receive(query(from: RemovalBench.client(number))) }
      bench.usual.learnNeighbors()
      let gone = bench.servers[0]
      let before = bench.usual.connections.count { $0.destination == gone }
      #expect(before == 60)
      let wasRemoved = bench.remove(gone)
      #expect(wasRemoved)
      bench.loss = loss
      bench.run(.milliseconds(3300))
      #expect(bench.usual.connections.allSatisfy { $0.destination != gone })
      #expect(bench.usual.director.connectionCount == 80)
      let counters = bench.usual.director.counters
      #expect(bench.endedCount == 60)
      #expect(counters.connectionsOpened - counters.connectionsEnded == 80)
      #expect(counters.probesSent <= UInt64(60 * (method.passesReplies ? 6 : 3)))
      #expect(counters.dropped == 0)
      switch loss {
      case 0:
        #expect(counters.connectionsReset == 60)
        #expect(bench.openEnds.count == (method.passesReplies ? 120 : 60))
      case 100: #expect(counters.connectionsAbandoned == 60)
      default: break
      }
      #expect(bench.usual.director.nextDeadline(after: bench.usual.clock.now) != nil)
    }
  }

  /// So many segments a second ask, and no more; the bound is that of the pace.
  @Test(arguments: [100, 1000], [Duration.milliseconds(1), .milliseconds(10), .milliseconds(70)])
  func questionsKeepTheirPace(rate: Int, step: Duration) {
    let bench = RemovalBench(.dr, .reset, weights: [1], probeRate: rate)
    for number in 0..<400 { bench.open(RemovalBench.client(number)) }
    bench.usual.advance(by: .seconds(2))
    bench.usual.learnNeighbors()
    let wasRemoved = bench.remove(bench.servers[0])
    #expect(wasRemoved)
    let start = bench.usual.clock.now
    while bench.usual.director.connectionCount > 0 {
      bench.run(step, step: step)
      let passed = start.duration(to: bench.usual.clock.now)
      let allowed = max(2, rate / 40) + Int(passed.wholeNanoseconds / 1000) * rate / 1_000_000 + 1
      let asked = bench.usual.director.counters.probesSent
      #expect(asked <= UInt64(allowed), "after \(passed)")
      guard passed < .seconds(20) else {
        Issue.record("still \(bench.usual.director.connectionCount) after \(passed)")
        break
      }
    }
    // Turns that come often enough use all of it.
    if step <= .milliseconds(10) {
      let passed = start.duration(to: bench.usual.clock.now)
      #expect(passed <= .milliseconds(400_000 / rate + 100))
    }
    #expect(bench.usual.director.counters.probesSent == 400)
    #expect(bench.usual.director.counters.connectionsReset == 400)
  }

  /// A turn that has no room for frames of its own goes on in the next one.
  @Test func aFullOutboxPutsOff() {
    let bench = RemovalBench(.nat, .reset, weights: [1])
    for number in 0..<10 { bench.open(RemovalBench.client(number)) }
    bench.usual.advance(by: .seconds(2))
    bench.usual.learnNeighbors()
    let wasRemoved = bench.remove(bench.servers[0])
    #expect(wasRemoved)
    bench.usual.fillOutbox()
    bench.usual.advance(by: .milliseconds(10))
    #expect(bench.usual.director.counters.probesSent == 0)
    bench.run(.milliseconds(20))
    #expect(bench.usual.director.connectionCount == 0)
    #expect(bench.usual.director.counters.connectionsReset == 10)
  }

  /// Servers that go one after the other, while the first is still dealt with.
  @Test func serversGoOneAfterTheOther() {
    let bench = RemovalBench(.fullnat, .reset, weights: [1, 1, 1])
    for number in 0..<90 { bench.open(RemovalBench.client(number)) }
    bench.usual.advance(by: .seconds(2))
    bench.usual.learnNeighbors()
    for server in bench.servers {
      let wasRemoved = bench.remove(server)
      #expect(wasRemoved)
      bench.run(.milliseconds(500))
    }
    bench.run(.milliseconds(1100))
    #expect(bench.openEnds.isEmpty)
    #expect(bench.usual.director.connectionCount == 0)
    #expect(bench.usual.director.counters.connectionsReset == 90)
  }

  // MARK: - Servers that fail

  @Test(arguments: ForwardingMethod.allCases, RemovalPolicy.allCases)
  func aFailedServerStaysInItsService(method: ForwardingMethod, policy: RemovalPolicy) throws {
    let bench = RemovalBench(method, .ignore)
    let clients = (0..<10).map { RemovalBench.client($0) }
    let failed = try #require(bench.open(clients[0]))
    for client in clients.dropFirst() { bench.open(client) }
    bench.usual.advance(by: .seconds(2))
    bench.usual.learnNeighbors()
    let ends = bench.usual.director.endConnections(
      ofServer: failed, in: .tcp, .virtual, by: policy)
    #expect(ends)
    #expect(bench.usual.director.serviceSnapshots[0].destinations.count == 2)
    bench.run(.milliseconds(20))
    let isEnding = policy == .reset || policy == .reschedule
    #expect(bench.usual.director.connectionCount == (policy == .reset ? 5 : 10))
    let sent = bench.usual.receive(request(.ack, from: clients[0]))
    #expect(sent.verdict == .transmit(isEnding ? .wan : .lan))
    let new = (10..<20).map { bench.open(RemovalBench.client($0)) }
    #expect(new.count { $0 == failed } == (isEnding ? 0 : 5))
    // It comes back.
    let isRestored = bench.usual.director.restoreServer(failed, in: .tcp, .virtual)
    #expect(isRestored)
    bench.run(.seconds(3))
    bench.usual.learnNeighbors()
    let late = (20..<30).map { bench.open(RemovalBench.client($0)) }
    #expect(late.contains(failed))
    let resets = bench.usual.director.counters.resetsSent
    bench.run(.seconds(3))
    #expect(bench.usual.director.counters.resetsSent == resets)
  }

  @Test func whoIsNotThereCannotFail() {
    let bench = RemovalBench(.nat, .reset)
    let unknown = Endpoint(Net.server3, 8080)
    for policy in RemovalPolicy.allCases {
      let ends = bench.usual.director.endConnections(
        ofServer: unknown, in: .tcp, .virtual, by: policy)
      #expect(!ends)
    }
    let isRestored = bench.usual.director.restoreServer(unknown, in: .tcp, .virtual)
    #expect(!isRestored)
    let wasRemoved = bench.remove(bench.servers[0])
    #expect(wasRemoved)
    let fails = bench.usual.director.endConnections(
      ofServer: bench.servers[0], in: .tcp, .virtual, by: .reset)
    #expect(!fails, "it is not in its service any more")
  }
}
