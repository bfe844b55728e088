import Director
import Frames
import TestSupport
import Testing
import Wire

private typealias Net = ExampleNetwork

/// Host unreachable about packets whose next hop does not answer.
@Suite struct UndeliveredTests {
  /// A director that knows its gateway, but no server.
  private func withoutServers(
    _ configuration: DirectorConfiguration = .usual()
  ) -> UsualDirector {
    let usual = UsualDirector(configuration, knowsNeighbors: false)
    usual.director.installNeighbor(
      Net.gateway, mac: Net.gatewayMAC, port: .wan, at: usual.clock.now)
    return usual
  }

  /// What is sent but for ARP.
  private func errors(_ sent: [Sent]) -> [Sent] {
    sent.filter { EthernetFrame($0.frame.bytes.rawSpan)?.etherType == .ipv4 }
  }

  /// What is sent in three seconds.
  private func wait(_ usual: UsualDirector) -> [Sent] {
    for step: Duration in [.seconds(1), .seconds(1), .milliseconds(999)] {
      #expect(errors(usual.advance(by: step)).isEmpty, "not before three seconds are over")
    }
    return errors(usual.advance(by: .milliseconds(1)))
  }

  /// The error about a request: it has the endpoints that the client gave it, and what else it had on
  /// its way to the server.
  private func error(
    about request: FrameBuilder, number: UInt16 = 1, real: Endpoint? = nil
  ) -> FrameBuilder {
    let real = real ?? (request.transport == .tcp ? .real : .realDNS)
    // What the sender did not compute was filled in on the way.
    let complete = request.udp.checksum == 0 ? request.with(\.udp.checksum, nil) : request
    let checksum = complete.translated(to: real).transportChecksum
    var error = ownError(
      .destinationUnreachable, code: 1,
      about: request.with(\.ip.timeToLive, request.ip.timeToLive - 1)
        .withTransportChecksum(checksum).packet, number: number)
    error.ip.destination = request.ip.source
    return error
  }

  static let requests = [
    request(.syn), request(.syn).with(\.tcp.options, [2, 4, 5, 180]).with(\.ip.typeOfService, 0),
    query().payload("?"), query().payload(count: 1400), query().with(\.ip.options, [1, 1, 1, 0]),
    query().with(\.udp.checksum, 0).payload("?"), request(.syn).with(\.minimumLength, 60),
    query().with(\.ip.dontFragment, false),
  ]

  @Test(arguments: requests.indices, [true, false])
  func theClientHearsAfterThreeSeconds(row: Int, isFast: Bool) {
    let usual = withoutServers()
    usual.director.isFastPathEnabled = isFast
    let request = Self.requests[row]
    #expect(usual.receive(request).verdict == .hold)
    let sent = wait(usual)
    expectFrames(sent.map(\.frame), are: [error(about: request).frame()])
    #expect(sent.map(\.port) == [.wan])
    let counters = usual.director.counters
    #expect(counters.errorsSent == 1)
    #expect(counters[.neighborUnreachable] == 1)
    #expect(counters.dropped == 1)
    #expect(errors(usual.advance(by: .seconds(100))).isEmpty, "once only")
  }

  /// Each of them, in order: up to 6 to one client, up to 8 of one next hop.
  @Test func eachHeldFrameIsAnswered() {
    let usual = withoutServers()
    let requests = (UInt16(1)...4).map { request(.syn, from: Endpoint(Net.client, $0)) }
    for request in requests { usual.receive(request) }
    expectFrames(
      wait(usual).map(\.frame),
      are: zip(requests, UInt16(1)...4).map { error(about: $0, number: $1).frame() })
  }

  @Test func oneClientGetsSix() {
    let usual = withoutServers()
    for port in UInt16(1)...10 { usual.receive(request(.syn, from: Endpoint(Net.client, port))) }
    #expect(wait(usual).count == 6)
    #expect(usual.director.counters.errorsSent == 6)
    #expect(usual.director.counters.errorsSuppressed == 2)
    #expect(usual.director.counters[.neighborUnreachable] == 10)
  }

