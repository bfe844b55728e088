import Director
import Frames
import TestSupport
import Testing
import Wire

private typealias Net = ExampleNetwork

/// ICMP errors about what went through tunnels.
@Suite struct TunnelErrorTests {
  static let router = IPv4Address(203, 0, 113, 1)

  /// An error to the outside address about `wrapped`, of which `length` bytes are quoted.
  private func error(
    _ type: ICMPv4Type, code: UInt8, rest: UInt32 = 0, about wrapped: TestFrame,
    length: Int = 548, from source: IPv4Address = router
  ) -> FrameBuilder {
    FrameBuilder.ethernet(from: Net.gatewayMAC, to: Net.outsideMAC)
      .ipv4(from: source, to: Net.outside).icmp(type, code: code, rest: rest)
      .payload(Array(wrapped.packet.prefix(length)))
  }

  private func opened(_ tunnel: Tunnel = Tunnel(), isFast: Bool = true) -> UsualDirector {
    let usual = UsualDirector.tunnelled(tunnel, isFast: isFast)
    usual.receive(request(.syn))
    usual.receive(query())
    return usual
  }

  /// The client hears what fits, and so does the next packet that is too large.
  @Test(arguments: Tunnel.all, [true, false])
  func pathMTU(tunnel: Tunnel, isFast: Bool) {
    let usual = opened(tunnel, isFast: isFast)
    let large = request(.ack).payload(count: 1400)
    guard let sent = usual.receive(large).frame else {
      Issue.record("not sent")
      return
    }
    let room = UInt32(1400 - tunnel.expectedOverhead)
    let complaint = error(.destinationUnreachable, code: 4, rest: 1400, about: sent)
    let (outcomes, told) = usual.receive([Sent(port: .wan, frame: complaint.frame())])
    #expect(outcomes[0].verdict == .absorb)
    let inside = Array(large.onward.packet.prefix(548 - tunnel.expectedOverhead))
    expectFrames(
      told.map(\.frame),
      are: [ownError(.destinationUnreachable, code: 4, rest: room, about: inside).frame()])
    #expect(told.map(\.port) == [.wan])
    let (again, toldAgain) = usual.receive([Sent(port: .wan, frame: large.frame())])
    #expect(again[0].verdict == .drop(.mtuExceeded))
    expectFrames(
      toldAgain.map(\.frame),
      are: [
        ownError(
          .destinationUnreachable, code: 4, rest: room, about: large.onward.packet, number: 2
        ).frame()
      ])
    let fitting = request(.ack).payload(count: Int(room) - 40)
    expectFrame(usual.receive(fitting).frame, is: fitting.wrapped(in: tunnel))
    #expect(usual.director.counters.errorsSent == 2)
  }

  /// It holds for ten minutes, and for every service that has the server.
  @Test func pathMTUIsForgotten() {
    let usual = opened()
    let large = query().payload(count: 1400)
    let sent = request(.ack).wrapped()
    usual.receive(error(.destinationUnreachable, code: 4, rest: 1300, about: sent))
    #expect(usual.receive(large).verdict == .drop(.mtuExceeded))
    usual.advance(by: .seconds(599))
    usual.receive(query())
    #expect(usual.receive(large).verdict == .drop(.mtuExceeded))
    usual.advance(by: .seconds(1))
    #expect(usual.receive(large).verdict == .transmit(.wan))
  }

  /// What is less than any link has is taken for the least; what is more than is known is no news.
  @Test(arguments: [(UInt32(0), 552), (551, 552), (552, 552), (553, 553), (1600, 1500)])
  func bounds(told: UInt32, believed: Int) {
    let usual = opened()
    let sent = request(.ack).wrapped()
    usual.receive(error(.destinationUnreachable, code: 4, rest: told, about: sent))
    let room = believed - 20
    #expect(usual.receive(query().payload(count: room - 28)).verdict == .transmit(.wan))
    #expect(usual.receive(query().payload(count: room - 27)).verdict == .drop(.mtuExceeded))
    usual.receive(error(.destinationUnreachable, code: 4, rest: 1499, about: sent))
    let later = min(room, 1479)
    #expect(usual.receive(query().payload(count: later - 28)).verdict == .transmit(.wan))
    #expect(usual.receive(query().payload(count: later - 27)).verdict == .drop(.mtuExceeded))
  }

