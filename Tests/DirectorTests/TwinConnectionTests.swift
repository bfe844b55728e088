import Director
import Frames
import TestSupport
import Testing
import Wire

/// One client endpoint with connections to one real server by two virtual services: the server
/// cannot tell them apart.
@Suite struct TwinConnectionTests {
  private static let other = Endpoint(ExampleNetwork.virtual, 8000)

  private func director(
    _ scheduler: SchedulerKind, weights: [Int], isFast: Bool
  ) -> UsualDirector {
    let usual = UsualDirector(
      .usual(services: [
        .web(scheduler, weights: weights), .web(scheduler, weights: weights, at: Self.other),
      ]))
    usual.director.isFastPathEnabled = isFast
    return usual
  }

  private func server(_ usual: UsualDirector, of virtual: Endpoint) -> IPv4Address? {
    usual.director.connection(
      protocol: .tcp, client: .client, virtual: virtual, at: usual.clock.now)?.destination.address
  }

  /// The source of the frame that a reply of the only server leaves as.
  private func source(_ usual: UsualDirector, _ flags: TCPFlags) -> UInt16? {
    usual.receiveReply(reply(flags)).frame.map { UInt16($0.bytes[34]) << 8 | UInt16($0.bytes[35]) }
  }

  @Test(arguments: SchedulerKind.allCases, [true, false])
  func theSecondGoesToAnotherServer(scheduler: SchedulerKind, isFast: Bool) {
    let usual = director(scheduler, weights: [1, 1, 1], isFast: isFast)
    usual.receive(request(.syn))
    usual.receive(request(.syn, to: Self.other))
    #expect(server(usual, of: .virtual) == ExampleNetwork.server3)
    #expect(server(usual, of: Self.other) == ExampleNetwork.server2)
    // The servers passed over may be chosen again.
    for port in UInt16(50001)...50030 {
      usual.receive(request(.syn, from: Endpoint(ExampleNetwork.client, port), to: Self.other))
    }
    let loads = usual.loads(ofService: 1)
    #expect(loads.reduce(0) { $0 + $1[0] } == 31)
    #expect(loads.allSatisfy { (10...11).contains($0[0]) })
  }

  @Test(arguments: [true, false])
  func withOneServerTheNewerOneGetsTheReplies(isFast: Bool) {
    let usual = director(.roundRobin, weights: [1], isFast: isFast)
    usual.receive(request(.syn))
    #expect(source(usual, [.syn, .ack]) == 80)
    usual.receive(request(.ack))
    usual.receive(request(.syn, to: Self.other))
    #expect(usual.director.connectionCount == 2)
    #expect(source(usual, [.syn, .ack]) == 8000)
    usual.receive(request(.ack, to: Self.other))

    // Requests of both still find their own.
    #expect(usual.receive(request(.ack)).verdict == .transmit(.lan))
    #expect(usual.receive(request(.ack, to: Self.other)).verdict == .transmit(.lan))
    #expect(usual.loads(ofService: 0) == [[1, 0]])
    #expect(usual.loads(ofService: 1) == [[1, 0]])

    // When the newer one is over, the older one is heard again.
    usual.receive(request(.rst, to: Self.other))
    usual.advance(by: .seconds(11))
    #expect(usual.director.connectionCount == 1)
    usual.learnNeighbors()
    #expect(source(usual, .ack) == 80)
    usual.advance(by: .seconds(901))
    #expect(usual.director.connectionCount == 0)
    #expect(usual.director.counters.connectionsEnded == 2)
  }

  @Test(arguments: [true, false])
  func withOneServerAFinishedOneIsReplaced(isFast: Bool) {
    let usual = director(.roundRobin, weights: [1], isFast: isFast)
    usual.receive(request(.syn))
    usual.receive(request(.rst, to: .virtual))
    usual.receiveReply(reply(.rst))
    usual.receive(request(.syn, to: Self.other))
    #expect(usual.director.connectionCount == 1)
    #expect(source(usual, [.syn, .ack]) == 8000)
    #expect(usual.loads(ofService: 0) == [[0, 0]])
    #expect(usual.loads(ofService: 1) == [[1, 0]])
  }
}
