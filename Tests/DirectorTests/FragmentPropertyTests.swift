import Frames
import TestSupport
import Testing
import Wire

@testable import Director

/// Whatever is cut and put together again is what it was.
@Suite struct FragmentPropertyTests {
  private static func randomPacket(_ random: inout SplitMix64, _ base: FrameBuilder) -> FrameBuilder
  {
    var packet = base.with(\.ip.dontFragment, false)
    packet.payload = random.bytes(Int.random(in: 0...6000, using: &random))
    packet.ip.identification = UInt16.random(in: .min ... .max, using: &random)
    packet.ip.typeOfService = UInt8.random(in: .min ... .max, using: &random) & ~3
    packet.ip.timeToLive = UInt8.random(in: 2...255, using: &random)
    if Bool.random(using: &random) {
      let count = Int.random(in: 1...10, using: &random)
      packet.ip.options = (0..<count).flatMap { _ in
        [[1, 1, 1, 1], [0x94, 4, 0, 0], [1, 7, 3, 4]].randomElement(using: &random) ?? []
      }
    }
    return packet
  }

  /// Lengths of fragments, at most 200 of them.
  private static func randomLengths(_ random: inout SplitMix64, of count: Int) -> [Int] {
    var lengths: [Int] = []
    var left = count
    let least = max(1, count / 8 / 100)
    while left > 8 * least && lengths.count < 200 {
      let length = 8 * Int.random(in: least...max(least, min(185, left / 8)), using: &random)
      lengths.append(length)
      left -= length
    }
    return lengths
  }

  /// The packet of fragments that came in any order; options and addresses are the first one's.
  private static func joined(_ fragments: [TestFrame]) -> [UInt8]? {
    let sorted = fragments.sorted { offset(of: $0) < offset(of: $1) }
    guard let first = sorted.first else { return nil }
    let headerLength = Int(first.bytes[14] & 15) * 4
    var payload: [UInt8] = []
    for fragment in sorted {
      guard offset(of: fragment) == payload.count else { return nil }
      payload += fragment.bytes.dropFirst(14 + Int(fragment.bytes[14] & 15) * 4)
    }
    let header = first.bytes[..<(14 + headerLength)].enumerated()
      .filter { !varying.contains($0.offset) }
    return header.map(\.element) + payload
  }

  /// Total length, fragment field, header checksum.
  private static let varying: Set<Int> = [16, 17, 20, 21, 24, 25]

  private static func offset(of frame: TestFrame) -> Int {
    Int(UInt16(frame.bytes[20] & 0x1f) << 8 | UInt16(frame.bytes[21])) * 8
  }

  /// Cutting, any order, and putting together, without a director around it.
  @Test(arguments: UInt64(1)...100)
  func puttingTogetherUndoesCutting(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let base = [request(.ack), query()].randomElement(using: &random) ?? query()
    let frame = Self.randomPacket(&random, base).frame()
    guard case .whole(let packet) = Packet.read(frame.bytes.rawSpan, offload: frame.offload)
    else {
      Issue.record("seed \(seed): not a packet")
      return
    }
    let mtu = Int.random(in: 68...1500, using: &random)
    let fragments = Fragmentation.fragments(of: frame.bytes.rawSpan, packet, mtu: mtu)
    #expect(fragments.allSatisfy { $0.count - 14 <= mtu }, "seed \(seed)")
    guard fragments.count > 1 else {
      #expect(fragments == [frame.bytes])
      return
    }
    var reassembly = Reassembly()
    var drops = DropCounters()
    var result: [UInt8]?
    let now = ManualClock().now
    for (place, bytes) in fragments.shuffled(using: &random).enumerated() {
      switch Self.add(bytes, to: &reassembly, &drops, now) {
      case .complete(let whole, let largest):
        result = whole
        #expect(place == fragments.count - 1, "seed \(seed)")
        #expect(largest == fragments.map { $0.count - 14 }.max(), "seed \(seed)")
      case .waiting: #expect(place < fragments.count - 1, "seed \(seed)")
      case .refused(let reason): Issue.record("seed \(seed): \(reason.name)")
      }
    }
    expectFrame(result.map { TestFrame($0) }, is: frame)
    #expect(reassembly.memory == 0 && drops.total == 0, "seed \(seed)")
  }

  private static func add(
    _ frame: [UInt8], to reassembly: inout Reassembly, _ drops: inout DropCounters, _ now: Instant
  ) -> Reassembly.Outcome {
    guard let ethernet = EthernetFrame(frame.rawSpan), let packet = IPv4Packet(ethernet.payload)
    else { return .refused(.ipHeaderInvalid) }
    return reassembly.add(packet, frame: frame.rawSpan, port: .wan, drops: &drops, at: now)
  }

  /// Through a whole director: what comes out is the translated packet, in pieces that fit.
  @Test(arguments: UInt64(1)...100)
  func whatLeavesIsTheTranslatedDatagram(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let mtu = [68, 100, 576, 1000, 1500].randomElement(using: &random) ?? 1500
    let isReply = Bool.random(using: &random)
    let isTCP = Bool.random(using: &random)
    let usual = UsualDirector(.limited(outsideMTU: mtu, insideMTU: mtu))
    usual.receive(request(.syn).with(\.ip.dontFragment, false))
    usual.receive(query().with(\.ip.dontFragment, false))
    let base = isReply ? (isTCP ? reply(.ack) : response()) : (isTCP ? request(.ack) : query())
    let packet = Self.randomPacket(&random, base)
    let expected =
      isReply
      ? packet.translated(from: isTCP ? .virtual : .virtualDNS)
      : packet.translated(to: isTCP ? .real : .realDNS)
    let frame = packet.frame()
    let headerLength = Int(frame.bytes[14] & 15) * 4
    let lengths = Self.randomLengths(&random, of: frame.packetLength - headerLength)
    let fragments = frame.fragments(lengths)
    let sent = usual.receive(
      eachOf: fragments.shuffled(using: &random), port: isReply ? .lan : .wan)
    var leaving = sent.originated.map(\.frame)
    if leaving.isEmpty {
      // It came whole and fits: it leaves in its own place.
      #expect(fragments.count == 1 && sent.verdicts == [.transmit(isReply ? .wan : .lan)])
      leaving = [expected.frame()]
    }
    let longest = fragments.map(\.packetLength).max() ?? 0
    let limit = fragments.count == 1 ? mtu : min(mtu, max(longest, headerLength + 8))
    #expect(leaving.allSatisfy { $0.packetLength <= limit }, "seed \(seed)")
    #expect(Self.joined(leaving) == Self.joined([expected.frame()]), "seed \(seed)")
    #expect(usual.director.counters.dropped == 0, "seed \(seed)")
    #expect(usual.director.reassembly.memory == 0, "seed \(seed)")
  }
}
