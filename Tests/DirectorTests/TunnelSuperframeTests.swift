import Director
import Frames
import TestSupport
import Testing
import Wire

/// TCP segments that go into a GUE tunnel as one frame, towards a port that takes such frames.
@Suite struct TunnelSuperframeTests {
  static let tunnels = [
    Tunnel(.gue, port: 6080), Tunnel(.gue, hasChecksum: true, port: 5555),
  ]

  private func opened(
    _ tunnel: Tunnel = tunnels[0], mtu: Int = 1500, isFast: Bool = true, takes: Bool = true
  ) -> UsualDirector {
    let usual = UsualDirector.tunnelled(tunnel, mtu: mtu, isFast: isFast)
    usual.director.setTunnelSuperframes(takes, by: .wan)
    usual.receive(request(.syn))
    usual.receive(query())
    return usual
  }

  private func count(_ usual: UsualDirector) -> UInt64 {
    usual.director.counters.tunnelSuperframes
  }

  /// What is left alone is cut here, and each segment wrapped.
  private func expectSegments(
    _ usual: UsualDirector, _ large: TestFrame, count expected: Int,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let before = count(usual)
    let (outcomes, sent) = usual.receive([Sent(port: .wan, frame: large)])
    #expect(outcomes[0].verdict == .absorb, sourceLocation: sourceLocation)
    #expect(sent.count == expected, sourceLocation: sourceLocation)
    #expect(!sent.contains { $0.frame.offload.isGSO }, sourceLocation: sourceLocation)
    #expect(count(usual) == before, sourceLocation: sourceLocation)
  }

  /// Byte by byte: the frame of three segments with 32 bytes in front.
  @Test(arguments: [true, false])
  func headersAreThese(isFast: Bool) {
    let usual = opened(isFast: isFast)
    let large = request([.ack, .psh]).payload(count: 3000).segmented(1400)
    let outcome = usual.receive(large)
    #expect(outcome.verdict == .transmit(.wan))
    var offload = VirtioNetHeader()
    offload.flags = .needsChecksum
    offload.gsoType = .init(rawValue: 0x21)
    offload.headerLength = 86
    offload.gsoSize = 1400
    offload.checksumStart = 66
    offload.checksumOffset = 16
    offload.outerTransportStart = 34
    offload.innerNetworkStart = 46
    let outer = hexadecimal(
      """
      020000000001 020000000010 0800
      45000c0000004000 3f1131cdc000020a cb007115 c00117c00bec0000 00040000
      """)
    expectFrame(outcome.frame, is: TestFrame(outer + large.onward.packet, offload: offload))
    #expect(count(usual) == 1)
  }

  @Test(arguments: tunnels, [true, false])
  func wholeInEitherForm(tunnel: Tunnel, isFast: Bool) {
    let usual = opened(tunnel, isFast: isFast)
    let fastBefore = usual.director.counters.fastPath
    for flags in [[.ack, .cwr, .ece], [.ack, .psh, .fin]] as [TCPFlags] {
      let large = request(flags).payload(count: 4200).segmented(1400)
        .with(\.tcp.options, [1, 1, 8, 10, 0, 0, 3, 0xe9, 0, 0, 0x13, 0x88])
      var frame = large.frame()
      if flags.contains(.cwr) { frame.offload.gsoType.rawValue |= 0x80 }
      let outcome = usual.receive(frame)
      var expected = large.superframe(in: tunnel)
      if flags.contains(.cwr) { expected.offload.gsoType.rawValue |= 0x80 }
      expectFrame(outcome.frame, is: expected)
    }
    #expect(count(usual) == 2)
    #expect(usual.director.counters.fastPath - fastBefore == (isFast ? 2 : 0))
    #expect(usual.connection?.state == .finWait)
  }

  /// As many identifications are used up as there will be segments.
  @Test(arguments: [true, false], [2800, 2801, 65_463])
  func identifications(isFast: Bool, count: Int) {
    let usual = opened(isFast: isFast)
    let single = request(.ack).payload("x").with(\.ip.dontFragment, false)
    let first = usual.receive(single).frame?.identification ?? 0
    let large = request(.ack).payload(count: count).segmented(1400).with(\.ip.dontFragment, false)
    let outcome = usual.receive(large)
    expectFrame(
      outcome.frame, is: large.superframe(in: Self.tunnels[0], identification: first &+ 1))
    let segments = (count + 1399) / 1400
    let next = usual.receive(single).frame?.identification
    #expect(next == first &+ UInt16(segments) &+ 1)
  }

  @Test(arguments: [true, false])
  func sizes(isFast: Bool) {
    let usual = opened(isFast: isFast)
    let largest = request(.ack).payload(count: 65_503 - 40).segmented(1400)
    expectFrame(usual.receive(largest).frame, is: largest.superframe(in: Self.tunnels[0]))
    expectSegments(
      usual, request(.ack).payload(count: 65_504 - 40).segmented(1400).frame(), count: 47)
    let two = request(.ack).payload(count: 1401).segmented(1400)
    expectFrame(usual.receive(two).frame, is: two.superframe(in: Self.tunnels[0]))
    for count in [0, 1, 1400] {
      expectSegments(usual, request(.ack).payload(count: count).segmented(1400).frame(), count: 1)
    }
  }

