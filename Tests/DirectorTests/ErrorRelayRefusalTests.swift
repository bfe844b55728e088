import Director
import Frames
import TestSupport
import Testing
import Wire

private typealias Net = ExampleNetwork

/// ICMP messages that quote too little, nonsense, or what is nobody's.
@Suite struct ErrorRelayRefusalTests {
  struct Row: Sendable, CustomTestStringConvertible {
    var title: String
    /// Why an error to a real server and one to a client is dropped.
    var reasons: [DropReason]
    var frame: @Sendable (RelayedError) -> FrameBuilder
    var testDescription: String { title }

    init(
      _ title: String, _ reasons: DropReason...,
      frame: @escaping @Sendable (RelayedError) -> FrameBuilder
    ) {
      self.title = title
      self.reasons = reasons
      self.frame = frame
    }
  }

  /// The error with the octet at `offset` of what it quotes replaced.
  private static func replacing(
    _ offset: Int, _ octet: UInt8
  ) -> @Sendable (RelayedError) -> FrameBuilder {
    { error in
      var incoming = error.incoming
      incoming.payload[offset] = octet
      return incoming
    }
  }

  static let rows = [
    Row("3 bytes of the ports", .icmpQuoteInvalid) { $0.with(\.quoteLength, 23).incoming },
    Row("no ports", .icmpQuoteInvalid) { $0.with(\.quoteLength, 20).incoming },
    Row("19 bytes", .icmpQuoteInvalid) { $0.with(\.quoteLength, 19).incoming },
    Row("nothing", .icmpQuoteInvalid) { $0.with(\.quoteLength, 0).incoming },
    Row("options and 3 bytes of the ports", .icmpQuoteInvalid) {
      $0.with(\.quoteLength, 31).quoting { $0.ip.options = [1, 1, 1, 1, 1, 1, 1, 0] }.incoming
    },
    Row("version 6", .icmpQuoteInvalid, frame: replacing(0, 0x65)),
    Row("version 0", .icmpQuoteInvalid, frame: replacing(0, 0x05)),
    Row("a header of 16 bytes", .icmpQuoteInvalid, frame: replacing(0, 0x44)),
    Row("a header past the end", .icmpQuoteInvalid) {
      Self.replacing(0, 0x4f)($0.with(\.quoteLength, 60))
    },
    Row("the second fragment", .icmpQuoteInvalid) {
      $0.quoting { $0.ip.fragmentOffset = 8 }.incoming
    },
    Row("the last fragment of all", .icmpQuoteInvalid) {
      $0.quoting { $0.ip.fragmentOffset = 65_528 }.incoming
    },
    Row("about ICMP", .icmpQuoteInvalid, frame: replacing(9, 1)),
    Row("about SCTP", .icmpQuoteInvalid, frame: replacing(9, 132)),
    Row("about IPv4 in IPv4", .icmpQuoteInvalid, frame: replacing(9, 4)),
    Row("the other protocol", .icmpUnrelated, .ipNotForUs) { error in
      Self.replacing(9, error.protocol == .tcp ? 17 : 6)(error)
    },
    Row("another source port", .icmpUnrelated, .ipNotForUs, frame: replacing(20, 0xff)),
    Row("another destination port", .icmpUnrelated, .ipNotForUs, frame: replacing(22, 0xff)),
    Row("another source", .icmpUnrelated, .ipNotForUs, frame: replacing(15, 0xff)),
    Row("another destination", .icmpUnrelated, .ipNotForUs, frame: replacing(19, 0xff)),
    Row("a wrong checksum", .icmpChecksumInvalid) { error in
      error.incoming.with(\.icmp.checksum, 0x1234)
    },
    Row("redirect", .icmpUnsupported) { $0.with(\.type, ICMPv4Type(rawValue: 5)).incoming },
    Row("parameter problem", .icmpUnsupported) { $0.with(\.type, .parameterProblem).incoming },
    Row("timestamp", .icmpUnsupported) { $0.with(\.type, ICMPv4Type(rawValue: 13)).incoming },
    Row("echo reply", .icmpUnsupported) { $0.with(\.type, .echoReply).incoming },
    Row("time to live 1", .timeToLiveExceeded) { $0.carried { $0.ip.timeToLive = 1 }.incoming },
    Row("time to live 0", .timeToLiveExceeded) { $0.carried { $0.ip.timeToLive = 0 }.incoming },
  ]

  private func established(_ configuration: DirectorConfiguration = .usual()) -> UsualDirector {
    let usual = UsualDirector(configuration)
    usual.receive(request(.syn))
    usual.receive(query())
    return usual
  }

  private func expectSilence(
    _ frame: TestFrame, port: PortIndex, _ reason: DropReason, _ usual: UsualDirector
  ) {
    let before = usual.connections
    let (outcomes, originated) = usual.receive([Sent(port: port, frame: frame)])
    #expect(outcomes[0].verdict == .drop(reason))
    #expect(originated.isEmpty)
    #expect(usual.connections == before)
    #expect(usual.director.counters[reason] == 1)
    #expect(usual.director.counters.dropped == 1)
  }

  @Test(arguments: rows, RelayedError.all)
  func isSilence(row: Row, error: RelayedError) throws {
    let reason = error.direction == .toServer ? row.reasons.first : row.reasons.last
    expectSilence(
      row.frame(error).frame(), port: error.portIn, try #require(reason), established())
  }

  /// An error that quotes an error, which quotes a packet of the connection.
  @Test(arguments: RelayedError.all)
  func errorsAboutErrorsAreNotPassedOn(error: RelayedError) {
    let inner = error.incoming
    expectSilence(
      inner.payload(inner.packet).frame(), port: error.portIn, .icmpQuoteInvalid, established())
  }

  /// Only who sent the quoted request may be told of it.
  @Test func anErrorToSomebodyElseIsNotPassedOn() {
    let error = RelayedError(direction: .toClient, protocol: .tcp)
    var incoming = error.incoming
    incoming.ip.destination = IPv4Address(198, 51, 100, 11)
    expectSilence(incoming.frame(), port: .lan, .ipNotForUs, established())
  }

  @Test func needsARouteToTheClient() {
    var configuration = DirectorConfiguration.usual()
    configuration.ports[0].gateway = nil
    let error = RelayedError(direction: .toClient, protocol: .tcp)
    expectSilence(error.incoming.frame(), port: .lan, .noRoute, established(configuration))
  }

  @Test(arguments: UInt64(1)...4)
  func garbageIsDropped(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let usual = established()
    let before = usual.connections
    for _ in 0..<2000 {
      let error = RelayedError.all[Int.random(in: 0..<4, using: &random)]
      var quote = random.bytes(Int.random(in: 0...80, using: &random))
      // Half of them begin as a header does.
      if Bool.random(using: &random), !quote.isEmpty { quote[0] = 0x45 }
      let (outcomes, originated) = usual.receive([
        Sent(port: error.portIn, frame: error.incoming.payload(quote).frame())
      ])
      let isQuote =
        outcomes[0].verdict == .drop(.icmpQuoteInvalid)
        || outcomes[0].verdict == .drop(.icmpUnrelated)
        || outcomes[0].verdict == .drop(.ipNotForUs)
      #expect(isQuote && originated.isEmpty, "seed \(seed): \(quote)")
    }
    #expect(usual.connections == before)
  }
}
