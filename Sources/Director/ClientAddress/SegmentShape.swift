import Frames
import Wire

/// The lengths of a TCP segment in a frame, in bytes, read before something is inserted.
struct SegmentShape: Sendable {
  /// Where the TCP header begins, from the start of the frame.
  let transport: Int
  /// Of the IP packet.
  let totalLength: Int
  /// Of the TCP header with its options.
  let headerLength: Int
  let sequenceNumber: UInt32
  let flags: TCPFlags

  /// The longest IP packet.
  static var packetLimit: Int { 65_535 }

  /// Reads the headers of `frame`; `nil` when they are cut off, or TCP begins elsewhere.
  init?(_ frame: RawSpan, transport: Int) {
    guard frame.byteCount >= transport + TCPSegment.minimumHeaderLength else { return nil }
    self.transport = transport
    totalLength = Int(frame.networkUInt16(at: EthernetFrame.headerLength + 2))
    headerLength = Int(frame.octet(at: transport + 12) >> 4) * 4
    sequenceNumber = frame.networkUInt32(at: transport + 4)
    flags = TCPFlags(rawValue: frame.octet(at: transport + 13))
    guard
      Int(frame.octet(at: EthernetFrame.headerLength) & 0xf) * 4
        == transport - EthernetFrame.headerLength,
      headerLength >= TCPSegment.minimumHeaderLength, headersLength <= totalLength,
      EthernetFrame.headerLength + totalLength <= frame.byteCount
    else { return nil }
  }

  /// Of the IP and the TCP header.
  var headersLength: Int { transport - EthernetFrame.headerLength + headerLength }
  var payloadLength: Int { totalLength - headersLength }
}

extension FrameBatch {
  /// Tells the headers at `index` that the segment is `count` bytes longer; what changed behind the
  /// IP header adds `change` to a sum.
  mutating func lengthen(
    _ index: Int, by count: Int, transport: Int, _ kind: TransportChecksum, change: UInt64
  ) {
    guard
      var header = MutableIPv4Packet(
        self.bytes(at: index, from: EthernetFrame.headerLength))
    else { return }
    header.totalLength += UInt16(count)
    guard var segment = MutableTCPSegment(self.bytes(at: index, from: transport)) else { return }
    // The length is a word of the pseudo-header, as the addresses are.
    segment.adjustChecksum(kind, addresses: UInt64(count), ports: change)
  }
}

extension VirtioNetHeader {
  /// Notes that headers are `count` bytes longer, and lets the segments that a GSO frame stands for
  /// be short enough for `mtu`; answers `false`, and changes nothing, when `headersLength` (bytes
  /// of IP and transport header, then) leaves them no room.
  mutating func growHeaders(by count: Int, to headersLength: Int, mtu: Int) -> Bool {
    if isGSO {
      // The kernel raises what is below 8.
      guard mtu - headersLength >= 8 else { return false }
      gsoSize = UInt16(clamping: min(Int(gsoSize), mtu - headersLength))
    }
    if headerLength > 0 { headerLength = UInt16(clamping: Int(headerLength) + count) }
    return true
  }
}
