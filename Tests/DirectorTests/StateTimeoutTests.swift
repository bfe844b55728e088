import Director
import Frames
import TestSupport
import Testing
import Wire

/// How long connections live, as the configuration says.
@Suite struct StateTimeoutTests {
  @Test func areThoseOfTheKernelUnlessTold() {
    let timeouts = StateTimeouts()
    for state in ConnectionState.allCases {
      #expect(timeouts[state] == state.defaultTimeout)
    }
    #expect(timeouts[.established] == .seconds(900))
    #expect(timeouts[.udp] == .seconds(300))
  }

  @Test(arguments: ConnectionState.allCases)
  func stayWithinTheirBounds(state: ConnectionState) {
    let rows: [(told: Duration, kept: Duration)] = [
      (.zero, .milliseconds(128)), (.seconds(-5), .milliseconds(128)),
      (.milliseconds(127), .milliseconds(128)), (.milliseconds(128), .milliseconds(128)),
      (.milliseconds(129), .milliseconds(129)), (.microseconds(129_999), .milliseconds(129)),
      (.seconds(1), .seconds(1)), (.seconds(1_728_000), .seconds(1_728_000)),
      (.seconds(1_728_001), .seconds(1_728_000)), (.seconds(Int64.max), .seconds(1_728_000)),
    ]
    for row in rows {
      var timeouts = StateTimeouts()
      timeouts[state] = row.told
      #expect(timeouts[state] == row.kept, "\(row.told)")
      for other in ConnectionState.allCases where other != state {
        #expect(timeouts[other] == other.defaultTimeout)
      }
    }
    #expect(StateTimeouts.range == .milliseconds(128)...(.seconds(1_728_000)))
  }

  private func configuration(
    _ state: ConnectionState, _ timeout: Duration
  ) -> DirectorConfiguration {
    var configuration = DirectorConfiguration.usual()
    configuration.timeouts[state] = timeout
    return configuration
  }

  private func expectLife(
    _ timeout: Duration, _ usual: UsualDirector, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(usual.connections.map(\.remaining) == [timeout], sourceLocation: sourceLocation)
    #expect(usual.connections.map(\.timeout) == [timeout], sourceLocation: sourceLocation)
    usual.advance(by: timeout - .milliseconds(1))
    #expect(usual.director.connectionCount == 1, sourceLocation: sourceLocation)
    usual.advance(by: .milliseconds(1) + ConversationTests.tick)
    #expect(usual.director.connectionCount == 0, sourceLocation: sourceLocation)
    #expect(usual.director.counters.connectionsEnded == 1, sourceLocation: sourceLocation)
  }

  /// Shorter and longer ones than the defaults, in every state.
  @Test(
    arguments: ConnectionState.allCases,
    [
      Duration.milliseconds(128), .milliseconds(2500), .seconds(77), .seconds(4000),
      .seconds(1_728_000),
    ])
  func areWhatConnectionsLive(state: ConnectionState, timeout: Duration) {
    let usual = UsualDirector(configuration(state, timeout))
    let isUDP = state == .udp
    let isInstalled = usual.director.installConnection(
      ConnectionSnapshot(
        protocol: isUDP ? .udp : .tcp, client: .client, virtual: isUDP ? .virtualDNS : .virtual,
        destination: isUDP ? .realDNS : .real, state: state), at: usual.clock.now)
    #expect(isInstalled)
    expectLife(timeout, usual)
  }

  /// Into each state by segments, from states that last longer and shorter.
  @Test(arguments: [Duration.milliseconds(200), .seconds(5), .seconds(3000)], [true, false])
  func areWhatSegmentsBegin(timeout: Duration, isFast: Bool) {
    let ways: [(ConnectionState, (UsualDirector) -> Void)] = [
      (.synReceived, { $0.receive(request(.syn)) }),
      (.established, { $0.receive(request(.ack)) }),
      (.finWait, { $0.receiveReply(reply([.fin, .ack])) }),
      (.timeWait, { $0.receive(request([.fin, .ack])) }),
    ]
    for count in 1...ways.count {
      let state = ways[count - 1].0
      let usual = UsualDirector(configuration(state, timeout))
      usual.director.isFastPathEnabled = isFast
      for way in ways.prefix(count) {
        way.1(usual)
        #expect(usual.connection?.state == way.0)
        if way.0 != state { usual.advance(by: .seconds(1)) }
      }
      expectLife(timeout, usual)
    }
    let closed = UsualDirector(configuration(.close, timeout))
    closed.director.isFastPathEnabled = isFast
    closed.receive(request(.syn))
    closed.receiveReply(reply(.rst))
    #expect(closed.connection?.state == .close)
    expectLife(timeout, closed)
  }

  @Test(arguments: [true, false])
  func eachDatagramBeginsTheTimeAnew(isFast: Bool) {
    let usual = UsualDirector(configuration(.udp, .seconds(10)))
    usual.director.isFastPathEnabled = isFast
    for _ in 0..<10 {
      usual.receive(query())
      usual.advance(by: .seconds(9))
    }
    #expect(usual.director.counters.connectionsOpened == 1)
    usual.receiveReply(response())
    expectLife(.seconds(10), usual)
  }

  /// What was told of a connection that is taken over does not matter: its state does.
  @Test func aConnectionTakenOverLivesItsStatesTime() {
    let usual = UsualDirector(configuration(.established, .seconds(20)))
    let isInstalled = usual.director.installConnection(
      ConnectionSnapshot(
        protocol: .tcp, client: .client, virtual: .virtual, destination: .real,
        state: .established, timeout: .seconds(900)), at: usual.clock.now)
    #expect(isInstalled)
    expectLife(.seconds(20), usual)
  }
}
