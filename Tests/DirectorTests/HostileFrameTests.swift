import Director
import Frames
import TestSupport
import Testing
import Wire

/// Frames that no honest station sends: nothing crashes, everything is counted, and what is sent on
/// is a frame.
@Suite struct HostileFrameTests {
  /// A director with connections, and frames that it takes.
  private func prepared() -> UsualDirector {
    let usual = UsualDirector(.usual(services: [.web(weights: [1, 1]), .dns], limit: 64))
    usual.receive(request(.syn))
    usual.receive(query())
    usual.receive(request(.ack))
    return usual
  }

  private static let real = Endpoint(ExampleNetwork.server2, 8080)

  private static let sound: [Sent] = {
    let requests = [
      request(.syn).with(\.tcp.options, [2, 4, 5, 180, 1, 3, 3, 7]), request(.ack).payload("GET /"),
      request([.fin, .ack]), query().payload("example"), query().with(\.udp.checksum, 0),
      request(.ack).with(\.ip.options, [7, 7, 4, 0, 0, 0, 0, 0]).payload("x"),
      request(.ack).payload(count: 100).partialChecksum(),
      request(.ack).payload(count: 3000).segmented(1448),
      request(.ack).with(\.minimumLength, 60),
      FrameBuilder.ethernet(from: ExampleNetwork.gatewayMAC, to: ExampleNetwork.outsideMAC)
        .ipv4(from: ExampleNetwork.client, to: ExampleNetwork.virtual).icmp(.echoRequest)
        .payload("ping"),
      FrameBuilder.ethernet(from: ExampleNetwork.gatewayMAC, to: .broadcast)
        .arp(
          ARPFields(
            operation: .request, senderMAC: ExampleNetwork.gatewayMAC,
            senderAddress: ExampleNetwork.gateway, targetMAC: .zero,
            targetAddress: ExampleNetwork.virtual)),
    ]
    let replies = [
      reply([.syn, .ack], from: real), reply(.ack, from: real).payload("200 OK"),
      response().payload("answer"),
    ]
    return requests.map { Sent(port: .wan, frame: $0.frame()) }
      + replies.map { Sent(port: .lan, frame: $0.frame()) }
  }()

