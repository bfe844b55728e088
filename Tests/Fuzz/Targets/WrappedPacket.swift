import Frames
import TestSupport
import Wire

extension TestFrame {
  /// What an appliance at the end of a tunnel takes out of the frame; `nil` when it is in none, or is a
  /// fragment.
  var unwrapped: TestFrame? {
    guard let length = wrappingLength, bytes.count > EthernetFrame.headerLength + length else {
      return nil
    }
    let head = bytes[..<EthernetFrame.headerLength]
    var inner = TestFrame(
      Array(head + bytes[(EthernetFrame.headerLength + length)...]), offload: offload)
    if offload.flags.contains(.needsChecksum) { inner.offload.checksumStart &-= UInt16(length) }
    guard Self.isWhole(offload, length) else { return inner }
    inner.offload.flags.remove(.tunnelChecksum)
    inner.offload.gsoType.rawValue &= ~0x20
    inner.offload.headerLength &-= UInt16(length)
    inner.offload.outerTransportStart = 0
    inner.offload.innerNetworkStart = 0
    return inner
  }

  /// Whether `offload` says that the frame is one of segments in a tunnel whose headers have `length`
  /// bytes.
  private static func isWhole(_ offload: VirtioNetHeader, _ length: Int) -> Bool {
    offload.gsoType.rawValue & 0x60 == 0x20 && offload.outerTransportStart == 34
      && Int(offload.innerNetworkStart) == EthernetFrame.headerLength + length
  }

  /// Whether the frame is one of segments in a tunnel.
  var isTunnelSuperframe: Bool {
    wrappingLength.map { Self.isWhole(offload, $0) } ?? false
  }

  /// The length in bytes of the headers before the packet inside.
  private var wrappingLength: Int? {
    guard let ethernet = EthernetFrame(bytes.rawSpan), ethernet.etherType == .ipv4,
      let packet = IPv4Packet(ethernet.payload),
      ExampleDirector.tunnelSources.contains(packet.source), !packet.isFragment
    else { return nil }
    switch packet.protocol {
    case .ipip: return packet.headerLength
    case .gre:
      let hasChecksum = packet.payload.byteCount > 0 && packet.payload.octet(at: 0) & 0x80 != 0
      return packet.headerLength + (hasChecksum ? 8 : 4)
    case .udp: return packet.headerLength + UDPDatagram.headerLength + 4
    default: return nil
    }
  }

  /// The bytes of TCP, UDP or ICMP payload in the IPv4 packet of the frame.
  var transportPayloadCount: Int {
    guard let ethernet = EthernetFrame(bytes.rawSpan), ethernet.etherType == .ipv4,
      let packet = IPv4Packet(ethernet.payload)
    else { return 0 }
    let headerLength =
      packet.protocol == .tcp ? TCPSegment(packet.payload)?.headerLength ?? 20 : 8
    return max(0, packet.payload.byteCount - headerLength)
  }
}

extension FrameCheck {
  /// Throws unless `inner`, which came out of a tunnel, is a whole packet to the virtual address.
  static func expectUnwrapped(_ inner: TestFrame) throws(Violation) {
    guard let ethernet = EthernetFrame(inner.bytes.rawSpan),
      let packet = IPv4Packet(ethernet.payload)
    else { throw Violation("no packet in the tunnel:\n\(inner)") }
    try expect(packet.totalLength == ethernet.payload.byteCount, "bytes behind it:\n\(inner)")
    try expect(packet.timeToLive > 0, "without time to live:\n\(inner)")
    try expect(packet.destination == ExampleNetwork.virtual, "for somebody else:\n\(inner)")
    if inner.offload.isGSO {
      let headers = packet.headerLength + (TCPSegment(packet.payload)?.headerLength ?? 0)
      try expect(
        packet.protocol == .tcp && inner.offload.gsoType.withoutECN == .tcpIPv4
          && inner.offload.flags == .needsChecksum
          && packet.totalLength - headers > Int(inner.offload.gsoSize)
          && FrameCheck.isWritable(inner), "several segments in one packet:\n\(inner)")
    }
    try expectTransport(packet, inner)
  }
}
