import Director
import Frames
import TestSupport
import Testing
import Wire

private typealias Net = ExampleNetwork

/// Questions to a real server by the way of its service's packets.
@Suite struct PathProbeTests {
  /// A director with one server of a method, and what it sends.
  private final class Bench {
    let usual: UsualDirector
    let real: Endpoint
    var outbox = FrameBatch.outbox()

    init(_ method: ForwardingMethod) {
      var service = DirectorConfiguration.Service.web(.roundRobin, weights: [1])
      service.servers[0].method = method
      if method.keepsVirtualPort { service.servers[0].port = 80 }
      if method == .fullnat {
        service.fullNAT = FullNATSettings(localAddresses: [Net.local], localPorts: 10_001...12_000)
      }
      real = Endpoint(service.servers[0].address, service.servers[0].port)
      usual = UsualDirector(.usual(services: [service]))
    }

    /// Begins a probe; answers the TCP segments that it sends.
    func begin(_ id: UInt64 = 7) -> [TestFrame] {
      let deadline = usual.clock.now.advanced(by: .milliseconds(300))
      let isBegun = usual.director.beginPathProbe(
        id, ofServer: real, in: .tcp, .virtual, deadline: deadline, outbox: &outbox,
        at: usual.clock.now)
      #expect(isBegun)
      defer { outbox.removeAll() }
      return (0..<outbox.count).map { TestFrame(copying: outbox, at: $0) }
    }

    var results: [PathOutcome] { usual.director.takePathResults().map(\.outcome) }
  }

  /// The answer of the host that `syn` asks, to its sender.
  private func answer(_ syn: SentSegment, _ flags: TCPFlags, offset: UInt32 = 1) -> FrameBuilder {
    FrameBuilder.ethernet(from: Net.server1MAC, to: Net.insideMAC)
      .ipv4(from: syn.destination.address, to: syn.source.address)
      .tcp(from: syn.destination.port, to: syn.source.port, flags)
      .with(\.tcp.acknowledgment, syn.sequence &+ offset)
  }

  @Test func natAsksFromAnAddressBehindTheGateway() throws {
    let bench = Bench(.nat)
    let sent = bench.begin().compactMap { SentSegment($0) }
    #expect(sent.map(\.source.address) == [Net.outside, Net.inside])
    #expect(sent.map(\.destination) == [bench.real, bench.real])
    #expect(sent.allSatisfy { $0.flags == .syn })
    let outcome = bench.usual.receive(answer(sent[0], [.syn, .ack]).frame(), port: .lan)
    #expect(outcome.verdict == .absorb)
    #expect(bench.results == [.answered])
  }

  @Test func theAnswerIsReset() throws {
    let bench = Bench(.nat)
    let sent = bench.begin().compactMap { SentSegment($0) }
    let (_, originated) = bench.usual.receive([
      Sent(port: .lan, frame: answer(sent[0], [.syn, .ack]).frame())
    ])
    let reset = try #require(originated.compactMap { SentSegment($0.frame) }.first)
    #expect(reset.flags == .rst)
    #expect(reset.sequence == sent[0].sequence &+ 1)
    #expect(reset.destination == bench.real && reset.source == sent[0].source)
  }

