import Frames
import Wire

/// What the slow path knows of an IPv4 packet, read from the frame once and checked.
struct Packet: Sendable {
  let source: IPv4Address
  let destination: IPv4Address
  let `protocol`: IPProtocol
  let typeOfService: UInt8
  let timeToLive: UInt8
  var dontFragment: Bool
  /// The length in bytes of IP header and payload.
  var totalLength: Int
  /// Where the transport header begins, in bytes from the start of the frame.
  let transportOffset: Int
  /// Ports of TCP and UDP; 0 for others.
  let sourcePort: UInt16
  let destinationPort: UInt16
  /// The control bits of TCP; empty for others.
  let tcpFlags: TCPFlags
  /// The sequence number of TCP; 0 for others.
  let sequenceNumber: UInt32
  /// The acknowledgment number of TCP, whatever its flags; 0 for others.
  let acknowledgmentNumber: UInt32
  /// What the transport checksum field holds.
  let transportChecksum: TransportChecksum
  /// Whether the sender computed no checksum, as UDP allows.
  let lacksChecksum: Bool
  /// The length in bytes of IP and transport header; of the IP header alone for ICMP.
  var headersLength: Int
  /// The length in bytes of the largest IP packet that leaves in place of a GSO frame; else the
  /// packet's own.
  var largestSegmentLength: Int
  /// The length in bytes of the longest fragment that the packet came in, as an IP packet; 0 when it
  /// came whole.
  var largestFragment = 0

  /// The frame's length in bytes without padding.
  var frameLength: Int { EthernetFrame.headerLength + totalLength }

  /// What a frame's IPv4 packet turned out to be.
  enum Reading {
    case whole(Packet)
    /// A part of a datagram, whose transport header may be elsewhere.
    case fragment
    case refused(DropReason)
  }

  /// Reads the IPv4 packet of `frame`.
  static func read(_ frame: RawSpan, offload: VirtioNetHeader) -> Reading {
    guard let ethernet = EthernetFrame(frame) else { return .refused(.frameTruncated) }
    switch IPv4Packet.malformation(of: ethernet.payload) {
    case .truncated: return .refused(.ipTruncated)
    case .header: return .refused(.ipHeaderInvalid)
    case .checksum: return .refused(.ipChecksumInvalid)
    case nil: break
    }
    guard let packet = IPv4Packet(ethernet.payload) else { return .refused(.ipHeaderInvalid) }
    guard packet.source.isUnicastHost else { return .refused(.ipSourceInvalid) }
    guard !packet.isFragment else { return .fragment }
    switch packet.protocol {
    case .tcp:
      guard let segment = TCPSegment(packet.payload) else { return .refused(.transportMalformed) }
      return .whole(
        Packet(
          packet, offload, sourcePort: segment.sourcePort,
          destinationPort: segment.destinationPort, tcpFlags: segment.flags,
          sequenceNumber: segment.sequenceNumber,
          acknowledgmentNumber: segment.acknowledgmentNumber,
          transportHeaderLength: segment.headerLength, lacksChecksum: false))
    case .udp:
      guard let datagram = UDPDatagram(packet.payload) else { return .refused(.transportMalformed) }
      return .whole(
        Packet(
          packet, offload, sourcePort: datagram.sourcePort,
          destinationPort: datagram.destinationPort, tcpFlags: [],
          transportHeaderLength: UDPDatagram.headerLength,
          lacksChecksum: datagram.checksum == 0))
    case .icmp:
      return .whole(
        Packet(
          packet, offload, sourcePort: 0, destinationPort: 0, tcpFlags: [],
          transportHeaderLength: 0, lacksChecksum: false))
    default:
      return .refused(.ipProtocolUnsupported)
    }
  }

  private init(
    _ packet: IPv4Packet, _ offload: VirtioNetHeader, sourcePort: UInt16,
    destinationPort: UInt16, tcpFlags: TCPFlags, sequenceNumber: UInt32 = 0,
    acknowledgmentNumber: UInt32 = 0, transportHeaderLength: Int, lacksChecksum: Bool
  ) {
    source = packet.source
    destination = packet.destination
    `protocol` = packet.protocol
    typeOfService = packet.typeOfService
    timeToLive = packet.timeToLive
    dontFragment = packet.dontFragment
    totalLength = packet.totalLength
    transportOffset = EthernetFrame.headerLength + packet.headerLength
    self.sourcePort = sourcePort
    self.destinationPort = destinationPort
    self.tcpFlags = tcpFlags
    self.sequenceNumber = sequenceNumber
    self.acknowledgmentNumber = acknowledgmentNumber
    transportChecksum = offload.transportChecksum(at: transportOffset)
    self.lacksChecksum = lacksChecksum && transportChecksum == .complete
    headersLength = packet.headerLength + transportHeaderLength
    largestSegmentLength =
      offload.isGSO ? min(totalLength, headersLength + Int(offload.gsoSize)) : totalLength
  }
}

extension Packet {
  /// Notes that the packet became `count` bytes longer, of which `headers` in its headers; `offload` is
  /// that of its frame from then on.
  mutating func lengthen(by count: Int, headers: Int, _ offload: VirtioNetHeader) {
    totalLength += count
    headersLength += headers
    largestSegmentLength =
      offload.isGSO ? min(totalLength, headersLength + Int(offload.gsoSize)) : totalLength
  }

  /// Whether the packet, or the largest of its segments, is longer than `mtu`.
  func exceeds(_ mtu: Int) -> Bool { largestSegmentLength > mtu }

  /// Whether the checksum of TCP or UDP in `frame` is right, as far as there is one to check.
  ///
  /// Cost: the packet's length.
  func hasRightTransportChecksum(in frame: RawSpan) -> Bool {
    guard transportChecksum == .complete, !lacksChecksum else { return true }
    var bytes = frame.extracting(transportOffset..<frameLength)
    // What the IP header adds beyond the datagram's own length is not summed (RFC 768).
    if let datagram = `protocol` == .udp ? UDPDatagram(bytes) : nil {
      bytes = bytes.extracting(first: datagram.length)
    }
    let pseudo = InternetChecksum.pseudoHeaderSum(
      source: source, destination: destination, protocol: `protocol`, length: bytes.byteCount)
    return InternetChecksum.sum(bytes, initial: pseudo) == 0xffff
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
