import BPF
import Decapsulation
import TestSupport
import Testing
import Wire

/// The rules of the sockets on the frames of the eBPF program, as the kernel hands them over.
@Suite("Tunnel policy")
struct TunnelPolicyTests {
  private static let policy = TunnelPolicy(
    TunnelFrames.rules, from: TunnelFrames.directors, to: TunnelFrames.addresses)

  /// What reaches a socket: the kernel puts fragments together, and drops what is not whole itself.
  private static let rows = TunnelFrames.all.filter { row in
    row.event != nil && row.event != .fragment
      // The kernel has no datagrams of such lengths for a socket.
      && !row.name.hasPrefix("GUE, UDP")
  }

  /// The packet without padding and what it carries in `row`, as the program sees it too.
  private func judgement(_ row: TunnelCase) throws -> (TunnelJudgement, [UInt8]) {
    let frame = row.frame.rawSpan
    let packet = Array(row.frame[14..<(14 + Int(frame.networkUInt16(at: 16)))])
    guard packet[9] == Encapsulation.gue.protocolNumber else {
      return (Self.policy.judge(outer: packet.rawSpan), packet)
    }
    let datagram = Array(packet[28...])
    return (
      Self.policy.judge(
        datagram: datagram.rawSpan, from: IPv4Address(frame, at: 26), typeOfService: packet[1]),
      datagram
    )
  }

  @Test(arguments: rows)
  func theRulesAreTheProgramsRules(_ row: TunnelCase) throws {
    let (judgement, bytes) = try judgement(row)
    #expect(judgement.event == row.event)
    guard row.event == .taken else {
      #expect(judgement.inside.isEmpty)
      return
    }
    var inside = Array(bytes[judgement.inside])
    if judgement.needsMark {
      inside.withMutableRawSpan { span in
        var span = span
        InnerPacket.mark(&span, at: 0)
      }
    }
    let expected = Array(row.result[14...].prefix(inside.count))
    #expect(inside == expected)
    #expect(IPv4Packet.malformation(of: inside.rawSpan) == nil)
  }

  @Test func enoughRowsAreTried() {
    #expect(Self.rows.count > 100)
    #expect(Set(Self.rows.compactMap(\.event)).count == 7)
  }

  @Test func everyTruncationIsHarmless() throws {
    for row in Self.rows where row.name.hasSuffix(": good") {
      let packet = Array(row.frame[14...])
      for length in 0..<packet.count {
        let cut = Array(packet.prefix(length))
        #expect(Self.policy.judge(outer: cut.rawSpan).event == .malformed)
        let datagram = Array(cut.dropFirst(28))
        let event = Self.policy.judge(
          datagram: datagram.rawSpan, from: IPv4Address(10, 2, 0, 1), typeOfService: 0
        ).event
        #expect(event != .taken)
      }
    }
  }
}

@Suite("Packets from tunnels")
struct InnerPacketTests {
  private let source = IPv4Address(198, 51, 100, 7)
  private let destination = IPv4Address(10, 9, 9, 9)

  /// A packet whose payload has `field` at `offset`.
  private func packet(_ transport: IPProtocol, _ field: UInt16, at offset: Int) -> [UInt8] {
    var payload = [UInt8](repeating: 0x31, count: 41)
    payload[offset] = UInt8(field >> 8)
    payload[offset + 1] = UInt8(field & 0xff)
    let fields = IPv4Fields(protocol: transport, source: source, destination: destination)
    return fields.header(payloadLength: payload.count) + payload
  }

  private func pseudo(_ transport: IPProtocol) -> UInt16 {
    InternetChecksum.pseudoHeaderSum(
      source: source, destination: destination, protocol: transport, length: 41)
  }

  @Test(arguments: [(IPProtocol.tcp, 16), (.udp, 6)])
  func unfinishedChecksumsAreToldOf(_ transport: IPProtocol, _ offset: Int) {
    let partial = packet(transport, pseudo(transport), at: offset)
    let header = InnerPacket.header(for: partial.rawSpan)
    #expect(header.flags == .needsChecksum)
    #expect(header.checksumStart == 20)
    #expect(header.checksumOffset == UInt16(offset))
    let zero = packet(transport, 0, at: offset)
    let sum = ~InternetChecksum.sum(
      zero.rawSpan.extracting(20..<61), initial: pseudo(transport))
    for whole in [sum, sum ^ 1, 0] {
      let packet = packet(transport, whole, at: offset)
      #expect(InnerPacket.header(for: packet.rawSpan) == VirtioNetHeader())
    }
  }

  @Test func othersAreLeftAlone() {
    let icmp = packet(.icmp, pseudo(.icmp), at: 16)
    #expect(InnerPacket.header(for: icmp.rawSpan) == VirtioNetHeader())
    let partial = packet(.tcp, pseudo(.tcp), at: 16)
    for length in 0..<partial.count {
      let cut = Array(partial.prefix(length))
      #expect(InnerPacket.header(for: cut.rawSpan) == VirtioNetHeader())
    }
  }
}
