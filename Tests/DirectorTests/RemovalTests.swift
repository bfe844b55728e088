import Director
import Frames
import TestSupport
import Testing
import Wire

private typealias Net = ExampleNetwork

/// What becomes of connections whose server is gone, by policy and method, on both paths.
@Suite struct RemovalTests {
  private let client = RemovalBench.client(0)

  /// A bench with one open connection, whose server was removed; and that server.
  private func bench(
    _ method: ForwardingMethod, _ policy: RemovalPolicy, _ isFast: Bool,
    after pause: Duration = .seconds(5), timestamps: TimestampPolicy = .remove
  ) throws -> (RemovalBench, Endpoint) {
    let bench = RemovalBench(method, policy, isFast: isFast, timestamps: timestamps)
    let server = try #require(bench.open(client))
    bench.usual.advance(by: pause)
    bench.usual.learnNeighbors()
    let wasRemoved = bench.remove(server)
    #expect(wasRemoved)
    return (bench, server)
  }

  private func other(than server: Endpoint, _ bench: RemovalBench) -> Endpoint? {
    bench.servers.first { $0 != server }
  }

  // MARK: - Reset

  @Test(arguments: ForwardingMethod.allCases, [true, false])
  func bothEndsAreResetWithoutSending(method: ForwardingMethod, isFast: Bool) throws {
    let (bench, _) = try bench(method, .reset, isFast)
    bench.run(.milliseconds(20))
    #expect(bench.openEnds.isEmpty)
    #expect(bench.usual.director.connectionCount == 0)
    let counters = bench.usual.director.counters
    #expect(counters.connectionsReset == 1)
    #expect(counters.connectionsAbandoned == 0)
    #expect(counters.probesSent == (method.passesReplies ? 2 : 1))
    #expect(bench.sent.count { $0.flags.contains(.rst) } == Int(counters.resetsSent))
    #expect(counters[.destinationRemoved] == 0)
  }

  /// Numbers are moved both ways, and so are those of resets.
  @Test(arguments: TimestampPolicy.allCases, [true, false])
  func translatedEndsHearTheirOwnNumbers(timestamps: TimestampPolicy, isFast: Bool) throws {
    let (bench, server) = try bench(.fullnat, .reset, isFast, timestamps: timestamps)
    let known = try #require(bench.usual.translation(of: client))
    #expect(known.sequenceShift != 0)
    let end = try #require(bench.ends[.init(own: client, peer: .virtual)])
    let answer = bench.usual.receive([
      Sent(
        port: .wan,
        frame: request(.ack, from: client).with(\.tcp.sequence, end.next)
          .with(\.tcp.acknowledgment, end.expected).payload("more").frame())
    ])
    let toClient = try #require(answer.outcomes[0].frame.flatMap { SentSegment($0) })
    #expect(toClient.source == .virtual && toClient.destination == client)
    #expect(toClient.flags == .rst && toClient.sequence == end.expected)
    let toServer = try #require(answer.originated.first.flatMap { SentSegment($0.frame) })
    #expect(toServer.source == known.local && toServer.destination == server)
    #expect(toServer.flags == [.rst, .ack])
    #expect(toServer.sequence == end.next &+ known.sequenceShift)
    #expect(toServer.acknowledgment == end.expected)
    bench.deliver(answer.originated)
    let serverEnd = try #require(bench.ends[.init(own: server, peer: known.local)])
    #expect(serverEnd.isClosed)

    // What a server says is moved back for the client.
    let (second, otherServer) = try self.bench(.fullnat, .reset, isFast, timestamps: timestamps)
    let local = try #require(second.usual.translation(of: client)).local
    let speaker = try #require(second.ends[.init(own: otherServer, peer: local)])
    let said = second.usual.receive([
      Sent(
        port: .lan,
        frame: reply(.ack, from: otherServer, to: local).with(\.tcp.sequence, speaker.next)
          .with(\.tcp.acknowledgment, speaker.expected).payload("more").frame())
    ])
    let clientEnd = try #require(second.ends[.init(own: client, peer: .virtual)])
    let told = try #require(said.originated.first.flatMap { SentSegment($0.frame) })
    #expect(told.destination == client && told.sequence == clientEnd.expected)
    #expect(told.acknowledgment == clientEnd.next)
  }