  /// Too little is quoted to tell the connection, and the MTU is learned all the same.
  @Test(arguments: Tunnel.all, [28, 40])
  func shortQuotes(tunnel: Tunnel, length: Int) {
    let usual = opened(tunnel)
    let sent = request(.ack).payload(count: 500).wrapped(in: tunnel)
    let complaint = error(
      .destinationUnreachable, code: 4, rest: 1400, about: sent, length: length)
    let (outcomes, told) = usual.receive([Sent(port: .wan, frame: complaint.frame())])
    #expect(outcomes[0].verdict == .absorb)
    #expect(told.isEmpty)
    #expect(usual.receive(request(.ack).payload(count: 1400)).verdict == .drop(.mtuExceeded))
  }

  /// The client's packet may be fragmented: it need not know.
  @Test func whatMayBeFragmented() {
    let usual = opened()
    let sent = request(.ack).with(\.ip.dontFragment, false).payload(count: 500)
      .wrapped(identification: 7)
    let (outcomes, told) = usual.receive([
      Sent(
        port: .wan,
        frame: error(.destinationUnreachable, code: 4, rest: 1400, about: sent).frame())
    ])
    #expect(outcomes[0].verdict == .absorb)
    #expect(told.isEmpty)
  }

  static let others: [(ICMPv4Type, UInt8)] = [
    (.destinationUnreachable, 1), (.destinationUnreachable, 13), (.timeExceeded, 0),
    (.timeExceeded, 1), (.sourceQuench, 0),
  ]

  @Test(arguments: others.indices, Tunnel.all)
  func otherErrorsAreSentOn(row: Int, tunnel: Tunnel) {
    let usual = opened(tunnel)
    let (type, code) = Self.others[row]
    let builder = query().payload("what?").with(\.ip.typeOfService, 0x10)
    let complaint = error(type, code: code, rest: 99, about: builder.wrapped(in: tunnel))
    let (outcomes, told) = usual.receive([Sent(port: .wan, frame: complaint.frame())])
    #expect(outcomes[0].verdict == .absorb)
    expectFrames(
      told.map(\.frame),
      are: [
        ownError(type, code: code, about: builder.onward.packet)
          .with(\.ip.typeOfService, 0xd0).frame()
      ])
    #expect(usual.director.counters.tunnelsRefused == 0)
  }

