import Director
import Frames
import TestSupport
import Testing
import Wire

/// Whole conversations through a director: states, times, counts, and the end of each connection.
@Suite struct ConversationTests {
  static let names = [
    "nat_normal_close_by_client", "nat_close_by_server", "nat_refused",
    "nat_reset_by_client_in_handshake", "nat_reuse_after_time_wait", "nat_mid_stream_sloppy",
    "nat_simultaneous_close",
  ]

  /// A tick of the timers: a connection may live that much longer, never shorter.
  static let tick = Duration.milliseconds(128)

  @Test func allConversationsOfNATAreTold() throws {
    let all = try TCPStateVectors.load().sequences.keys.filter { $0.hasPrefix("nat_") }
    #expect(Set(all) == Set(Self.names))
  }

  @Test(arguments: names, [true, false])
  func goAsTheVectorsSay(name: String, isFast: Bool) throws {
    let steps = try #require(try TCPStateVectors.load().sequences[name])
    // The conversation as it stands after each step is left alone until its connection ends.
    for count in 1...steps.count {
      let usual = UsualDirector()
      usual.director.isFastPathEnabled = isFast
      if name.hasSuffix("sloppy") { install(usual) }
      for (index, step) in steps.prefix(count).enumerated() {
        if index > 0 { usual.advance(by: .milliseconds(700)) }
        take(step, index, usual)
      }
      expectEnd(of: usual, after: .seconds(steps[count - 1].timeout))
    }
  }

  private func install(_ usual: UsualDirector) {
    let isInstalled = usual.director.installConnection(
      ConnectionSnapshot(
        protocol: .tcp, client: .client, virtual: .virtual, destination: .real, state: .none),
      at: usual.clock.now)
    #expect(isInstalled)
    #expect(usual.loads() == [[0, 1]])
  }

  private func take(_ step: TCPStateVectors.Step, _ index: Int, _ usual: UsualDirector) {
    let flags = TCPFlags(letters: step.flags)
    let outcome = step.isInput ? usual.receive(request(flags)) : usual.receiveReply(reply(flags))
    #expect(outcome.verdict == .transmit(step.isInput ? .lan : .wan), "step \(index)")
    #expect(usual.connection?.state.name == step.state, "step \(index)")
    #expect(usual.connection?.timeout == .seconds(step.timeout), "step \(index)")
    #expect(usual.connection?.remaining == .seconds(step.timeout), "step \(index)")
    #expect(usual.connection?.isActive == step.isActive, "step \(index)")
    #expect(usual.loads() == (step.isActive ? [[1, 0]] : [[0, 1]]), "step \(index)")
    #expect(usual.director.connectionCount == 1, "step \(index)")
  }

  private func expectEnd(of usual: UsualDirector, after timeout: Duration) {
    let endedCount = usual.director.counters.connectionsEnded
    usual.advance(by: timeout - .milliseconds(1))
    #expect(usual.connection?.remaining == .milliseconds(1))
    usual.advance(by: .milliseconds(1))
    #expect(
      usual.director.connectionCount == 1
        || usual.director.counters.connectionsEnded == endedCount + 1)
    usual.advance(by: Self.tick)
    #expect(usual.director.connectionCount == 0)
    #expect(usual.director.counters.connectionsEnded == endedCount + 1)
    #expect(
      usual.director.counters.connectionsOpened == usual.director.counters.connectionsEnded)
    #expect(usual.loads() == [[0, 0]])
  }

  @Test func eachPacketBeginsTheTimeAnew() {
    let usual = UsualDirector()
    usual.receive(request(.syn))
    usual.receive(request(.ack))
    for _ in 0..<5 {
      usual.advance(by: .seconds(899))
      usual.learnNeighbors()
      #expect(usual.receive(request(.ack)).verdict == .transmit(.lan))
    }
    #expect(usual.connection?.remaining == .seconds(900))
    #expect(usual.director.counters.connectionsEnded == 0)
  }

  /// The timer stands at the end of a long state when a short one begins.
  @Test func aShorterStateEndsInItsOwnTime() {
    let usual = UsualDirector()
    usual.receive(request(.syn))
    usual.receive(request(.ack))
    usual.advance(by: .seconds(10))
    usual.receiveReply(reply(.rst))
    #expect(usual.connection?.state == .close)
    expectEnd(of: usual, after: .seconds(10))
  }

  @Test func udpLivesFor300SecondsAndIsNeverActive() {
    let usual = UsualDirector()
    usual.receive(query())
    #expect(usual.connection(.udp, from: .client, to: .virtualDNS)?.state == .udp)
    usual.advance(by: .seconds(299))
    usual.learnNeighbors()
    #expect(usual.receiveReply(response()).verdict == .transmit(.wan))
    #expect(usual.loads(ofService: 1) == [[0, 1]])
    expectEnd(of: usual)
  }

  private func expectEnd(of usual: UsualDirector) {
    usual.advance(by: .seconds(300) - .milliseconds(1))
    #expect(usual.director.connectionCount == 1)
    usual.advance(by: .milliseconds(1) + Self.tick)
    #expect(usual.director.connectionCount == 0)
    #expect(usual.loads(ofService: 1) == [[0, 0]])
  }

  /// Stamps are milliseconds modulo 2^32: a connection lives across the border, and ends on time.
  @Test func livesAcrossTheWrapOfItsStamp() {
    let border: UInt64 = 1_000_000 << 32
    let clock = ManualClock(at: Instant(nanoseconds: border - 30_000_000_000))
    let usual = UsualDirector(clock: clock)
    usual.receive(request(.syn))
    usual.receive(request(.ack))
    for _ in 0..<90 { usual.advance(by: .seconds(9)) }
    #expect(usual.clock.now.milliseconds < 900_000, "the border is behind")
    #expect(usual.connection?.remaining == .seconds(90))
    usual.advance(by: .milliseconds(89_999))
    #expect(usual.director.connectionCount == 1)
    usual.advance(by: .milliseconds(1) + Self.tick)
    #expect(usual.director.connectionCount == 0)
  }

  /// Thousands that end together end in pieces, and all of them.
  @Test func manyEndTogether() {
    let usual = UsualDirector(.usual(limit: 20_000))
    for number in 0..<20_000 {
      let client = Endpoint(IPv4Address(198, 51, 100, 10), UInt16(number))
      let isInstalled = usual.director.installConnection(
        ConnectionSnapshot(
          protocol: .tcp, client: client, virtual: .virtual, destination: .real, state: .close),
        at: usual.clock.now)
      #expect(isInstalled)
    }
    usual.advance(by: .seconds(11))
    #expect(usual.director.connectionCount > 0, "one call has a bound")
    usual.advance(by: .zero)
    usual.advance(by: .zero)
    #expect(usual.director.connectionCount == 0)
    #expect(usual.loads() == [[0, 0]])
  }

  @Test func tellsWhenItHasWork() {
    let usual = UsualDirector(knowsNeighbors: false)
    #expect(usual.director.nextDeadline(after: usual.clock.now) == nil)
    usual.receive(request(.syn))
    let next = usual.director.nextDeadline(after: usual.clock.now)
    #expect(next.map { $0 <= usual.clock.now.advanced(by: .seconds(1)) } == true)
  }
}