  /// Just after a packet its answer may be on its way: the end is asked again.
  @Test(arguments: ForwardingMethod.allCases, [true, false])
  func aBusyEndIsAskedAgain(method: ForwardingMethod, isFast: Bool) throws {
    let (bench, _) = try bench(method, .reset, isFast, after: .zero)
    bench.run(.milliseconds(20))
    #expect(bench.openEnds.isEmpty)
    #expect(bench.usual.director.connectionCount == 1)
    bench.run(.milliseconds(1100))
    #expect(bench.usual.director.connectionCount == 0)
    #expect(bench.usual.director.counters.connectionsReset == 1)
    #expect(bench.usual.director.counters.probesSent == (method.passesReplies ? 3 : 2))
  }

  @Test(arguments: ForwardingMethod.allCases)
  func endsThatDoNotAnswerAreForgotten(method: ForwardingMethod) throws {
    let (bench, _) = try bench(method, .reset, true)
    bench.ends = [:]
    bench.run(.milliseconds(2900))
    #expect(bench.usual.director.connectionCount == 1)
    bench.run(.milliseconds(300))
    #expect(bench.usual.director.connectionCount == 0)
    let counters = bench.usual.director.counters
    #expect(counters.connectionsAbandoned == 1)
    #expect(counters.probesSent == (method.passesReplies ? 6 : 3))
    // Of three questions two are outside of any window.
    let questions = bench.sent.filter { $0.destination == client }
    #expect(questions.allSatisfy { $0.flags == .ack })
    #expect(questions.map(\.timestamp) == [nil, 0, 1 << 31])
    let asked = questions.map(\.sequence)
    for expected in stride(from: UInt32(0), to: .max - (1 << 24), by: 1 << 24) {
      #expect(asked.count { $0 &- expected < 1 << 30 } <= 1)
    }
  }

  /// Neither the frame nor what it says of itself goes on.
  @Test(arguments: [true, false], [TCPFlags.ack, [.ack, .psh], [.fin, .ack]])
  func repliesAreAnsweredWithAReset(isFast: Bool, flags: TCPFlags) throws {
    let (bench, server) = try bench(.nat, .reset, isFast)
    let data = reply(flags, from: server, to: client).payload("late")
      .with(\.tcp.sequence, 500).with(\.tcp.acknowledgment, 900)
    let sent = bench.usual.receive([Sent(port: .lan, frame: data.frame())])
    #expect(sent.outcomes[0].verdict == .transmit(.lan))
    let toServer = try #require(sent.outcomes[0].frame.flatMap { SentSegment($0) })
    #expect(toServer.source == client && toServer.destination == server)
    #expect(toServer.flags == .rst && toServer.sequence == 900)
    let toClient = try #require(sent.originated.first.flatMap { SentSegment($0.frame) })
    #expect(toClient.source == .virtual && toClient.destination == client)
    #expect(toClient.flags == [.rst, .ack] && toClient.sequence == 500)
    #expect(bench.usual.director.counters.fastPath == (isFast ? 3 : 0))
  }

  @Test func aWrongChecksumIsNotBelieved() throws {
    let (bench, server) = try bench(.nat, .reset, true)
    for flags in [TCPFlags.ack, .rst, [.rst, .ack]] {
      let sent = bench.usual.receive([
        Sent(port: .wan, frame: request(flags, from: client).with(\.tcp.checksum, 1).frame()),
        Sent(
          port: .lan,
          frame: reply(flags, from: server, to: client).with(\.tcp.checksum, 1).frame()),
      ])
      #expect(sent.outcomes.allSatisfy { $0.verdict == .drop(.destinationRemoved) })
      #expect(sent.originated.isEmpty)
    }
    #expect(bench.usual.director.connectionCount == 1)
  }

  /// A client that gives up ends its server's half, and that is all there is to say.
  @Test(arguments: [ForwardingMethod.nat, .fullnat])
  func aResetOfTheClientReachesTheServer(method: ForwardingMethod) throws {
    let (bench, _) = try bench(method, .reset, true)
    let way = RemovalBench.Way(own: client, peer: .virtual)
    let end = try #require(bench.ends[way])
    bench.ends[way]?.isClosed = true
    let sent = bench.usual.receive([
      Sent(
        port: .wan,
        frame: request([.rst, .ack], from: client).with(\.tcp.sequence, end.next)
          .with(\.tcp.acknowledgment, end.expected).frame())
    ])
    #expect(sent.outcomes[0].verdict == .absorb)
    bench.deliver(sent.originated)
    #expect(bench.openEnds.isEmpty)
    bench.run(.milliseconds(20))
    #expect(bench.usual.director.connectionCount == 0)
    #expect(bench.usual.director.counters.connectionsReset == 1)
  }