  /// The kernel wants a partial checksum of TCP over IPv4 in UDP; all else is cut here.
  @Test(arguments: [true, false])
  func otherFramesAreCut(isFast: Bool) {
    let usual = opened(isFast: isFast)
    expectSegments(usual, query().payload(count: 2800).segmented(1400).frame(), count: 2)
    let large = request(.ack).payload(count: 2800).segmented(1400)
    var frame = large.frame()
    frame.offload.flags = []
    expectSegments(usual, frame, count: 2)
    frame = large.frame()
    frame.offload.checksumOffset = 6
    expectSegments(usual, frame, count: 2)
    frame = large.frame()
    frame.offload.checksumStart = 38
    expectSegments(usual, frame, count: 2)
    frame = large.frame()
    frame.offload.gsoType = VirtioNetHeader.GSOType.tcpIPv4.inUDPTunnel
    #expect(usual.receive(frame).verdict == .drop(.transportMalformed))
    for tunnel in Tunnel.all where tunnel.encapsulation != .gue {
      expectSegments(opened(tunnel, isFast: isFast), large.frame(), count: 2)
    }
  }

  @Test func optionsInside() {
    let usual = opened()
    let large = request(.ack).payload(count: 2800).segmented(1400)
      .with(\.ip.options, [7, 7, 4, 0, 0, 0, 0, 1])
    expectFrame(usual.receive(large).frame, is: large.superframe(in: Self.tunnels[0]))
  }

  /// Segments that do not exist yet are made as short as the way asks for.
  @Test(arguments: tunnels, [true, false])
  func whatDoesNotFit(tunnel: Tunnel, isFast: Bool) {
    let usual = opened(tunnel, isFast: isFast)
    let large = request(.ack).payload(count: 4000).segmented(1460).with(\.ip.dontFragment, false)
    let outcome = usual.receive(large)
    let number = outcome.frame?.identification ?? 0
    let expected = large.segmented(1428).superframe(in: tunnel, identification: number)
    expectFrame(outcome.frame, is: expected)
    let firm = request(.ack).payload(count: 4000).segmented(1460)
    #expect(usual.receive(firm).verdict == .drop(.mtuExceeded))
    let fitting = request(.ack).payload(count: 4000).segmented(1428)
    expectFrame(usual.receive(fitting).frame, is: fitting.superframe(in: tunnel))
  }

  /// A port may be lowered, or reopened on another kernel's terms, at any time.
  @Test(arguments: [true, false])
  func portsThatTakeNone(isFast: Bool) {
    let large = request(.ack).payload(count: 2800).segmented(1400).frame()
    let usual = opened(isFast: isFast, takes: false)
    expectSegments(usual, large, count: 2)
    usual.director.setTunnelSuperframes(true, by: .lan)
    expectSegments(usual, large, count: 2)
    usual.director.setTunnelSuperframes(true, by: .wan)
    #expect(usual.receive(large).verdict == .transmit(.wan))
    usual.director.setTunnelSuperframes(false, by: .wan)
    expectSegments(usual, large, count: 2)
  }

  /// A server that is added later is told what its port takes.
  @Test func serversAddedLater() {
    var configuration = DirectorConfiguration.tunnelled(Self.tunnels[0])
    let server = configuration.services[0].servers.removeFirst()
    let usual = UsualDirector(configuration)
    usual.director.fixedChoices.encapsulationSourcePort = 0xc001
    usual.director.setTunnelSuperframes(true, by: .wan)
    let isAdded = usual.director.addServer(server, to: .tcp, .virtual, at: usual.clock.now)
    #expect(isAdded)
    usual.receive(request(.syn))
    let large = request(.ack).payload(count: 2800).segmented(1400)
    expectFrame(usual.receive(large).frame, is: large.superframe(in: Self.tunnels[0]))
  }

  @Test func nextHopIsAskedFor() {
    let usual = UsualDirector(.tunnelled(Self.tunnels[0]), knowsNeighbors: false)
    usual.director.fixedChoices.encapsulationSourcePort = 0xc001
    usual.director.setTunnelSuperframes(true, by: .wan)
    usual.receive(request(.syn))
    let large = request([.ack, .psh]).payload(count: 4200).segmented(1400)
    #expect(usual.receive(large).verdict == .hold)
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
      are: [
        request(.syn).wrapped(in: Self.tunnels[0]), large.superframe(in: Self.tunnels[0]),
      ])
  }
}

extension FrameBuilder {
  /// The frame of many segments as it goes into `tunnel` whole.
  fileprivate func superframe(in tunnel: Tunnel, identification: UInt16 = 0) -> TestFrame {
    var frame = wrapped(in: tunnel, identification: identification)
    frame.offload.gsoType = frame.offload.gsoType.inUDPTunnel
    frame.offload.headerLength += 32
    frame.offload.outerTransportStart = 34
    frame.offload.innerNetworkStart = 46
    guard tunnel.hasChecksum else { return frame }
    frame.offload.flags.insert(.tunnelChecksum)
    let length = UInt16(frame.bytes.count - 34)
    let sum = InternetChecksum.pseudoHeaderSum(
      source: ExampleNetwork.outside, destination: Endpoint.remote.address, protocol: .udp,
      length: Int(length))
    frame.bytes[40] = UInt8(sum >> 8)
    frame.bytes[41] = UInt8(sum & 0xff)
    return frame
  }
}
