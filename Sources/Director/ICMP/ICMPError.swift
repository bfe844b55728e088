import Wire

/// An ICMP error that the director sends (RFC 792, RFC 1191, RFC 1812 section 4.3.2).
enum ICMPError: Equatable, Sendable {
  case hostUnreachable
  case portUnreachable
  /// The packet says that it must not be fragmented, and the next hop takes `mtu` bytes.
  case fragmentationNeeded(mtu: Int)
  case timeExceeded
  case reassemblyTimeExceeded
  /// What somebody else said.
  case relayed(ICMPv4Type, code: UInt8)

  var type: ICMPv4Type {
    switch self {
    case .hostUnreachable, .portUnreachable, .fragmentationNeeded: .destinationUnreachable
    case .timeExceeded, .reassemblyTimeExceeded: .timeExceeded
    case .relayed(let type, _): type
    }
  }

  var code: UInt8 {
    switch self {
    case .hostUnreachable: 1
    case .portUnreachable: 3
    case .fragmentationNeeded: 4
    case .timeExceeded: 0
    case .reassemblyTimeExceeded: 1
    case .relayed(_, let code): code
    }
  }

  /// The last four bytes of the header.
  private var restOfHeader: UInt32 {
    switch self {
    case .fragmentationNeeded(let mtu): UInt32(UInt16(clamping: mtu))
    default: 0
    }
  }

  /// The most bytes of an IP packet that are quoted: the error then has 576 bytes, which every host
  /// takes (RFC 1812 section 4.3.2.3).
  static let quoteLimit = 576 - IPv4Packet.minimumHeaderLength - ICMPv4Message.headerLength

  /// The Ethernet frame of the error about `offender`, an IP packet; its link addresses are zero.
  ///
  /// Format as of `net/ipv4/icmp.c`, `icmp_send`: precedence internetwork control, the offender's
  /// type of service without its ECN bit 0.
  func frame(
    about offender: RawSpan, from source: IPv4Address, to destination: IPv4Address,
    typeOfService: UInt8, identification: UInt16
  ) -> [UInt8] {
    let quote = offender.extracting(first: min(offender.byteCount, Self.quoteLimit))
    var message = [UInt8](repeating: 0, count: ICMPv4Message.headerLength)
    message.append(contentsOf: [UInt8](copying: quote))
    message.withMutableRawSpan { bytes in
      var bytes = bytes
      bytes.storeOctet(type.rawValue, at: 0)
      bytes.storeOctet(code, at: 1)
      bytes.storeNetwork(restOfHeader, at: 4)
      bytes.storeNetwork(InternetChecksum.checksum(of: bytes.bytes), at: 2)
    }
    let header = IPv4Fields(
      typeOfService: 0xc0 | typeOfService & 0x1e, identification: identification,
      protocol: .icmp, source: source, destination: destination
    ).header(payloadLength: message.count)
    return LinkHeader.ipv4 + header + message
  }
}
