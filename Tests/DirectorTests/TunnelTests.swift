import Director
import Frames
import TestSupport
import Testing
import Wire

private typealias Net = ExampleNetwork

/// Requests to servers at the ends of tunnels.
@Suite struct TunnelTests {
  private static let opening = hexadecimal(
    """
    02000000001002000000000108004500003c1c464000390638d4c633640ac00002649c4000501111111100000000
    a002faf09dd20000020405b40402080a000003e80000000001030307
    """)

  /// What is written, byte by byte: outer headers from the first IP header on.
  struct Row: Sendable, CustomTestStringConvertible {
    var tunnel: Tunnel
    var outer: [UInt8]
    var testDescription: String { "\(tunnel)" }

    init(_ tunnel: Tunnel, _ outer: String) {
      self.tunnel = tunnel
      self.outer = hexadecimal(outer)
    }
  }

  static let rows = [
    Row(Tunnel(.ipip), "45000050000040003804448ac000020acb007115"),
    Row(Tunnel(.gre), "4500005400004000382f445bc000020acb007115 00000800"),
    Row(
      Tunnel(.gue, hasChecksum: true, port: 6080),
      "4500005c0000400038114471c000020acb007115 c00117c000481649 00040000"),
  ]

  @Test(arguments: rows, [true, false])
  func outerHeaders(row: Row, isFast: Bool) {
    let usual = UsualDirector.tunnelled(row.tunnel, isFast: isFast)
    var inner = Self.opening[14...]
    inner[inner.startIndex + 8] -= 1
    inner.replaceSubrange(24..<26, with: [0x39, 0xd4])
    let expected = hexadecimal("0200000000010200000000100800") + row.outer + inner
    for _ in 0..<2 {
      let outcome = usual.receive(TestFrame(Self.opening))
      #expect(outcome.verdict == .transmit(.wan))
      expectFrame(outcome.frame, is: TestFrame(expected))
    }
    #expect(usual.director.counters.fastPath == (isFast ? 2 : 0))
    #expect(usual.connection?.destination == .remote)
  }

  static let requests = [
    request(.ack).payload("GET /"), request(.ack).payload(count: 1428),
    request(.ack).payload("x").with(\.ip.typeOfService, 0xb9),
    request(.ack).payload("x").with(\.ip.typeOfService, 0x2b),
    request(.ack).with(\.minimumLength, 60), request(.ack).with(\.ip.timeToLive, 2),
    request(.ack).with(\.tcp.checksum, 0xbad).payload("wrong stays wrong"),
    request(.ack).payload(count: 1000).with(\.ip.dontFragment, false),
    request([.ack, .fin]),
    request(.ack).with(\.tcp.options, [1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2]),
    query().payload("?"), query().with(\.udp.checksum, 0).payload("none"),
    query().payload(count: 400).with(\.ip.dontFragment, false),
  ]

  @Test(arguments: requests.indices, Tunnel.all)
  func wrapsEachPacket(row: Int, tunnel: Tunnel) {
    for isFast in [true, false] {
      let usual = UsualDirector.tunnelled(tunnel, isFast: isFast)
      usual.receive(request(.syn))
      usual.receive(query())
      let before = usual.director.counters.fastPath
      let outcome = usual.receive(Self.requests[row])
      let number = outcome.frame?.identification ?? 0
      #expect((number == 0) == Self.requests[row].ip.dontFragment)
      expectFrame(
        outcome.frame, is: Self.requests[row].wrapped(in: tunnel, identification: number))
      #expect(usual.director.counters.fastPath - before == (isFast ? 1 : 0))
    }
  }

  /// An outer checksum covers what it finds: the inner one is completed first.
  @Test(arguments: Tunnel.all, [true, false])
  func partialChecksums(tunnel: Tunnel, isFast: Bool) {
    let usual = UsualDirector.tunnelled(tunnel, isFast: isFast)
    usual.receive(request(.syn))
    let builder = request(.ack).payload(count: 333)
    let outcome = usual.receive(builder.partialChecksum())
    let expected = tunnel.hasChecksum ? builder : builder.partialChecksum()
    expectFrame(outcome.frame, is: expected.wrapped(in: tunnel))
  }

  /// IP options stay where they are; the outer header has none.
  @Test func options() {
    let usual = UsualDirector.tunnelled()
    let builder = query().payload("?").with(\.ip.options, [7, 7, 4, 0, 0, 0, 0, 1])
    expectFrame(usual.receive(builder).frame, is: builder.wrapped())
  }

  /// What leaves may be fragmented only if it can be told apart from what else may.
  @Test func numbersDiffer() {
    let usual = UsualDirector.tunnelled()
    let builder = query().payload("?").with(\.ip.dontFragment, false)
    let numbers = (0..<50).compactMap { _ in usual.receive(builder).frame?.identification }
    #expect(Set(numbers).count == 50)
    let blind = UsualDirector.tunnelled(discovers: false)
    let frame = blind.receive(query().payload("?")).frame
    expectFrame(
      frame,
      is: query().payload("?")
        .wrapped(identification: frame?.identification ?? 0, isFragmented: true))
    #expect(frame?.identification != 0)
  }

  /// Packets of one connection take one way; other connections' may take another.
  @Test(arguments: [true, false])
  func sourcePorts(isFast: Bool) {
    let usual = UsualDirector(.tunnelled(Tunnel(.gue)))
    usual.director.isFastPathEnabled = isFast
    var ports: Set<[UInt8]> = []
    for port in UInt16(1000)..<1100 {
      let frames = (0..<2).map { _ in
        usual.receive(query(from: Endpoint(Net.client, port))).frame?.bytes[34..<36]
      }
      #expect(frames[0] == frames[1])
      guard let first = frames[0] else { continue }
      #expect(32_768...60_999 ~= Int(first[34]) << 8 | Int(first[35]))
      ports.insert(Array(first))
    }
    #expect(ports.count > 90)
  }

  /// The server answers the client itself.
  @Test func repliesDoNotPass() {
    let usual = UsualDirector.tunnelled()
    usual.receive(request(.syn))
    let reply = reply([.syn, .ack], from: .remote)
      .with(\.ethernet.destination, Net.outsideMAC)
    #expect(usual.receive(reply.frame(), port: .wan).verdict == .drop(.ipNotForUs))
  }

  @Test(arguments: [true, false])
  func statesFollowTheClientAlone(isFast: Bool) {
    let usual = UsualDirector.tunnelled(isFast: isFast)
    usual.receive(request(.syn))
    #expect(usual.connection?.state == .synReceived)
    usual.receive(request(.ack))
    #expect(usual.connection?.state == .established)
    usual.receive(request([.fin, .ack]))
    #expect(usual.connection?.state == .finWait)
  }

  @Test(arguments: [true, false])
  func announcedSizesFit(isFast: Bool) {
    for tunnel in Tunnel.all {
      var configuration = DirectorConfiguration.tunnelled(tunnel)
      configuration.services[0].segmentSizeClamp = .automatic
      let usual = UsualDirector(configuration)
      usual.director.isFastPathEnabled = isFast
      usual.director.fixedChoices.encapsulationSourcePort = 0xc001
      let size = UInt16(1460 - tunnel.expectedOverhead)
      let expected = request(.syn)
        .with(\.tcp.options, [2, 4, UInt8(size >> 8), UInt8(size & 0xff)])
      expectFrame(
        usual.receive(request(.syn).with(\.tcp.options, [2, 4, 5, 0xb4])).frame,
        is: expected.wrapped(in: tunnel))
    }
  }
}
