import Wire

/// A TCP segment without payload that the director sends in the name of one end of a connection.
struct BareSegment {
  let source: Endpoint
  let destination: Endpoint
  let flags: TCPFlags
  let sequence: UInt32
  let acknowledgment: UInt32
  /// The sender's clock, if the segment has timestamps; the echo is 0.
  var timestamp: UInt32?

  /// A frame that is complete but for its link addresses.
  var frame: [UInt8] {
    let segment = segment
    let header = IPv4Fields(
      dontFragment: true, protocol: .tcp, source: source.address, destination: destination.address
    ).header(payloadLength: segment.count)
    return LinkHeader.ipv4 + header + segment
  }

  private var segment: [UInt8] {
    let length = TCPSegment.minimumHeaderLength + (timestamp == nil ? 0 : 12)
    var segment = [UInt8](repeating: 0, count: length)
    segment.withMutableRawSpan { bytes in
      var bytes = bytes
      bytes.storeNetwork(source.port, at: 0)
      bytes.storeNetwork(destination.port, at: 2)
      bytes.storeNetwork(sequence, at: 4)
      bytes.storeNetwork(acknowledgment, at: 8)
      bytes.storeOctet(UInt8(length / 4) << 4, at: 12)
      bytes.storeOctet(flags.rawValue, at: 13)
      if let timestamp {
        // No operation twice, kind 8, length 10.
        bytes.storeNetwork(0x0101_080a as UInt32, at: 20)
        bytes.storeNetwork(timestamp, at: 24)
      }
      let pseudo = InternetChecksum.pseudoHeaderSum(
        source: source.address, destination: destination.address, protocol: .tcp, length: length)
      bytes.storeNetwork(
        ~InternetChecksum.sum(bytes.bytes, initial: pseudo), at: TCPSegment.checksumOffset)
    }
    return segment
  }
}

/// The Ethernet header of packets of our own, before their next hop is known.
enum LinkHeader {
  /// An Ethernet header of IPv4 without addresses.
  static let ipv4 =
    [UInt8](repeating: 0, count: 12)
    + [UInt8(EtherType.ipv4.rawValue >> 8), UInt8(EtherType.ipv4.rawValue & 0xff)]
}
