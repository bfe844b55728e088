import Director
import Frames
import TestSupport
import Testing
import Wire

/// Both ends are rewritten, both ways, on both paths.
@Suite struct FullNATTests {
  private func usual(_ isFast: Bool, _ configuration: DirectorConfiguration = .fullNAT())
    -> UsualDirector
  {
    let usual = UsualDirector(configuration)
    usual.director.isFastPathEnabled = isFast
    return usual
  }

  @Test(arguments: [true, false]) func aConversation(isFast: Bool) throws {
    let usual = usual(isFast)
    let first = usual.receive(request(.syn))
    let known = try #require(usual.translation())
    #expect(known.local.address == ExampleNetwork.local)
    #expect((10_001...10_004).contains(known.local.port))
    #expect(known.clientSequence == 0x1111_1111)
    #expect(known.serverSequence == nil)
    expectFrame(first.frame, is: request(.syn).translated(to: .real, by: known).frame())

    let synAck = reply([.syn, .ack], to: known.local).with(\.tcp.acknowledgment, 0x5555_5555)
    let second = usual.receiveReply(synAck)
    expectFrame(second.frame, is: synAck.translated(from: .virtual, by: known).frame())
    #expect(usual.translation()?.serverSequence == 0x1111_1111)

    for count in [0, 1, 100, 1400] {
      let data = request([.ack, .psh]).payload(count: count)
        .with(\.tcp.acknowledgment, 0x2222_2222)
      let outcome = usual.receive(data)
      #expect(outcome.verdict == .transmit(.lan))
      expectFrame(outcome.frame, is: data.translated(to: .real, by: known).frame())
      let answer = reply(.ack, to: known.local).payload(count: count)
        .with(\.tcp.acknowledgment, 0x7777_0000)
      let back = usual.receiveReply(answer)
      #expect(back.verdict == .transmit(.wan))
      expectFrame(back.frame, is: answer.translated(from: .virtual, by: known).frame())
    }
    #expect(usual.connection?.state == .established)
    #expect(usual.director.connectionCount == 1)
    #expect(usual.connections.count == 1)
    #expect(usual.director.counters.fastPath == (isFast ? 8 : 0))
    let server = usual.director.serviceSnapshots[0].destinations[0]
    #expect(server.inbound.packets == 5)
    #expect(server.outbound.packets == 5)
  }

  /// A server's place in the list changes when another is taken away.
  @Test(arguments: [true, false]) func repliesCountAtTheirServer(isFast: Bool) throws {
    let usual = usual(isFast, .fullNAT(weights: [1, 0]))
    usual.receive(request(.syn))
    let known = try #require(usual.translation())
    let other = Endpoint(ExampleNetwork.server2, Endpoint.real.port)
    let wasRemoved = usual.director.removeServer(other, from: .tcp, .virtual)
    #expect(wasRemoved)
    usual.receiveReply(reply([.syn, .ack], to: known.local))
    usual.receive(request(.ack))
    usual.receiveReply(reply([.fin, .ack], to: known.local))
    let servers = usual.director.serviceSnapshots[0].destinations
    #expect(servers.map(\.activeCount) == [0])
    #expect(servers.map(\.inactiveCount) == [1])
  }

  @Test(arguments: [true, false]) func datagrams(isFast: Bool) throws {
    let usual = usual(isFast)
    for count in [0, 1, 512] {
      let question = query().payload(count: count)
      let outcome = usual.receive(question)
      let known = try #require(usual.translation(.udp, to: .virtualDNS))
      expectFrame(outcome.frame, is: question.translated(to: .realDNS, by: known).frame())
      let answer = response(to: known.local).payload(count: count)
      let back = usual.receiveReply(answer)
      expectFrame(back.frame, is: answer.translated(from: .virtualDNS, by: known).frame())
    }
    #expect(usual.connections.count == 1)
  }

  /// Partial checksums, and frames of several segments.
  @Test(arguments: [true, false]) func offloads(isFast: Bool) throws {
    let usual = usual(isFast)
    usual.receive(request(.syn))
    let known = try #require(usual.translation())
    let large = request(.ack).payload(count: 9000).segmented(1448)
    expectFrame(
      usual.receive(large).frame, is: large.translated(to: .real, by: known).frame())
    let back = reply(.ack, to: known.local).payload(count: 9000).segmented(1448)
    expectFrame(
      usual.receiveReply(back).frame, is: back.translated(from: .virtual, by: known).frame())
  }

