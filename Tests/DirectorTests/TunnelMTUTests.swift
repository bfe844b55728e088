import Director
import Frames
import TestSupport
import Testing
import Wire

private typealias Net = ExampleNetwork

/// What fits a tunnel to the byte, and what becomes of the rest.
@Suite struct TunnelMTUTests {
  /// A connection of TCP and one of UDP, and a director that has them.
  private func opened(
    _ tunnel: Tunnel = Tunnel(), mtu: Int = 1500, discovers: Bool = true, isFast: Bool = true
  ) -> UsualDirector {
    let usual = UsualDirector.tunnelled(tunnel, mtu: mtu, discovers: discovers, isFast: isFast)
    usual.receive(request(.syn))
    usual.receive(query())
    return usual
  }

  @Test(arguments: Tunnel.all, [true, false])
  func theLargestFits(tunnel: Tunnel, isFast: Bool) {
    let usual = opened(tunnel, isFast: isFast)
    let room = 1500 - tunnel.expectedOverhead
    let largest = request(.ack).payload(count: room - 40)
    expectFrame(usual.receive(largest).frame, is: largest.wrapped(in: tunnel))
    let tooLarge = request(.ack).payload(count: room - 39)
    let (outcomes, sent) = usual.receive([Sent(port: .wan, frame: tooLarge.frame())])
    #expect(outcomes[0].verdict == .drop(.mtuExceeded))
    expectFrames(
      sent.map(\.frame),
      are: [
        ownError(
          .destinationUnreachable, code: 4, rest: UInt32(room), about: tooLarge.onward.packet
        ).frame()
      ])
  }

  /// The datagram of the outer fragments in `sent`, put together by hand.
  private func reassembled(_ sent: [Sent], limit: Int) -> TestFrame {
    var whole: [UInt8] = []
    for (place, fragment) in sent.enumerated() {
      let bytes = fragment.frame.bytes
      #expect(fragment.port == .wan)
      guard let packet = IPv4Packet(bytes.rawSpan.extracting(droppingFirst: 14)) else {
        Issue.record("no IPv4 packet:\n\(fragment.frame)")
        continue
      }
      let (length, offset) = (packet.totalLength, packet.fragmentOffset)
      #expect(length <= limit)
      #expect(offset == max(0, whole.count - 34))
      let hasMore = packet.moreFragments
      #expect(hasMore == (place < sent.count - 1))
      whole += place == 0 ? bytes : Array(bytes[34...])
    }
    whole.withMutableRawSpan { bytes in
      var bytes = bytes
      guard bytes.byteCount > 34 else { return }
      bytes.storeNetwork(UInt16(bytes.byteCount - 14), at: 16)
      bytes.storeOctet(bytes.bytes.octet(at: 20) & 0x40, at: 20)
      bytes.storeOctet(0, at: 21)
      bytes.storeNetwork(0 as UInt16, at: 24)
      bytes.storeNetwork(
        InternetChecksum.checksum(of: bytes.bytes.extracting(14..<34)), at: 24)
    }
    return TestFrame(whole)
  }

  /// What may be fragmented is fragmented outside: the server puts the tunnel's packets together.
  @Test(arguments: Tunnel.all, [true, false])
  func outerFragments(tunnel: Tunnel, discovers: Bool) {
    let usual = opened(tunnel, mtu: 1400, discovers: discovers)
    let large = query().payload(count: 1472).with(\.ip.dontFragment, !discovers)
    for builder in [large, large.partialChecksum()] {
      let (outcomes, sent) = usual.receive([Sent(port: .wan, frame: builder.frame())])
      #expect(outcomes[0].verdict == .absorb)
      #expect(sent.count == 2)
      let number = sent[0].frame.identification
      #expect(number != 0)
      expectFrame(
        reassembled(sent, limit: 1400),
        is: large.wrapped(in: tunnel, identification: number, isFragmented: true))
    }
    #expect(usual.director.counters.datagramsFragmented == 2)
  }

  /// A datagram that came in fragments leaves in fragments that are no longer.
  @Test func fragmentsOfFragments() {
    let usual = opened()
    let whole = query().payload(count: 2000).with(\.ip.dontFragment, false)
    let bytes = whole.packet
    let frames = stride(from: 0, to: 2008, by: 800).map { offset in
      var part = whole.with(\.transport, nil).with(\.ip.protocol, .udp)
        .payload(Array(bytes[(20 + offset)..<min(20 + offset + 800, bytes.count)]))
      part.ip.fragmentOffset = offset
      part.ip.moreFragments = offset < 1600
      return Sent(port: .wan, frame: part.frame())
    }
    let (outcomes, sent) = usual.receive(frames)
    #expect(outcomes.map(\.verdict) == [.hold, .hold, .absorb])
    expectFrame(
      reassembled(sent, limit: 820),
      is: whole.wrapped(identification: sent.first?.frame.identification ?? 0))
    #expect(sent.count == 3)
  }

  @Test(arguments: [true, false])
  func noRoom(isFast: Bool) {
    let usual = opened(mtu: 87, isFast: isFast)
    #expect(usual.receive(query()).verdict == .drop(.mtuExceeded))
    #expect(usual.receive(request(.ack).payload(count: 60)).verdict == .drop(.mtuExceeded))
    #expect(usual.director.counters.errorsSent == 0)
    let wider = opened(mtu: 88, isFast: isFast)
    let largest = query().payload(count: 40)
    expectFrame(wider.receive(largest).frame, is: largest.wrapped())
  }

  /// An outer packet would be longer than IP allows.
  @Test func theLongestDatagram() {
    let usual = opened(discovers: false)
    let frame = query().payload(count: 65_507).frame()
    #expect(usual.receive(frame).verdict == .drop(.mtuExceeded))
  }

  @Test(arguments: [true, false])
  func timeToLiveEnds(isFast: Bool) {
    let usual = opened(isFast: isFast)
    let last = request(.ack).payload("x").with(\.ip.timeToLive, 1)
    let (outcomes, sent) = usual.receive([Sent(port: .wan, frame: last.frame())])
    #expect(outcomes[0].verdict == .drop(.timeToLiveExceeded))
    expectFrames(
      sent.map(\.frame), are: [ownError(.timeExceeded, code: 0, about: last.packet).frame()])
  }
}