  @Test(arguments: [
    (ForwardingMethod.nat, PathOutcome.wrongGateway), (.dr, .noVirtualAddress),
    (.tunnel, .noDecapsulation),
  ]) func silenceOfALivingServerIsExplained(_ method: ForwardingMethod, _ wanted: PathOutcome)
    throws
  {
    let bench = Bench(method)
    let sent = bench.begin().compactMap { SentSegment($0) }
    // The question to the server's own address is the one that is answered.
    let direct = try #require(
      sent.last { $0.destination == bench.real && $0.source.address == Net.inside })
    bench.usual.receive(answer(direct, [.syn, .ack]).frame(), port: .lan)
    #expect(bench.results == [])
    bench.usual.advance(by: .milliseconds(300))
    #expect(bench.results == [wanted])
  }

  @Test(arguments: ForwardingMethod.allCases) func silenceIsSilence(_ method: ForwardingMethod) {
    let bench = Bench(method)
    _ = bench.begin()
    // The questions are asked again.
    #expect(!bench.usual.advance(by: .milliseconds(100)).isEmpty)
    bench.usual.advance(by: .milliseconds(200))
    #expect(bench.results == [.silent])
    #expect(bench.usual.advance(by: .seconds(1)).isEmpty)
  }

  @Test func drAsksTheServerForTheVirtualAddress() throws {
    let bench = Bench(.dr)
    let frames = bench.begin()
    let sent = frames.compactMap { SentSegment($0) }
    #expect(sent.map(\.destination) == [.virtual, bench.real])
    #expect(Array(frames[0].bytes[0..<6]) == [2, 0, 0, 0, 1, 2])
    // Its answer comes from our own address, and is believed all the same.
    bench.usual.receive(answer(sent[0], [.syn, .ack]).frame(), port: .lan)
    #expect(bench.results == [.answered])
  }

  @Test func aRefusalIsTold() {
    let bench = Bench(.fullnat)
    let sent = bench.begin().compactMap { SentSegment($0) }
    bench.usual.receive(answer(sent[0], [.rst, .ack]).frame(), port: .lan)
    #expect(bench.results == [.refused])
  }

  @Test func anAnswerOfNATByAnotherPortIsNoneOfTheWay() {
    let bench = Bench(.nat)
    let sent = bench.begin().compactMap { SentSegment($0) }
    let frame = answer(sent[0], [.syn, .ack]).with(\.ethernet.source, Net.gatewayMAC)
      .with(\.ethernet.destination, Net.outsideMAC).frame()
    bench.usual.receive(frame, port: .wan)
    bench.usual.advance(by: .milliseconds(300))
    #expect(bench.results == [.wrongGateway])
  }

  @Test func forgedAnswersAreNotBelieved() {
    let bench = Bench(.nat)
    let sent = bench.begin().compactMap { SentSegment($0) }
    let forged = [
      answer(sent[0], [.syn, .ack], offset: 2), answer(sent[0], .syn), answer(sent[0], .ack),
      answer(sent[0], [.rst, .ack], offset: 0),
      answer(sent[0], [.syn, .ack]).with(\.tcp.source, 9),
      answer(sent[0], [.syn, .ack]).with(\.ip.source, Net.server2),
      answer(sent[0], [.syn, .ack]).with(\.tcp.destination, sent[0].source.port &+ 2),
      answer(sent[0], [.syn, .ack]).with(\.tcp.checksum, 0x1234),
    ]
    for frame in forged { bench.usual.receive(frame.frame(), port: .lan) }
    #expect(bench.results == [])
    bench.usual.receive(answer(sent[0], [.syn, .ack]).frame(), port: .lan)
    #expect(bench.results == [.answered])
    // Once more, too late.
    bench.usual.receive(answer(sent[0], [.syn, .ack]).frame(), port: .lan)
    #expect(bench.results == [])
  }

  @Test func cancelledAndShortenedProbes() {
    let bench = Bench(.nat)
    _ = bench.begin(1)
    _ = bench.begin(2)
    bench.usual.director.cancelPathProbe(1)
    bench.usual.director.shortenPathProbe(
      2, to: bench.usual.clock.now.advanced(by: .milliseconds(50)))
    bench.usual.advance(by: .milliseconds(50))
    let results = bench.usual.director.takePathResults()
    #expect(results.map(\.id) == [2] && results.map(\.outcome) == [.silent])
    bench.usual.advance(by: .seconds(1))
    #expect(bench.results == [])
  }

  @Test func thereIsABound() {
    let bench = Bench(.nat)
    let deadline = bench.usual.clock.now.advanced(by: .seconds(1))
    var begun = 0
    for id in 0..<2000 {
      let isBegun = bench.usual.director.beginPathProbe(
        UInt64(id), ofServer: bench.real, in: .tcp, .virtual, deadline: deadline,
        outbox: &bench.outbox, at: bench.usual.clock.now)
      begun += isBegun ? 1 : 0
    }
    #expect(begun == 1024)
    bench.usual.advance(by: .seconds(1))
    #expect(bench.results == [PathOutcome](repeating: .silent, count: 1024))
    let unknown = bench.usual.director.beginPathProbe(
      1, ofServer: Endpoint(Net.server3, 9), in: .tcp, .virtual, deadline: deadline,
      outbox: &bench.outbox, at: bench.usual.clock.now)
    #expect(!unknown)
  }
}