  @Test func differentClientsHaveDifferentSequencesAndPorts() throws {
    let usual = usual(true)
    var locals: Set<Endpoint> = []
    for port in 40_000..<40_004 as Range<UInt16> {
      let client = Endpoint(ExampleNetwork.client, port)
      usual.receive(request(.syn, from: client))
      locals.insert(try #require(usual.translation(of: client)).local)
    }
    #expect(locals.count == 4)
  }

  /// The same four values again: the sequence numbers are higher than any that were used.
  @Test func aPortUsedAgainBeginsHigher() throws {
    let usual = usual(true, .fullNAT(ports: 10_001...10_001))
    var last: UInt32?
    for round in 0..<5 {
      let client = Endpoint(ExampleNetwork.client, 40_000 + UInt16(round))
      usual.receive(request(.syn, from: client))
      let known = try #require(usual.translation(of: client))
      let sequence = 0x1111_1111 &+ known.sequenceShift
      if let last { #expect(Int32(bitPattern: sequence &- last) > 0) }
      last = sequence
      usual.receive(request(.rst, from: client))
      usual.receiveReply(reply(.rst, to: known.local))
      usual.advance(by: .seconds(11))
      usual.learnNeighbors()
      #expect(usual.director.connectionCount == 0)
    }
  }

  @Test func withoutAPortNobodyGetsIn() {
    let usual = usual(true)
    for port in 40_000..<40_004 as Range<UInt16> {
      usual.receive(request(.syn, from: Endpoint(ExampleNetwork.client, port)))
    }
    let late = usual.receive(request(.syn, from: Endpoint(ExampleNetwork.client, 41_000)))
    #expect(late.verdict == .drop(.noLocalPort))
    #expect(usual.director.connectionCount == 4)
  }

  /// A connection that has ended gives its port to a new one when there is no other.
  @Test func anEndedConnectionMakesRoom() throws {
    let usual = usual(true)
    let clients = (0..<4).map { Endpoint(ExampleNetwork.client, 40_000 + $0) }
    for client in clients { usual.receive(request(.syn, from: client)) }
    let ended = try #require(usual.translation(of: clients[2]))
    usual.receiveReply(reply(.rst, to: ended.local))
    let late = Endpoint(ExampleNetwork.client, 41_000)
    #expect(usual.receive(request(.syn, from: late)).verdict == .transmit(.lan))
    #expect(usual.translation(of: late)?.local == ended.local)
    #expect(usual.translation(of: clients[2]) == nil)
    #expect(usual.director.connectionCount == 4)
    #expect(usual.loads() == [[4, 0]])
  }

  /// What comes to a local address and belongs to no connection is answered like by any host.
  @Test func aStrangerAtALocalAddressIsRefused() throws {
    let usual = usual(true)
    let stray = reply(.ack, to: Endpoint(ExampleNetwork.local, 10_002))
    let outcome = usual.receiveReply(stray)
    #expect(outcome.verdict == .transmit(.lan))
    #expect(usual.director.counters.resetsSent == 1)
    // Only the right server may answer.
    usual.receive(request(.syn))
    let known = try #require(usual.translation())
    let other = reply(.ack, from: Endpoint(ExampleNetwork.server2, 8080), to: known.local)
    _ = usual.receiveReply(other)
    #expect(usual.director.counters.resetsSent == 2)
    #expect(usual.connection?.state == .synReceived)
  }

  /// A forged request from a local address must not find the other half of a connection.
  @Test(arguments: [true, false]) func aLocalAddressIsNoClient(isFast: Bool) throws {
    let usual = usual(isFast)
    usual.receive(request(.syn))
    let known = try #require(usual.translation())
    let forged = usual.receive(request(.ack, from: known.local))
    #expect(forged.verdict == .drop(.ipSourceInvalid))
  }

  @Test func bothHalvesKeepAConnectionAliveAndEndTogether() throws {
    let usual = usual(true)
    usual.receive(request(.syn))
    let known = try #require(usual.translation())
    usual.receiveReply(reply([.syn, .ack], to: known.local))
    usual.receive(request(.ack))
    for _ in 0..<3 {
      usual.advance(by: .seconds(600))
      usual.learnNeighbors()
      usual.receiveReply(reply(.ack, to: known.local))
      #expect(usual.connection?.remaining == .seconds(900))
    }
    usual.advance(by: .seconds(901))
    #expect(usual.director.connectionCount == 0)
    #expect(usual.connections.isEmpty)
    usual.learnNeighbors()
    #expect(usual.receiveReply(reply(.rst, to: known.local)).verdict == .drop(.noConnection))
  }

  @Test func aFullTableTakesNoMore() {
    let usual = usual(true, .fullNAT(ports: 10_000...20_000, limit: 10))
    for port in 40_000..<40_010 as Range<UInt16> {
      let client = Endpoint(ExampleNetwork.client, port)
      #expect(usual.receive(request(.syn, from: client)).verdict == .transmit(.lan))
    }
    let late = usual.receive(request(.syn, from: Endpoint(ExampleNetwork.client, 41_000)))
    #expect(late.verdict == .drop(.connectionTableFull))
    #expect(usual.director.connectionCount == 10)
  }
}
