package import BPF
package import Wire

/// Which packets are taken out of their tunnels, and for whom: the rules of the eBPF program once
/// more, for packets that the kernel has put together.
package struct TunnelPolicy: Sendable {
  package let rules: DecapsulationRules
  /// Who may send.
  package let directors: [IPv4Prefix]
  /// For whom packets may be.
  package let addresses: Set<IPv4Address>

  package init(
    _ rules: DecapsulationRules, from directors: [IPv4Prefix], to addresses: [IPv4Address]
  ) {
    self.rules = rules
    self.directors = directors
    self.addresses = Set(addresses)
  }
}

/// What is to become of a packet, and where what is inside lies in it.
package struct TunnelJudgement: Equatable, Sendable {
  package let event: DecapsulationEvent
  /// The packet inside, as long as its header says; empty unless it is taken.
  package let inside: Range<Int>
  /// Whether the packet inside has to be marked as having met congestion.
  package let needsMark: Bool

  package init(_ event: DecapsulationEvent, inside: Range<Int> = 0..<0, needsMark: Bool = false) {
    self.event = event
    self.inside = inside
    self.needsMark = needsMark
  }
}

extension TunnelPolicy {
  /// Judges a packet of IPIP or GRE, from the outer header on.
  package func judge(outer bytes: RawSpan) -> TunnelJudgement {
    guard let packet = IPv4Packet(bytes) else { return TunnelJudgement(.malformed) }
    guard accepts(packet.source) else { return TunnelJudgement(.stranger) }
    let begin = packet.headerLength
    switch packet.protocol.rawValue {
    case Encapsulation.ipip.protocolNumber:
      return judge(inside: begin..<packet.totalLength, of: bytes, packet.typeOfService)
    case Encapsulation.gre.protocolNumber:
      guard packet.totalLength >= begin + 4 else { return TunnelJudgement(.malformed) }
      guard bytes.networkUInt16(at: begin + 2) == 0x0800 else {
        return TunnelJudgement(.unsupported)
      }
      let flags = bytes.networkUInt16(at: begin)
      guard flags == 0 || flags == 0x8000 else { return TunnelJudgement(.unsupported) }
      let end = begin + (flags == 0 ? 4 : 8)
      guard packet.totalLength >= end else { return TunnelJudgement(.malformed) }
      return judge(inside: end..<packet.totalLength, of: bytes, packet.typeOfService)
    default:
      return TunnelJudgement(.unsupported)
    }
  }

  /// Judges what a UDP datagram from `source` to the port of GUE carried.
  package func judge(
    datagram bytes: RawSpan, from source: IPv4Address, typeOfService: UInt8
  ) -> TunnelJudgement {
    guard accepts(source) else { return TunnelJudgement(.stranger) }
    guard bytes.byteCount >= 4 else { return TunnelJudgement(.malformed) }
    guard bytes.networkUInt32(at: 0) == 0x0004_0000 else { return TunnelJudgement(.unsupported) }
    return judge(inside: 4..<bytes.byteCount, of: bytes, typeOfService)
  }

  private func accepts(_ source: IPv4Address) -> Bool {
    directors.contains { $0.contains(source) }
  }

  private func judge(
    inside range: Range<Int>, of bytes: RawSpan, _ typeOfService: UInt8
  ) -> TunnelJudgement {
    guard range.count >= IPv4Packet.minimumHeaderLength else { return TunnelJudgement(.malformed) }
    let begin = range.lowerBound
    let first = bytes.octet(at: begin)
    guard first >> 4 == 4 else { return TunnelJudgement(.unsupported) }
    guard addresses.contains(IPv4Address(bytes, at: begin + 16)) else {
      return TunnelJudgement(.notVirtual)
    }
    let headerLength = Int(first & 0xf) * 4
    let length = Int(bytes.networkUInt16(at: begin + 2))
    guard headerLength >= IPv4Packet.minimumHeaderLength, length >= headerLength,
      length <= range.count
    else { return TunnelJudgement(.malformed) }
    let inside = bytes.extracting(begin..<(begin + length))
    if isTunnel(inside, headerLength) { return TunnelJudgement(.nested) }
    let isMarked = typeOfService & 3 == 3
    let mark = inside.octet(at: 1) & 3
    if isMarked, mark == 0 { return TunnelJudgement(.congested) }
    return TunnelJudgement(
      .taken, inside: begin..<(begin + length), needsMark: isMarked && mark != 3)
  }

  /// Whether what is inside is a tunnel's packet itself.
  private func isTunnel(_ inside: RawSpan, _ headerLength: Int) -> Bool {
    switch inside.octet(at: 9) {
    case 4, 41, 47:
      return true
    case Encapsulation.gue.protocolNumber:
      guard rules.encapsulations.contains(.gue), inside.networkUInt16(at: 6) & 0x1fff == 0,
        inside.byteCount >= headerLength + 4
      else { return false }
      return inside.networkUInt16(at: headerLength + 2) == rules.port
    default:
      return false
    }
  }
}