  @Test func manyClientsGetEight() {
    let usual = withoutServers()
    let requests = (UInt8(1)...20).map {
      request(.syn, from: Endpoint(IPv4Address(198, 51, 100, $0), 40000))
    }
    for request in requests { usual.receive(request) }
    expectFrames(
      wait(usual).map(\.frame),
      are: zip(requests, UInt16(1)...8).map { error(about: $0, number: $1).frame() })
    #expect(usual.director.counters.errorsSuppressed == 0)
    #expect(usual.director.counters[.neighborUnreachable] == 20)
  }

  /// While the next hop counts as failed, for a second, the answer is immediate.
  @Test(arguments: [true, false])
  func thenTheAnswerIsImmediate(isFast: Bool) {
    let usual = withoutServers()
    usual.director.isFastPathEnabled = isFast
    usual.receive(request(.syn))
    #expect(wait(usual).count == 1)
    for (number, request) in [request(.syn), request(.ack).payload("x"), query()].enumerated() {
      let sent = usual.receive([Sent(port: .wan, frame: request.frame())])
      #expect(sent.outcomes[0].verdict == .drop(.neighborUnreachable))
      expectFrames(
        sent.originated.map(\.frame),
        are: [error(about: request, number: UInt16(number) + 2).frame()])
    }
    #expect(usual.director.counters.errorsSent == 4)
    usual.advance(by: .seconds(1))
    let again = usual.receive([Sent(port: .wan, frame: request(.syn).frame())])
    #expect(again.outcomes[0].verdict == .hold)
    #expect(again.originated.count == 1 && errors(again.originated).isEmpty, "asked again")
  }

  @Test func countsForTheServer() {
    let usual = withoutServers()
    usual.receive(request(.syn))
    let sent = wait(usual)
    let server = usual.director.serviceSnapshots[0].destinations[0]
    #expect(server.inbound.packets == 1)
    #expect(server.outbound.packets == 1)
    #expect(server.outbound.bytes == UInt64(sent.map(\.frame.packetLength).reduce(0, +)))
    #expect(usual.connection?.state == .synReceived)
    #expect(usual.connection?.remaining == .seconds(57), "an error is no sign of life")
  }

  // MARK: - Replies

  /// A client without a router in between.
  private static let near = Endpoint(IPv4Address(192, 0, 2, 77), 40000)

  @Test(arguments: [ServiceProtocol.tcp, .udp])
  func theServerHearsWhenTheClientIsGone(service: ServiceProtocol) {
    let isTCP = service == .tcp
    let usual = UsualDirector()
    usual.receive(isTCP ? request(.syn, from: Self.near) : query(from: Self.near))
    let answer =
      isTCP ? reply([.syn, .ack], to: Self.near) : response(to: Self.near).payload(count: 900)
    #expect(usual.receiveReply(answer).verdict == .hold)
    let sent = wait(usual)
    let seen = answer.translated(from: isTCP ? .virtual : .virtualDNS)
    let told = answer.with(\.ip.timeToLive, 63).withTransportChecksum(seen.transportChecksum)
    expectFrames(
      sent.map(\.frame),
      are: [ownErrorToServer(.destinationUnreachable, code: 1, about: told.packet).frame()])
    #expect(sent.map(\.port) == [.lan])
    let server = usual.director.serviceSnapshots[isTCP ? 0 : 1].destinations[0]
    #expect(server.outbound.packets == 1)
    #expect(server.inbound.packets == 2)
    let again = usual.receive([Sent(port: .lan, frame: answer.frame())])
    #expect(again.outcomes[0].verdict == .drop(.neighborUnreachable))
    #expect(again.originated.count == 1)
  }

  // MARK: - What is not answered

