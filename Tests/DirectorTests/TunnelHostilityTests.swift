import Director
import Frames
import TestSupport
import Testing
import Wire

private typealias Net = ExampleNetwork

/// What may come to a director with tunnels: random frames, many of them damaged, with virtio-net
/// headers that say anything.
@Suite struct TunnelHostilityTests {
  /// An error about a reply, or about a tunnel packet, that ends anywhere.
  private func error(_ random: inout SplitMix64) -> Sent {
    let isOurs = Bool.random(using: &random)
    let packet =
      isOurs
      ? TestFrame.wrapping(
        request(.ack).packet, in: Tunnel.all.randomElement(using: &random) ?? Tunnel(),
        dontFragment: true, to: Net.server1
      ).packet
      : reply(.ack, from: .virtual).packet
    let length = Int.random(in: 0...packet.count, using: &random)
    let builder = FrameBuilder.ethernet(from: Net.gatewayMAC, to: Net.outsideMAC)
      .ipv4(from: IPv4Address(203, 0, 113, 7), to: isOurs ? Net.outside : Net.virtual)
      .icmp(
        .destinationUnreachable, code: UInt8.random(in: 0...5, using: &random),
        rest: UInt32.random(in: 0...2000, using: &random)
      ).payload(Array(packet.prefix(length)))
    return Sent(port: .wan, frame: builder.frame())
  }

  private func damage(_ frame: inout TestFrame, _ random: inout SplitMix64) {
    let bits = random.next()
    switch bits & 15 {
    case 0: frame.offload.gsoType = .init(rawValue: UInt8(truncatingIfNeeded: bits >> 8))
    case 1: frame.offload.gsoSize = UInt16(truncatingIfNeeded: bits >> 8)
    case 2: frame.offload.gsoType = bits & 16 == 0 ? .udp : .tcpIPv4
    case 3: frame.offload.checksumStart = UInt16(truncatingIfNeeded: bits >> 8)
    case 4: frame.offload.checksumOffset = UInt16(truncatingIfNeeded: bits >> 8)
    case 5: frame.offload.flags = .needsChecksum
    case 6: frame.bytes.removeLast(min(frame.bytes.count, Int(bits >> 8 & 63)))
    case 7 where !frame.bytes.isEmpty:
      frame.bytes[Int(bits >> 16) % min(80, frame.bytes.count)] = UInt8(bits >> 8 & 0xff)
    default: break
    }
    if bits >> 40 & 7 == 0 { frame.offload.gsoSize = UInt16(bits >> 44 & 7) }
  }

  /// No frame stops the director, each is counted once, and what leaves is IPv4 or ARP to its end.
  @Test(arguments: UInt64(1)...6)
  func damagedTraffic(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var traffic = RandomTraffic(seed: seed)
    let usual = UsualDirector(RandomTraffic.tunnelled)
    usual.director.isFastPathEnabled = seed.isMultiple(of: 2)
    for round in 0..<200 {
      let frames = (0..<12).map { _ in
        var sent = Int.random(in: 0..<5, using: &random) == 0 ? error(&random) : traffic.next()
        damage(&sent.frame, &random)
        return sent
      }
      let (outcomes, originated) = usual.receive(frames)
      for frame in outcomes.compactMap(\.frame) + originated.map(\.frame) where !ends(frame) {
        Issue.record("sent:\n\(frame)")
      }
      usual.advance(by: .milliseconds(200))
      if round.isMultiple(of: 10) { usual.learnNeighbors() }
    }
    let counters = usual.director.counters
    #expect(counters.received == 200 * 12)
    #expect(counters.transmitted > 150)
    #expect(counters.absorbed > 0)
    #expect(counters[.transportMalformed] > 0)
  }

  private func ends(_ frame: TestFrame) -> Bool {
    guard let ethernet = EthernetFrame(frame.bytes.rawSpan) else { return false }
    if ethernet.etherType == .arp { return true }
    guard ethernet.etherType == .ipv4, let packet = IPv4Packet(ethernet.payload) else {
      return false
    }
    return packet.totalLength == ethernet.payload.byteCount
  }
}
