import Frames
import Wire

/// What the slow path knows of an IPv4 packet, read from the frame once and checked.
struct Packet: Sendable {
  let source: IPv4Address
  let destination: IPv4Address
  let `protocol`: IPProtocol
  let timeToLive: UInt8
  /// The length in bytes of IP header and payload.
  let totalLength: Int
  /// Where the transport header begins, in bytes from the start of the frame.
  let transportOffset: Int
  /// Ports of TCP and UDP; 0 for others.
  let sourcePort: UInt16
  let destinationPort: UInt16
  /// The control bits of TCP; empty for others.
  let tcpFlags: TCPFlags
  /// What the transport checksum field holds.
  let transportChecksum: TransportChecksum
  /// Whether the sender computed no checksum, as UDP allows.
  let lacksChecksum: Bool
  /// The length in bytes of the largest IP packet that leaves in place of a GSO frame; else the
  /// packet's own.
  let largestSegmentLength: Int

  /// The frame's length in bytes without padding.
  var frameLength: Int { EthernetFrame.headerLength + totalLength }

  /// Reads the IPv4 packet of `frame`, or tells why it is refused.
  static func read(
    _ frame: RawSpan, offload: VirtioNetHeader
  ) -> Result<Packet, DropReason> {
    guard let ethernet = EthernetFrame(frame) else { return .failure(.frameTruncated) }
    switch IPv4Packet.malformation(of: ethernet.payload) {
    case .truncated: return .failure(.ipTruncated)
    case .header: return .failure(.ipHeaderInvalid)
    case .checksum: return .failure(.ipChecksumInvalid)
    case nil: break
    }
    guard let packet = IPv4Packet(ethernet.payload) else { return .failure(.ipHeaderInvalid) }
    guard packet.source.isUnicastHost else { return .failure(.ipSourceInvalid) }
    guard !packet.isFragment else { return .failure(.ipFragment) }
    switch packet.protocol {
    case .tcp:
      guard let segment = TCPSegment(packet.payload) else { return .failure(.transportMalformed) }
      return .success(
        Packet(
          packet, offload, sourcePort: segment.sourcePort,
          destinationPort: segment.destinationPort, tcpFlags: segment.flags,
          transportHeaderLength: segment.headerLength, lacksChecksum: false))
    case .udp:
      guard let datagram = UDPDatagram(packet.payload) else { return .failure(.transportMalformed) }
      return .success(
        Packet(
          packet, offload, sourcePort: datagram.sourcePort,
          destinationPort: datagram.destinationPort, tcpFlags: [],
          transportHeaderLength: UDPDatagram.headerLength,
          lacksChecksum: datagram.checksum == 0))
    case .icmp:
      return .success(
        Packet(
          packet, offload, sourcePort: 0, destinationPort: 0, tcpFlags: [],
          transportHeaderLength: 0, lacksChecksum: false))
    default:
      return .failure(.ipProtocolUnsupported)
    }
  }

  private init(
    _ packet: IPv4Packet, _ offload: VirtioNetHeader, sourcePort: UInt16,
    destinationPort: UInt16, tcpFlags: TCPFlags, transportHeaderLength: Int, lacksChecksum: Bool
  ) {
    source = packet.source
    destination = packet.destination
    `protocol` = packet.protocol
    timeToLive = packet.timeToLive
    totalLength = packet.totalLength
    transportOffset = EthernetFrame.headerLength + packet.headerLength
    self.sourcePort = sourcePort
    self.destinationPort = destinationPort
    self.tcpFlags = tcpFlags
    transportChecksum = offload.transportChecksum(at: transportOffset)
    self.lacksChecksum = lacksChecksum && transportChecksum == .complete
    largestSegmentLength =
      offload.isGSO
      ? min(totalLength, packet.headerLength + transportHeaderLength + Int(offload.gsoSize))
      : totalLength
  }
}

extension VirtioNetHeader {
  /// What the checksum field of the transport header at `offset` (bytes from the frame's start)
  /// holds: a partial checksum that begins elsewhere belongs to a header further in.
  @inline(__always)
  func transportChecksum(at offset: Int) -> TransportChecksum {
    flags.contains(.needsChecksum) && Int(checksumStart) == offset ? .partial : .complete
  }
}