  /// What is not about a tunnel of ours is believed in no way.
  @Test func strangers() {
    let usual = opened()
    let packet = request(.ack).payload(count: 900).onward.packet
    let foreign = TestFrame.wrapping(packet, dontFragment: true, to: IPv4Address(8, 8, 8, 8))
    let otherTunnel = request(.ack).payload(count: 900).wrapped(in: Tunnel(.gre))
    var otherSource = request(.ack).payload(count: 900).wrapped()
    otherSource.bytes[29] ^= 1
    var later = request(.ack).payload(count: 900).wrapped()
    later.bytes[21] = 9
    for quoted in [foreign, otherTunnel, otherSource, later] {
      let complaint = error(.destinationUnreachable, code: 4, rest: 600, about: quoted)
      #expect(usual.receive(complaint).verdict == .drop(.icmpQuoteInvalid))
    }
    let unrelated = request(.ack, from: Endpoint(Net.client, 9)).wrapped()
    #expect(
      usual.receive(error(.timeExceeded, code: 0, about: unrelated)).verdict
        == .drop(.icmpUnrelated))
    let wrong = error(.destinationUnreachable, code: 4, rest: 600, about: otherTunnel)
      .with(\.icmp.checksum, 0xbad)
    #expect(usual.receive(wrong).verdict == .drop(.icmpChecksumInvalid))
    #expect(usual.receive(request(.ack).payload(count: 1400)).verdict == .transmit(.wan))
    #expect(usual.director.counters.errorsSent == 0)
  }

  /// Errors cut off anywhere, and with any byte of the quote changed.
  @Test(arguments: Tunnel.all)
  func mutilated(tunnel: Tunnel) {
    let usual = opened(tunnel)
    let sent = request(.ack).wrapped(in: tunnel)
    for length in 0...80 {
      usual.receive(error(.timeExceeded, code: 0, about: sent, length: length))
    }
    for place in 14..<74 {
      for value: UInt8 in [0, 0x0f, 0x46, 0x80, 0xff] {
        usual.receive(
          error(
            .destinationUnreachable, code: 4, rest: 1400, about: sent.replacing(place, with: value)
          ))
      }
    }
    #expect(usual.receive(request(.ack)).verdict == .transmit(.wan))
  }

  /// A server that answers so has nothing that takes packets out of tunnels.
  @Test(arguments: Tunnel.all)
  func refusingServers(tunnel: Tunnel) {
    let usual = opened(tunnel)
    let code: UInt8 = tunnel.encapsulation == .gue ? 3 : 2
    let sent = request(.ack).wrapped(in: tunnel)
    let complaint = error(
      .destinationUnreachable, code: code, about: sent, from: Endpoint.remote.address)
    for _ in 0..<3 { usual.receive(complaint) }
    #expect(usual.director.counters.tunnelsRefused == 3)
    let notices = usual.director.takeTunnelNotices()
    #expect(notices.map(\.server) == [Endpoint.remote.address])
    #expect(notices.map(\.encapsulation) == [tunnel.encapsulation])
    #expect(notices.map(\.count) == [1])
    usual.advance(by: .seconds(60))
    usual.receive(complaint)
    #expect(usual.director.takeTunnelNotices().map(\.count) == [3])
    usual.receive(error(.destinationUnreachable, code: code, about: sent))
    #expect(usual.director.counters.tunnelsRefused == 4, "a router is not the server")
  }

  /// About replies, which went to the client directly: the server is to know.
  @Test func errorsAboutRepliesAreWrapped() {
    let usual = opened()
    let incoming = hexadecimal(
      """
      020000000010020000000001080045c0003800730000f001dcf8c6336401c000026403041712000005144500008c
      0093400040064d37c0000264c633640a00509c4022222223
      """)
    let outcome = usual.receive(TestFrame(incoming))
    let packet = hexadecimal(
      """
      45c0003800730000ef01ddf8c6336401c000026403041712000005144500008c0093400040064d37c0000264
      c633640a00509c4022222223
      """)
    let number = outcome.frame?.identification ?? 0
    #expect(number != 0)
    expectFrame(
      outcome.frame, is: .wrapping(packet, identification: number, dontFragment: false))
  }

  @Test(arguments: Tunnel.all, [true, false])
  func undelivered(tunnel: Tunnel, isFast: Bool) {
    let local = UsualDirector(.localTunnel(tunnel), knowsNeighbors: false)
    local.director.isFastPathEnabled = isFast
    local.director.installNeighbor(
      Net.gateway, mac: Net.gatewayMAC, port: .wan, at: local.clock.now)
    let builder = request(.syn).with(\.ip.typeOfService, 0)
    #expect(local.receive(builder).verdict == .hold)
    var told: [Sent] = []
    for _ in 0..<3 { told += local.advance(by: .seconds(1)) }
    told.removeAll { EthernetFrame($0.frame.bytes.rawSpan)?.etherType != .ipv4 }
    expectFrames(
      told.map(\.frame),
      are: [ownError(.destinationUnreachable, code: 1, about: builder.onward.packet).frame()])
    #expect(local.receive(builder).verdict == .drop(.neighborUnreachable))
    #expect(local.director.counters.errorsSent == 2)
  }
}

extension DirectorConfiguration {
  /// The usual TCP service, whose server is on the inner segment, at the end of a tunnel.
  fileprivate static func localTunnel(_ tunnel: Tunnel) -> DirectorConfiguration {
    var web = Service.web()
    web.servers = [
      .init(address: Net.server1, port: 80, method: .tunnel, tunnel: tunnel)
    ]
    return .usual(services: [web])
  }
}
