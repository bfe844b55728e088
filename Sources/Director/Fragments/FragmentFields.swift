import Frames
import Wire

/// Which datagram a fragment belongs to (RFC 791 section 3.2), and where it came in.
struct DatagramKey: Hashable, Sendable {
  let port: PortIndex
  let source: IPv4Address
  let destination: IPv4Address
  let identification: UInt16
  let `protocol`: IPProtocol
}

/// What a fragment says of itself.
struct FragmentFields: Sendable {
  let key: DatagramKey
  /// Where its payload lies in the datagram's, in bytes.
  let range: Range<Int>
  /// Whether no fragment follows.
  let isLast: Bool
  let headerLength: Int
  let dontFragment: Bool
  /// Explicit congestion notification: the lower two bits of the type of service (RFC 3168).
  let congestion: UInt8

  /// The length in bytes of the fragment as an IP packet.
  var totalLength: Int { headerLength + range.count }

  /// Reads the fragment; `nil` when no datagram can have it: empty, not a multiple of 8 bytes though
  /// others follow, or past 65535 bytes.
  init?(_ packet: IPv4Packet, port: PortIndex) {
    let length = packet.totalLength - packet.headerLength
    let end = packet.fragmentOffset + length
    guard length > 0, packet.headerLength + end <= 65_535,
      !packet.moreFragments || length % 8 == 0
    else { return nil }
    key = DatagramKey(
      port: port, source: packet.source, destination: packet.destination,
      identification: packet.identification, protocol: packet.protocol)
    range = packet.fragmentOffset..<end
    isLast = !packet.moreFragments
    headerLength = packet.headerLength
    dontFragment = packet.dontFragment
    congestion = packet.typeOfService & 3
  }
}
