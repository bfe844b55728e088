import Director
import Frames
import TestSupport
import Testing
import Wire

/// What a client gets back when the server mirrors a request: its own, mirrored.
@Suite struct RoundTripTests {
  private static let virtuals = [Endpoint(ExampleNetwork.virtual, 80), .virtualDNS]

  /// A request of a random client with a random payload, and what may be odd about a sound one.
  private func request(_ random: inout SplitMix64, isTCP: Bool) -> FrameBuilder {
    let client = Endpoint(
      IPv4Address(rawValue: UInt32.random(in: 0x0b00_0000...0x7e00_0000, using: &random)),
      UInt16.random(in: 1 ... .max, using: &random))
    var builder =
      isTCP
      ? DirectorTests.request(.syn, from: client) : query(from: client)
    let payload = random.bytes(Int.random(in: 0...1200, using: &random))
    builder = builder.payload(payload)
    builder.ip.timeToLive = UInt8.random(in: 3 ... .max, using: &random)
    builder.ip.typeOfService = UInt8.random(in: .min ... .max, using: &random)
    builder.ip.identification = UInt16.random(in: .min ... .max, using: &random)
    builder.ip.dontFragment = Bool.random(using: &random)
    if isTCP {
      builder.tcp.sequence = UInt32.random(in: .min ... .max, using: &random)
      builder.tcp.options =
        [[], [2, 4, 5, 180], [1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8]]
        .randomElement(using: &random) ?? []
    }
    switch Int.random(in: 0..<6, using: &random) {
    case 0: builder.checksum = .partial
    case 1: builder = builder.payload(count: 3000).segmented(1000)
    case 2: builder.ip.options = [7, 7, 4, 0, 0, 0, 0, 1]
    case 3: builder.minimumLength = builder.payload.count + 100
    default: break
    }
    return builder
  }

  /// The request as a mirror at the other end of the two links would send it.
  private func mirrored(_ builder: FrameBuilder) -> TestFrame {
    var sent = builder
    sent.minimumLength = 0
    sent.ip.timeToLive -= 2
    var frame = sent.frame()
    frame.exchangeEnds()
    return frame
  }

  @Test(arguments: UInt64(1)...6, [true, false])
  func outboundUndoesInbound(seed: UInt64, isFast: Bool) throws {
    var random = SplitMix64(seed: seed)
    let usual = UsualDirector(.usual(services: [.web(weights: [1, 1]), .dns]))
    usual.director.isFastPathEnabled = isFast
    for round in 0..<150 {
      let isTCP = Bool.random(using: &random)
      var builder = request(&random, isTCP: isTCP)
      let client = Endpoint(builder.ip.source, isTCP ? builder.tcp.source : builder.udp.source)
      // The first opens the connection; the second may take the fast path.
      for _ in 0..<2 {
        let context: Comment = "seed \(seed), round \(round)"
        let inbound = usual.receive(builder)
        #expect(inbound.verdict == .transmit(.lan), context)
        var answer = try #require(inbound.frame, context)
        answer.exchangeEnds()
        let outbound = usual.receive(answer, port: .lan)
        #expect(outbound.verdict == .transmit(.wan), context)
        expectFrame(outbound.frame, is: mirrored(builder))
        if isTCP { builder.tcp.flags = [.ack, .psh] }
      }
      let connection = usual.connection(
        isTCP ? .tcp : .udp, from: client, to: Self.virtuals[isTCP ? 0 : 1])
      #expect(connection != nil, "seed \(seed), round \(round)")
    }
  }
}
