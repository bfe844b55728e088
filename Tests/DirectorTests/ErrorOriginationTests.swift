import Director
import Frames
import TestSupport
import Testing
import Wire

/// ICMP errors of the director's own: each to the byte, from whom and to which station.
@Suite struct ErrorOriginationTests {
  struct Row: Sendable, CustomTestStringConvertible {
    var title: String
    var frame: FrameBuilder
    /// What comes of it; `nil` for nothing.
    var error: FrameBuilder?
    var port: PortIndex
    var configuration: DirectorConfiguration
    var prepare: @Sendable (UsualDirector) -> Void
    var testDescription: String { title }

    init(
      _ title: String, _ frame: FrameBuilder, _ error: FrameBuilder?, port: PortIndex = .wan,
      configuration: DirectorConfiguration = .usual(),
      prepare: @escaping @Sendable (UsualDirector) -> Void = { _ in }
    ) {
      self.title = title
      self.frame = frame
      self.error = error
      self.port = port
      self.configuration = configuration
      self.prepare = prepare
    }
  }

  private func prepared(_ row: Row, _ isFast: Bool) -> UsualDirector {
    let usual = UsualDirector(row.configuration)
    usual.director.isFastPathEnabled = isFast
    row.prepare(usual)
    return usual
  }

  private func isDrop(_ verdict: Verdict) -> Bool {
    if case .drop = verdict { true } else { false }
  }

  @Test(arguments: aboutRequests + forms + aboutReplies, [true, false])
  func isOfTheKernelsForm(row: Row, isFast: Bool) throws {
    let usual = prepared(row, isFast)
    let before = usual.director.counters
    let (outcomes, originated) = usual.receive([Sent(port: row.port, frame: row.frame.frame())])
    #expect(isDrop(outcomes[0].verdict))
    expectFrames(originated.map(\.frame), are: [try #require(row.error).frame()])
    #expect(originated.map(\.port) == [row.port], "back where it came from")
    for sent in originated { #expect(sent.frame.packetLength <= 576) }
    let after = usual.director.counters
    #expect(after.errorsSent - before.errorsSent == 1)
    #expect(after.originated - before.originated == 1)
    #expect(after.errorsSuppressed == 0)
    #expect(after.dropped - before.dropped == 1)
  }

  @Test(arguments: aboutRequests + aboutReplies)
  func needsRoom(row: Row) {
    let usual = prepared(row, true)
    usual.fillOutbox()
    let outcome = usual.receive(row.frame.frame(), port: row.port)
    #expect(isDrop(outcome.verdict))
    #expect(usual.director.counters.errorsSent == 0)
    #expect(usual.director.counters.errorsSuppressed == 1)
  }

  @Test(arguments: silent, [true, false])
  func isNotSent(row: Row, isFast: Bool) {
    let usual = prepared(row, isFast)
    let (outcomes, originated) = usual.receive([Sent(port: row.port, frame: row.frame.frame())])
    #expect(isDrop(outcomes[0].verdict))
    expectFrames(originated.map(\.frame), are: [])
    #expect(usual.director.counters.errorsSent == 0)
    #expect(usual.director.counters.errorsSuppressed == 0)
  }

  /// Each error has an identification of its own.
  @Test func countsItsPackets() {
    let usual = UsualDirector()
    for number in UInt16(1)...5 {
      let offender = query(to: Endpoint(ExampleNetwork.virtual, number))
      let sent = usual.receive([Sent(port: .wan, frame: offender.frame())]).originated
      expectFrames(
        sent.map(\.frame),
        are: [
          ownError(.destinationUnreachable, code: 3, about: offender.packet, number: number).frame()
        ])
    }
  }

  /// Nothing changes for the connection that a packet was too large for.
  @Test func leavesTheConnectionAlone() {
    let usual = UsualDirector(.limited(insideMTU: 1000))
    usual.receive(request(.syn))
    usual.receive(request(.ack))
    #expect(usual.receive(request(.ack).payload(count: 1400)).verdict == .drop(.mtuExceeded))
    #expect(usual.connection?.state == .established)
    #expect(usual.receive(request(.ack).payload(count: 960)).verdict == .transmit(.lan))
  }

  /// A port may have several addresses: the one of the offender's network speaks.
  @Test func comesFromTheAddressOfTheSendersNetwork() {
    var configuration = DirectorConfiguration.usual()
    configuration.ports[1].addresses.insert(
      IPv4InterfaceAddress(IPv4Address(172, 16, 0, 1), length: 16), at: 0)
    let usual = UsualDirector(configuration)
    usual.receive(request(.syn))
    let offender = reply(.ack).with(\.ip.timeToLive, 1)
    let sent = usual.receive([Sent(port: .lan, frame: offender.frame())]).originated
    expectFrames(
      sent.map(\.frame),
      are: [ownErrorToServer(.timeExceeded, code: 0, about: offender.packet).frame()])
  }
}