  @Test func aFullOutboxLosesTheError() {
    let usual = withoutServers()
    usual.receive(request(.syn))
    usual.advance(by: .seconds(1))
    usual.advance(by: .seconds(1))
    usual.fillOutbox()
    usual.advance(by: .seconds(1))
    #expect(usual.director.counters.errorsSent == 0)
    #expect(usual.director.counters.errorsSuppressed == 1)
    usual.fillOutbox()
    #expect(usual.receive(request(.syn)).verdict == .drop(.neighborUnreachable))
    #expect(usual.director.counters.errorsSuppressed == 2)
  }

  /// The error may have to wait itself; nobody hears of its end.
  @Test func theWayBackMayBeUnknownToo() {
    let usual = UsualDirector(knowsNeighbors: false)
    usual.receive(request(.syn))
    let sent = (0..<3).flatMap { _ in usual.advance(by: .seconds(1)) }
    #expect(errors(sent).isEmpty)
    #expect(usual.director.counters.errorsSent == 1, "it waits")
    let later = (0..<10).flatMap { _ in usual.advance(by: .seconds(1)) }
    #expect(errors(later).isEmpty)
    #expect(usual.director.counters[.neighborUnreachable] == 2)
    #expect(usual.director.counters.errorsSent == 1)
  }

  /// Without its connection, nobody knows whose the packet was.
  @Test func aConnectionThatHasEndedIsNot() {
    var configuration = DirectorConfiguration.usual()
    configuration.timeouts[.synReceived] = .seconds(1)
    let usual = withoutServers(configuration)
    usual.receive(request(.syn))
    usual.advance(by: .seconds(2))
    #expect(usual.director.connectionCount == 0)
    let sent = (0..<3).flatMap { _ in usual.advance(by: .seconds(1)) }
    #expect(errors(sent).isEmpty)
    #expect(usual.director.counters[.neighborUnreachable] == 1)
    #expect(usual.director.counters.errorsSent == 0)
  }

  /// A datagram that was held in fragments is answered once.
  @Test func fragmentsAreAnsweredOnce() {
    let usual = withoutServers()
    let whole = query().payload(count: 4000).with(\.ip.dontFragment, false)
    usual.receive(eachOf: whole.frame().fragments(limit: 1500))
    let sent = wait(usual)
    #expect(usual.director.counters[.neighborUnreachable] == 3)
    // The first fragment, its own length and flag, the rest as above.
    let checksum = whole.translated(to: .realDNS).transportChecksum
    let told = whole.with(\.ip.timeToLive, 63).withTransportChecksum(checksum).frame()
    expectFrames(
      sent.map(\.frame),
      are: [
        ownError(
          .destinationUnreachable, code: 1, about: told.fragments(limit: 1500)[0].packet
        ).frame()
      ])
  }

  /// A frame of several segments is quoted as far as an error reaches.
  @Test func aLargeFrameIsQuotedInPart() {
    let usual = withoutServers()
    let large = request(.syn).payload(count: 20_000).segmented(1448)
    usual.receive(large)
    let sent = wait(usual)
    let told = large.with(\.ip.timeToLive, 63)
      .withTransportChecksum(large.translated(to: .real).transportChecksum)
    expectFrames(
      sent.map(\.frame),
      are: [ownError(.destinationUnreachable, code: 1, about: told.packet).frame()])
  }

  @Test func anAnswerInTimeMakesNoError() {
    let usual = withoutServers()
    usual.receive(request(.syn))
    usual.advance(by: .seconds(2))
    let answer = Sent(port: .lan, frame: arpReply(of: Net.server1, Net.server1MAC))
    expectFrames(
      usual.receive([answer]).originated.map(\.frame),
      are: [request(.syn).translated(to: .real).frame()])
    #expect(errors(usual.advance(by: .seconds(10))).isEmpty)
    #expect(usual.director.counters.errorsSent == 0)
  }
}