  /// The policies that end connections, on both paths.
  private static let endings: [(RemovalPolicy, Bool)] = [
    (.reset, true), (.reset, false), (.reschedule, true), (.reschedule, false),
  ]

  @Test(arguments: ForwardingMethod.allCases, endings)
  func aNewSYNGoesToAnotherServer(
    method: ForwardingMethod, ending: (policy: RemovalPolicy, isFast: Bool)
  ) throws {
    let (bench, server) = try bench(method, ending.policy, ending.isFast)
    let sent = bench.usual.receive([Sent(port: .wan, frame: request(.syn, from: client).frame())])
    guard case .transmit = sent.outcomes[0].verdict else {
      Issue.record("\(sent.outcomes[0].verdict)")
      return
    }
    #expect(bench.usual.connection(from: client)?.destination == other(than: server, bench))
    #expect(bench.usual.director.connectionCount == 1)
    #expect(bench.usual.director.counters.connectionsReplaced == 1)
    bench.run(.seconds(3))
    #expect(bench.usual.director.connectionCount == 1, "the new one is left alone")
  }

  @Test(arguments: [true, false]) func aServerThatComesBackKeepsWhatIsLeft(isFast: Bool) throws {
    let (bench, server) = try bench(.nat, .reset, isFast, after: .zero)
    let silent = bench.ends
    bench.ends = [:]
    bench.run(.milliseconds(1200))
    #expect(bench.usual.director.counters.probesSent == 4)
    let wasAdded = bench.add(server)
    #expect(wasAdded)
    bench.ends = silent
    bench.run(.seconds(5))
    #expect(bench.usual.director.counters.probesSent == 4)
    #expect(bench.openEnds.count == 2)
    bench.usual.learnNeighbors()
    let fastPath = bench.usual.director.counters.fastPath
    #expect(bench.usual.receive(request(.ack, from: client)).verdict == .transmit(.lan))
    let answer = reply(.ack, from: server, to: client)
    #expect(bench.usual.receiveReply(answer).verdict == .transmit(.wan))
    #expect(bench.usual.director.counters.fastPath - fastPath == (isFast ? 2 : 0))
    // What was noted is forgotten: a second removal begins anew.
    bench.usual.advance(by: .seconds(2))
    let isRemoved = bench.remove(server)
    #expect(isRemoved)
    bench.run(.milliseconds(20))
    #expect(bench.openEnds.isEmpty)
    #expect(bench.usual.director.connectionCount == 0)
  }

  /// What has nothing to hear is forgotten without a word.
  @Test(arguments: ConnectionState.allCases.filter { $0 != .udp })
  func statesThatAreOverEndAtOnce(state: ConnectionState) {
    let bench = RemovalBench(.nat, .reset)
    let isInstalled = bench.usual.director.installConnection(
      ConnectionSnapshot(
        protocol: .tcp, client: client, virtual: .virtual, destination: .real, state: state),
      at: bench.usual.clock.now)
    let wasRemoved = bench.remove(.real)
    #expect(isInstalled && wasRemoved)
    bench.run(.milliseconds(20))
    let isOver = [.none, .synReceived, .timeWait, .close].contains(state)
    #expect(bench.usual.director.connectionCount == (isOver ? 0 : 1))
    #expect(bench.usual.director.counters.probesSent == (isOver ? 0 : 2))
    bench.run(.seconds(4))
    #expect(bench.usual.director.connectionCount == 0)
  }

  // MARK: - Datagrams

