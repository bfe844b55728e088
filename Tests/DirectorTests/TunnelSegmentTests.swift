import Director
import Frames
import TestSupport
import Testing
import Wire

/// Frames that stand for several segments or datagrams, and leave one by one in tunnels.
@Suite struct TunnelSegmentTests {
  private func opened(
    _ tunnel: Tunnel = Tunnel(), mtu: Int = 1500, knowsNeighbors: Bool = true
  ) -> UsualDirector {
    let usual = UsualDirector(.tunnelled(tunnel, mtu: mtu), knowsNeighbors: knowsNeighbors)
    usual.director.fixedChoices.encapsulationSourcePort = 0xc001
    if knowsNeighbors {
      usual.receive(request(.syn))
      usual.receive(query())
    }
    return usual
  }

  /// The segments of `large`, made by hand.
  private func segments(_ large: FrameBuilder, size: Int) -> [FrameBuilder] {
    let starts = Array(stride(from: 0, to: large.payload.count, by: size))
    return starts.enumerated().map { number, start in
      var segment = large.payload(
        Array(large.payload[start..<min(start + size, large.payload.count)]))
      segment.ip.identification += UInt16(number)
      segment.tcp.sequence &+= UInt32(start)
      if number < starts.count - 1 { segment.tcp.flags.subtract([.fin, .psh]) }
      if number > 0 { segment.tcp.flags.remove(.cwr) }
      return segment
    }
  }

  private static let timestamps: [UInt8] = [1, 1, 8, 10, 0, 0, 3, 0xe9, 0, 0, 0x13, 0x88]

  private func numbered(
    _ parts: [FrameBuilder], like sent: [Sent], in tunnel: Tunnel
  ) -> [TestFrame] {
    parts.enumerated().map { place, part in
      let number = place < sent.count ? sent[place].frame.identification : 0
      return part.wrapped(in: tunnel, identification: number)
    }
  }

  @Test(arguments: Tunnel.all, [true, false])
  func tcp(tunnel: Tunnel, dontFragment: Bool) {
    let usual = opened(tunnel)
    let flags: TCPFlags = [.ack, .psh, .fin, .cwr, .ece, .urg]
    var large = request(flags).payload(count: 4200).with(\.tcp.options, Self.timestamps)
    large.ip.dontFragment = dontFragment
    let (outcomes, sent) = usual.receive(
      [Sent(port: .wan, frame: large.segmented(1400).frame())])
    #expect(outcomes[0].verdict == .absorb)
    expectFrames(
      sent.map(\.frame), are: numbered(segments(large, size: 1400), like: sent, in: tunnel))
    #expect(Set(sent.map(\.frame.identification)).count == (dontFragment ? 1 : 3))
    #expect(usual.connection?.state == .timeWait)
  }

  /// A superframe of 64 KiB, and one that a single segment holds.
  @Test(arguments: [65_495, 1400, 1, 0])
  func sizes(count: Int) {
    let usual = opened()
    let large = request([.ack, .psh]).payload(count: count)
    let (_, sent) = usual.receive([Sent(port: .wan, frame: large.segmented(1400).frame())])
    let parts = count == 0 ? [large] : segments(large, size: 1400)
    expectFrames(sent.map(\.frame), are: numbered(parts, like: sent, in: Tunnel()))
  }

  @Test func datagrams() {
    let usual = opened()
    let large = query().payload(count: 3000)
    let (outcomes, sent) = usual.receive(
      [Sent(port: .wan, frame: large.segmented(1400).frame())])
    #expect(outcomes[0].verdict == .absorb)
    expectFrames(
      sent.map(\.frame),
      are: numbered(segments(large, size: 1400), like: sent, in: Tunnel()))
  }

  /// Segments that do not exist yet are made shorter; datagrams are the sender's.
  @Test func whatDoesNotFit() {
    let usual = opened()
    let large = request(.ack).payload(count: 4000).with(\.ip.dontFragment, false)
    let (_, sent) = usual.receive([Sent(port: .wan, frame: large.segmented(1460).frame())])
    expectFrames(
      sent.map(\.frame), are: numbered(segments(large, size: 1440), like: sent, in: Tunnel()))
    let datagrams = query().payload(count: 2944).with(\.ip.dontFragment, false)
    let (_, fragments) = usual.receive(
      [Sent(port: .wan, frame: datagrams.segmented(1472).frame())])
    #expect(fragments.map { $0.frame.bytes.count } == [1514, 54, 1514, 54])
    #expect(usual.director.counters.datagramsFragmented == 2)
    let firm = request(.ack).payload(count: 4000).segmented(1460)
    #expect(usual.receive(firm).verdict == .drop(.mtuExceeded))
  }

  @Test func nextHopIsAskedFor() {
    let usual = opened(knowsNeighbors: false)
    usual.receive(request(.syn))
    let large = request([.ack, .psh]).payload(count: 4200)
    let (outcomes, _) = usual.receive(
      [Sent(port: .wan, frame: large.segmented(1400).frame())])
    #expect(outcomes[0].verdict == .absorb)
    let answer = FrameBuilder.ethernet(
      from: ExampleNetwork.gatewayMAC, to: ExampleNetwork.outsideMAC
    ).arp(
      ARPFields(
        operation: .reply, senderMAC: ExampleNetwork.gatewayMAC,
        senderAddress: ExampleNetwork.gateway, targetMAC: ExampleNetwork.outsideMAC,
        targetAddress: ExampleNetwork.outside))
    let (_, sent) = usual.receive([Sent(port: .wan, frame: answer.frame())])
    expectFrames(
      sent.map(\.frame),
      are: [request(.syn).wrapped()]
        + numbered(segments(large, size: 1400), like: Array(sent.dropFirst()), in: Tunnel()))
  }

  @Test func wrongTypes() {
    let usual = opened()
    for type in [VirtioNetHeader.GSOType.udp, .tcpIPv6, .init(rawValue: 3), .init(rawValue: 77)] {
      var frame = request(.ack).payload(count: 3000).segmented(1000).frame()
      frame.offload.gsoType = type
      #expect(usual.receive(frame).verdict == .drop(.transportMalformed))
    }
    var frame = request(.ack).payload(count: 3000).segmented(1000).frame()
    frame.offload.gsoSize = 0
    #expect(usual.receive(frame).verdict == .drop(.transportMalformed))
  }

  @Test func fullOutbox() {
    let usual = opened()
    usual.fillOutbox()
    let large = request(.ack).payload(count: 3000).segmented(1000)
    #expect(usual.receive(large).verdict == .drop(.outboxFull))
  }
}