  /// Every frame is in exactly one count, and no counter but those of the verdicts moved, except for
  /// frames and requests that were lost later.
  private func expectSums(_ usual: UsualDirector, _ verdicts: [Verdict]) {
    let counters = usual.director.counters
    var transmitted: UInt64 = 0
    var held: UInt64 = 0
    var absorbed: UInt64 = 0
    var drops: [DropReason: UInt64] = [:]
    for verdict in verdicts {
      switch verdict {
      case .transmit: transmitted += 1
      case .hold: held += 1
      case .absorb: absorbed += 1
      case .drop(let reason): drops[reason, default: 0] += 1
      }
    }
    #expect(counters.transmitted == transmitted)
    #expect(counters.held == held)
    #expect(counters.absorbed == absorbed)
    #expect(
      counters.received == transmitted + held + absorbed + drops.values.reduce(0, +))
    let fragmentReasons: Set<DropReason> = [
      .fragmentInvalid, .fragmentOverlap, .fragmentMemoryExceeded, .fragmentTimeExceeded,
    ]
    let later = fragmentReasons.union([.neighborUnreachable, .neighborQueueFull, .outboxFull])
    for reason in DropReason.allCases where !later.contains(reason) {
      #expect(counters[reason] == drops[reason, default: 0], "\(reason.name)")
    }
    // A fragment that is given up later was held before.
    let givenUp = fragmentReasons.reduce(0) { $0 + counters[$1] - drops[$1, default: 0] }
    #expect(givenUp <= held)
    let loads = (usual.loads(ofService: 0) + usual.loads(ofService: 1)).flatMap(\.self)
    #expect(loads.allSatisfy { $0 >= 0 })
    #expect(loads.reduce(0, +) == usual.director.connectionCount)
    #expect(usual.director.connectionCount <= 64)
  }

  /// Whether a director may send `frame`: from the port, to a station, and with an IPv4 or ARP packet
  /// that ends where the frame ends.
  private func isSendable(_ frame: TestFrame, port: PortIndex) -> Bool {
    let bytes = frame.bytes.rawSpan
    guard let ethernet = EthernetFrame(bytes) else { return false }
    let own = port == .wan ? ExampleNetwork.outsideMAC : ExampleNetwork.insideMAC
    guard ethernet.source == own else { return false }
    if ethernet.etherType == .arp { return ARPPacket(ethernet.payload) != nil }
    guard ethernet.etherType == .ipv4, let packet = IPv4Packet(ethernet.payload),
      packet.totalLength == ethernet.payload.byteCount, packet.timeToLive > 0
    else { return false }
    if packet.isFragment { return packet.payload.byteCount > 0 }
    switch packet.protocol {
    case .tcp: return TCPSegment(packet.payload) != nil
    case .udp: return UDPDatagram(packet.payload) != nil
    case .icmp: return ICMPv4Message(packet.payload) != nil
    default: return false
    }
  }

  private func receive(
    _ frames: [Sent], _ usual: UsualDirector, _ verdicts: inout [Verdict]
  ) {
    let (outcomes, originated) = usual.receive(frames)
    verdicts += outcomes.map(\.verdict)
    for outcome in outcomes {
      guard case .transmit(let port) = outcome.verdict, let frame = outcome.frame else { continue }
      if !isSendable(frame, port: port) { Issue.record("sent by port \(port.index):\n\(frame)") }
    }
    for sent in originated where !isSendable(sent.frame, port: sent.port) {
      Issue.record("originated:\n\(sent.frame)")
    }
  }

  private func counted(_ usual: UsualDirector) -> [Verdict] {
    // What `prepared` sent.
    [Verdict](repeating: .transmit(.lan), count: Int(usual.director.counters.received))
  }

  @Test(arguments: [true, false])
  func everyTruncation(isFast: Bool) {
    let usual = prepared()
    usual.director.isFastPathEnabled = isFast
    var verdicts = counted(usual)
    for sent in Self.sound {
      for length in 0..<min(sent.frame.bytes.count, 200) {
        receive([Sent(port: sent.port, frame: sent.frame.prefix(length))], usual, &verdicts)
        // A frame without its padding is whole.
        let isWhole = length >= 54 && sent.frame.bytes.dropFirst(length).allSatisfy { $0 == 0 }
        if case .drop = verdicts.last { continue }
        #expect(isWhole, "\(length) bytes were taken of\n\(sent.frame)")
      }
    }
    expectSums(usual, verdicts)
  }

  private func mutated(_ random: inout SplitMix64) -> Sent {
    var sent = Self.sound[Int.random(in: 0..<Self.sound.count, using: &random)]
    let bits = random.next()
    // Mostly one to three octets of the headers; often with the header's checksum put right, so that
    // what lies behind that check is met, too.
    for round in 0...bits & 3 {
      let offset = Int(bits >> (8 + round * 8) & 0x3f)
      if offset < sent.frame.bytes.count {
        sent.frame.bytes[offset] = UInt8(truncatingIfNeeded: random.next())
      }
    }
    if bits >> 40 & 7 == 0 {
      sent.frame.bytes.removeLast(Int(bits >> 43) % sent.frame.bytes.count)
    } else if bits >> 40 & 7 == 1 {
      sent.frame.bytes += [UInt8](repeating: 0xff, count: Int(bits >> 43 & 0xff))
    }
    if bits >> 52 & 3 == 0 { mutateOffload(&sent.frame.offload, random.next()) }
    if bits >> 54 & 3 != 0 { mendHeader(&sent.frame) }
    return sent
  }

  private func mutateOffload(_ offload: inout VirtioNetHeader, _ bits: UInt64) {
    switch bits & 7 {
    case 0: offload.flags = VirtioNetHeader.Flags(rawValue: UInt8(bits >> 8 & 0xff))
    case 1: offload.gsoType = VirtioNetHeader.GSOType(rawValue: UInt8(bits >> 8 & 0xff))
    case 2: offload.gsoSize = UInt16(bits >> 8 & 0xffff)
    case 3: offload.checksumStart = UInt16(bits >> 8 & 0xffff)
    case 4: offload.checksumOffset = UInt16(bits >> 8 & 0xffff)
    case 5: offload.headerLength = UInt16(bits >> 8 & 0xffff)
    case 6: offload.checksumStart = 34
    default: offload.flags = .needsChecksum
    }
  }

  private func mendHeader(_ frame: inout TestFrame) {
    guard frame.bytes.count >= 34 else { return }
    let length = min(Int(frame.bytes[14] & 15) * 4, frame.bytes.count - 14)
    frame.bytes[24] = 0
    frame.bytes[25] = 0
    let header = Array(frame.bytes[14..<14 + length])
    let checksum = InternetChecksum.checksum(of: header.rawSpan)
    frame.bytes[24] = UInt8(checksum >> 8)
    frame.bytes[25] = UInt8(checksum & 0xff)
  }

  @Test(arguments: UInt64(1)...4)
  func randomMutations(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let usual = prepared()
    var verdicts = counted(usual)
    for round in 0..<1000 {
      receive((0..<50).map { _ in mutated(&random) }, usual, &verdicts)
      // Time passes, and stations answer again.
      if round.isMultiple(of: 10) {
        for sent in usual.advance(by: .seconds(1)) where !isSendable(sent.frame, port: sent.port) {
          Issue.record("originated:\n\(sent.frame)")
        }
        usual.learnNeighbors()
      }
    }
    expectSums(usual, verdicts)
    #expect(usual.director.counters.received > 50_000)
    let reasons = DropReason.allCases.filter { usual.director.counters[$0] > 0 }
    #expect(reasons.count > 20, "mutations reach most checks: \(reasons.map(\.name))")
  }
}
