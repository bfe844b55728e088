import Director
import Frames
import TestSupport
import Wire

/// What holds for every frame that a director sends.
enum FrameCheck {
  /// Throws unless `sent` is what its port may send: from the port to a station, an ARP packet, or an
  /// IPv4 packet that ends where the frame ends, is no longer than the port's MTU, and whose transport
  /// header is whole.
  static func expectSendable(
    _ sent: SeedFrame, _ configuration: DirectorConfiguration
  ) throws(Violation) {
    let frame = sent.frame
    guard sent.port.index < configuration.ports.count,
      let ethernet = EthernetFrame(frame.bytes.rawSpan)
    else { throw Violation("sent by port \(sent.port.rawValue), no frame:\n\(frame)") }
    let port = configuration.ports[sent.port.index]
    let own = port.macAddress
    try expect(ethernet.source == own, "not from the port:\n\(frame)")
    try expect(ethernet.destination != own, "to the port itself:\n\(frame)")
    if ethernet.etherType == .arp {
      try expect(ARPPacket(ethernet.payload) != nil, "no ARP packet:\n\(frame)")
      try expect(frame.offload == VirtioNetHeader(), "ARP with offloads:\n\(frame)")
      return
    }
    guard ethernet.etherType == .ipv4, let packet = IPv4Packet(ethernet.payload) else {
      throw Violation("neither ARP nor IPv4:\n\(frame)")
    }
    try expect(packet.totalLength == ethernet.payload.byteCount, "bytes behind it:\n\(frame)")
    try expect(packet.timeToLive > 0, "without time to live:\n\(frame)")
    try expect(packet.source.isUnicastHost, "from nobody:\n\(frame)")
    var longest = frame.offload.isGSO ? largestSegment(packet, frame.offload) : packet.totalLength
    if frame.isTunnelSuperframe, let inner = frame.unwrapped,
      let ethernet = EthernetFrame(inner.bytes.rawSpan), let packet = IPv4Packet(ethernet.payload)
    {
      longest =
        largestSegment(packet, inner.offload) + frame.bytes.count - inner.bytes.count
    }
    try expect(longest <= port.mtu, "\(longest) bytes for \(port.mtu):\n\(frame)")
    if packet.isFragment {
      try expect(packet.payload.byteCount > 0, "an empty fragment:\n\(frame)")
    } else {
      try expectTransport(packet, frame)
    }
  }

  /// The length in bytes of the largest IP packet that a frame for several segments leaves as.
  private static func largestSegment(_ packet: IPv4Packet, _ offload: VirtioNetHeader) -> Int {
    let segment = TCPSegment(packet.payload)
    let transportLength =
      packet.protocol == .tcp ? segment?.headerLength ?? 0 : UDPDatagram.headerLength
    return min(
      packet.totalLength, packet.headerLength + transportLength + Int(offload.gsoSize))
  }

  static func expectTransport(
    _ packet: IPv4Packet, _ frame: TestFrame
  ) throws(Violation) {
    if let inner = frame.unwrapped { return try expectUnwrapped(inner) }
    switch packet.protocol {
    case .tcp: try expect(TCPSegment(packet.payload) != nil, "no TCP segment:\n\(frame)")
    case .udp: try expect(UDPDatagram(packet.payload) != nil, "no UDP datagram:\n\(frame)")
    case .icmp:
      guard let message = ICMPv4Message(packet.payload) else {
        throw Violation("no ICMP message:\n\(frame)")
      }
      let isPartial = frame.offload.flags.contains(.needsChecksum)
      try expect(message.hasValidChecksum || isPartial, "ICMP checksum:\n\(frame)")
    case Self.clientAddressProtocol:
      try expect(datagramBehindAddress(packet.payload), "no datagram behind an address:\n\(frame)")
    default: throw Violation("protocol \(packet.protocol):\n\(frame)")
    }
  }

  /// The protocol of a header between IP and UDP that tells the client's address.
  private static let clientAddressProtocol = IPProtocol(rawValue: 248)

  /// Whether `bytes` are such a header for IPv4 and a whole datagram.
  private static func datagramBehindAddress(_ bytes: RawSpan) -> Bool {
    guard bytes.byteCount >= 12, bytes.networkUInt32(at: 0) == 0x1011_000c,
      bytes.networkUInt16(at: 4) == 0x1f08
    else { return false }
    return UDPDatagram(bytes.extracting(droppingFirst: 12)) != nil
  }

  /// Whether a TAP takes the frame with its virtio-net header (`tun.c`, `virtio_net.h`).
  static func isWritable(_ frame: TestFrame) -> Bool {
    if frame.isTunnelSuperframe, let inner = frame.unwrapped {
      return frame.offload.flags.contains(.needsChecksum) && frame.bytes.count <= 14 + 65_535
        && isWritable(inner)
    }
    let header = frame.offload
    let length = frame.bytes.count
    guard length >= EthernetFrame.headerLength, let ethernet = EthernetFrame(frame.bytes.rawSpan)
    else { return false }
    let isPartial = header.flags.contains(.needsChecksum)
    let start = Int(header.checksumStart)
    let offset = Int(header.checksumOffset)
    let least = isPartial ? start + offset + 2 : 0
    guard max(Int(header.headerLength), least) <= length else { return false }
    var transportLength = 0
    if header.isGSO {
      guard header.gsoSize > 0, header.gsoSize < .max else { return false }
      switch header.gsoType.withoutECN {
      case .tcpIPv4, .tcpIPv6:
        transportLength = TCPSegment.minimumHeaderLength
        guard !isPartial || offset == TCPSegment.checksumOffset else { return false }
      case .udp:
        transportLength = UDPDatagram.headerLength
        let segments = (length - start - 8 + Int(header.gsoSize) - 1) / Int(header.gsoSize)
        guard isPartial, offset == UDPDatagram.checksumOffset, header.gsoType == .udp,
          segments <= 128
        else { return false }
      default: return false
      }
      let isIPv6 = header.gsoType.withoutECN == .tcpIPv6
      guard isPartial || ethernet.etherType == (isIPv6 ? .ipv6 : .ipv4) else { return false }
    }
    guard isPartial else { return true }
    return start >= 34 && start + max(transportLength, offset + 2) <= length
  }
}

extension TestFrame {
  /// The payload bytes that the frame passes on: those of an IPv4 packet, unless it is an ICMP error,
  /// which the director may make itself; of one in a tunnel, which may be one of many segments, only
  /// those behind the transport header.
  var passedByteCount: Int {
    if let unwrapped { return unwrapped.transportPayloadCount }
    guard let ethernet = EthernetFrame(bytes.rawSpan), ethernet.etherType == .ipv4,
      let packet = IPv4Packet(ethernet.payload)
    else { return 0 }
    if packet.protocol == .icmp, let message = ICMPv4Message(packet.payload), message.type.isError {
      return 0
    }
    return packet.payload.byteCount
  }
}
