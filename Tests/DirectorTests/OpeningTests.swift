import Director
import Frames
import TestSupport
import Testing
import Wire

/// What opens a connection, and what happens when one cannot be.
@Suite struct OpeningTests {
  @Test(arguments: [TCPFlags.syn, [.syn, .ack], [.syn, .psh], [.syn, .fin], [.syn, .ece, .cwr]])
  func aSYNOpens(flags: TCPFlags) {
    let usual = UsualDirector()
    #expect(usual.receive(request(flags)).verdict == .transmit(.lan))
    #expect(usual.connection?.state == .synReceived)
    #expect(usual.director.counters.connectionsOpened == 1)
  }

  @Test func anyDatagramOpens() {
    let usual = UsualDirector()
    #expect(usual.receive(query().payload("?")).verdict == .transmit(.lan))
    #expect(usual.receive(query().payload("again?")).verdict == .transmit(.lan))
    #expect(usual.director.counters.connectionsOpened == 1)
  }

  @Test func aRepeatedSYNStaysWithItsServer() {
    let usual = UsualDirector(.usual(services: [.web(weights: [1, 1])]))
    let first = usual.receive(request(.syn))
    #expect(first == usual.receive(request(.syn)))
    #expect(usual.director.counters.connectionsOpened == 1)
  }

  /// Brings the usual client's connection to a server of two into a state; the server is the last.
  private func brought(to state: ConnectionState) -> UsualDirector {
    let usual = UsualDirector(.usual(services: [.web(weights: [1, 1])]))
    let isInstalled = usual.director.installConnection(
      ConnectionSnapshot(
        protocol: .tcp, client: .client, virtual: .virtual,
        destination: Endpoint(ExampleNetwork.server1, 8080), state: state), at: usual.clock.now)
    #expect(isInstalled)
    return usual
  }

  @Test(arguments: ConnectionState.allCases.filter { $0 != .udp })
  func aSYNOpensAnewOnlyInTimeWaitAndClose(state: ConnectionState) {
    let usual = brought(to: state)
    let isNew = state == .timeWait || state == .close
    #expect(usual.receive(request(.syn)).verdict == .transmit(.lan))
    #expect(
      usual.connection?.destination.address
        == (isNew ? ExampleNetwork.server2 : ExampleNetwork.server1))
    #expect(usual.director.counters.connectionsOpened == (isNew ? 2 : 1))
    #expect(usual.director.connectionCount == 1)
    #expect(usual.loads().flatMap(\.self).reduce(0, +) == 1)
  }

  @Test func anACKInTimeWaitStays() {
    let usual = brought(to: .timeWait)
    #expect(usual.receive(request(.ack)).verdict == .transmit(.lan))
    #expect(usual.connection?.destination.address == ExampleNetwork.server1)
  }

  /// What weight 0 forbids is new connections only.
  @Test func aQuiescedServerKeepsItsConnections() {
    let usual = UsualDirector(.usual(services: [.web(weights: [0])]))
    let isInstalled = usual.director.installConnection(
      ConnectionSnapshot(
        protocol: .tcp, client: .client, virtual: .virtual, destination: .real, state: .established),
      at: usual.clock.now)
    #expect(isInstalled)
    #expect(usual.receive(request(.ack)).verdict == .transmit(.lan))
    #expect(usual.receiveReply(reply(.ack)).verdict == .transmit(.wan))
    let other = Endpoint(ExampleNetwork.client, 2)
    #expect(usual.receive(request(.syn, from: other)).verdict == .drop(.noDestination))
  }

  @Test(arguments: [true, false])
  func aFullTableKeepsItsConnectionsWorking(isFast: Bool) {
    let usual = UsualDirector(.usual(limit: 10))
    usual.director.isFastPathEnabled = isFast
    for port in UInt16(1001)...1025 {
      let client = Endpoint(ExampleNetwork.client, port)
      let verdict = usual.receive(request(.syn, from: client)).verdict
      #expect(verdict == (port <= 1010 ? .transmit(.lan) : .drop(.connectionTableFull)))
    }
    #expect(usual.director.counters[.connectionTableFull] == 15)
    #expect(usual.director.connectionCount == 10)
    for port in UInt16(1001)...1010 {
      let client = Endpoint(ExampleNetwork.client, port)
      #expect(usual.receiveReply(reply([.syn, .ack], to: client)).verdict == .transmit(.wan))
      #expect(usual.receive(request(.ack, from: client)).verdict == .transmit(.lan))
      #expect(usual.connection(from: client)?.state == .established)
    }
    #expect(usual.loads() == [[10, 0]])
    // One ends, one comes in.
    let client = Endpoint(ExampleNetwork.client, 1003)
    usual.receiveReply(reply(.rst, to: client))
    usual.advance(by: .seconds(11))
    #expect(usual.receive(request(.syn)).verdict == .transmit(.lan))
    #expect(usual.receive(request(.syn, from: client)).verdict == .drop(.connectionTableFull))
  }

  /// One client endpoint may have a connection to each of several services.
  @Test func servicesDoNotShareConnections() {
    let other = Endpoint(ExampleNetwork.virtual, 81)
    var second = DirectorConfiguration.Service.web(at: other)
    second.servers[0].port = 8181
    let usual = UsualDirector(.usual(services: [.web(), second]))
    usual.receive(request(.syn))
    usual.receive(request(.syn, to: other))
    #expect(usual.director.connectionCount == 2)
    usual.receive(request(.rst, to: other))
    usual.receiveReply(reply(.rst))
    #expect(usual.connection?.state == .close)
    #expect(usual.connection(from: .client, to: other)?.state == .synReceived)
    let real = Endpoint(ExampleNetwork.server1, 8181)
    expectFrame(
      usual.receiveReply(reply([.syn, .ack], from: real)).frame,
      is: reply([.syn, .ack], from: real).translated(from: other).frame())
  }
}