  @Test(arguments: ForwardingMethod.allCases, endings)
  func datagramsMoveAtOnce(
    method: ForwardingMethod, ending: (policy: RemovalPolicy, isFast: Bool)
  ) throws {
    let bench = RemovalBench(method, ending.policy, isFast: ending.isFast)
    bench.usual.receive(query(from: client))
    let first = try #require(
      bench.usual.connection(.udp, from: client, to: .virtualDNS)?.destination)
    let wasRemoved = bench.usual.director.removeServer(first, from: .udp, .virtualDNS)
    #expect(wasRemoved)
    guard case .transmit = bench.usual.receive(query(from: client)).verdict else {
      Issue.record("the datagram does not go on")
      return
    }
    let second = try #require(
      bench.usual.connection(.udp, from: client, to: .virtualDNS)?.destination)
    #expect(second != first)
    #expect(bench.usual.director.counters.connectionsReplaced == 1)
    #expect(bench.usual.director.connectionCount == 1)
  }

  @Test func flowsOfDatagramsAreForgotten() {
    let bench = RemovalBench(.nat, .reset)
    for number in 0..<40 { bench.usual.receive(query(from: RemovalBench.client(number))) }
    let wasRemoved = bench.usual.director.removeService(.udp, .virtualDNS)
    #expect(wasRemoved)
    bench.run(.milliseconds(20))
    #expect(bench.usual.director.connectionCount == 0)
    #expect(bench.usual.director.counters.connectionsReset == 40)
    #expect(bench.sent.isEmpty)
  }

  // MARK: - Reschedule

  /// No other server knows an established connection: there is nothing else that could be right.
  @Test(arguments: ForwardingMethod.allCases, [true, false])
  func anEstablishedConnectionIsResetWhenItsClientSends(
    method: ForwardingMethod, isFast: Bool
  ) throws {
    let (bench, server) = try bench(method, .reschedule, isFast)
    bench.run(.seconds(2))
    #expect(bench.sent.isEmpty, "nobody is asked")
    if method.passesReplies {
      let source = bench.usual.translation(of: client)?.local ?? client
      let late = bench.usual.receiveReply(reply(.ack, from: server, to: source).payload("late"))
      #expect(late.verdict == .transmit(.wan), "replies go on")
      bench.usual.advance(by: .seconds(2))
    }
    let end = try #require(bench.ends[.init(own: client, peer: .virtual)])
    let sent = bench.usual.receive([
      Sent(
        port: .wan,
        frame: request(.ack, from: client).with(\.tcp.sequence, end.next)
          .with(\.tcp.acknowledgment, end.expected).frame())
    ])
    #expect(sent.outcomes[0].verdict == .transmit(.wan))
    bench.deliver(
      sent.originated + sent.outcomes.compactMap { $0.frame }.map { Sent(port: .wan, frame: $0) })
    #expect(bench.openEnds.isEmpty)
    bench.run(.seconds(11))
    #expect(bench.usual.director.connectionCount == 0)
    #expect(bench.usual.director.counters.probesSent == 0)
  }

  // MARK: - Keep and ignore

  @Test(arguments: ForwardingMethod.allCases, [true, false])
  func keptConnectionsGoOn(method: ForwardingMethod, isFast: Bool) throws {
    let (bench, server) = try bench(method, .keep, isFast)
    let fastPath = bench.usual.director.counters.fastPath
    guard case .transmit(.lan) = bench.usual.receive(request(.ack, from: client)).verdict else {
      Issue.record("the request does not go on")
      return
    }
    if method.passesReplies {
      let source = bench.usual.translation(of: client)?.local ?? client
      let answer = bench.usual.receiveReply(reply(.ack, from: server, to: source))
      #expect(answer.verdict == .transmit(.wan))
    }
    let count: UInt64 = isFast ? (method.passesReplies ? 2 : 1) : 0
    #expect(bench.usual.director.counters.fastPath - fastPath == count)
    for number in 1..<9 {
      #expect(bench.open(RemovalBench.client(number)) == other(than: server, bench))
    }
    #expect(bench.usual.connection(from: client)?.destination == server)
    bench.run(.seconds(5), step: .seconds(1))
    #expect(bench.sent.isEmpty)
    #expect(bench.usual.director.connectionCount == 9)
  }

  @Test(arguments: ForwardingMethod.allCases, [true, false])
  func ignoredConnectionsHearNothing(method: ForwardingMethod, isFast: Bool) throws {
    let (bench, server) = try bench(method, .ignore, isFast)
    for flags in [TCPFlags.ack, .syn, [.fin, .ack]] {
      let sent = bench.usual.receive([
        Sent(port: .wan, frame: request(flags, from: client).frame())
      ])
      #expect(sent.outcomes[0].verdict == .drop(.destinationRemoved))
      #expect(sent.originated.isEmpty)
    }
    bench.run(.seconds(5), step: .seconds(1))
    #expect(bench.sent.isEmpty)
    #expect(bench.usual.director.connectionCount == 1)
    let wasAdded = bench.add(server)
    #expect(wasAdded)
    bench.usual.learnNeighbors()
    guard case .transmit = bench.usual.receive(request(.ack, from: client)).verdict else {
      Issue.record("it does not go on")
      return
    }
  }
}
