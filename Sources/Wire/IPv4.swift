/// What an IPv4 packet carries (IANA protocol numbers).
@frozen
@usableFromInline
package struct IPProtocol: RawRepresentable, Hashable, Sendable {
  @usableFromInline package var rawValue: UInt8

  @inlinable
  package init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  @inlinable package static var icmp: Self { Self(rawValue: 1) }
  /// IPv4 in IPv4 (RFC 2003).
  @inlinable package static var ipip: Self { Self(rawValue: 4) }
  @inlinable package static var tcp: Self { Self(rawValue: 6) }
  @inlinable package static var udp: Self { Self(rawValue: 17) }
  /// Generic Routing Encapsulation (RFC 2784).
  @inlinable package static var gre: Self { Self(rawValue: 47) }
}

extension IPProtocol: CustomStringConvertible {
  @usableFromInline package var description: String {
    switch self {
    case .icmp: "icmp"
    case .tcp: "tcp"
    case .udp: "udp"
    default: "protocol \(rawValue)"
    }
  }
}

/// A read-only view of an IPv4 packet (RFC 791 section 3.1), trimmed to its total length.
///
/// ```
///  0      1      2             4             6             8  9  10        12        16       20
/// +------+------+-------------+-------------+-------------+--+--+---------+---------+--------+
/// |v  ihl| tos  |total length |ident        |flags fragoff|tt|pr|checksum |source   |destin. |
/// +------+------+-------------+-------------+-------------+--+--+---------+---------+--------+
/// ```
@frozen
@usableFromInline
package struct IPv4Packet: ~Escapable {
  /// The length in bytes of the header without options.
  @inlinable package static var minimumHeaderLength: Int { 20 }

  @usableFromInline let bytes: RawSpan

  /// Why bytes are not an IPv4 packet.
  @usableFromInline
  package enum Malformation: Equatable, Sendable {
    /// Fewer bytes than the header announces or the total length says.
    case truncated
    /// Not version 4, a header shorter than 20 bytes, or a total length shorter than the header.
    case header
    /// The header checksum does not match.
    case checksum
  }

  /// Why `bytes`, which may be longer than the packet, cannot be viewed; `nil` when they can.
  @inlinable
  package static func malformation(of bytes: RawSpan) -> Malformation? {
    guard bytes.byteCount >= minimumHeaderLength else { return .truncated }
    let first = bytes.octet(at: 0)
    let headerLength = Int(first & 0xf) * 4
    let totalLength = Int(bytes.networkUInt16(at: 2))
    guard first >> 4 == 4, headerLength >= minimumHeaderLength, totalLength >= headerLength
    else { return .header }
    guard totalLength <= bytes.byteCount else { return .truncated }
    guard InternetChecksum.sum(bytes.extracting(0..<headerLength)) == 0xffff
    else { return .checksum }
    return nil
  }

  /// Views the packet at the start of `bytes`, or `nil` if it is malformed.
  ///
  /// Cost: the header's sum.
  @inlinable
  @_lifetime(copy bytes)
  package init?(_ bytes: RawSpan) {
    guard Self.malformation(of: bytes) == nil else { return nil }
    self.bytes = bytes.extracting(first: Int(bytes.networkUInt16(at: 2)))
  }

  /// The length in bytes of the header with its options, 20-60.
  @inlinable package var headerLength: Int { Int(bytes.octet(at: 0) & 0xf) * 4 }
  @inlinable package var typeOfService: UInt8 { bytes.octet(at: 1) }
  /// The length in bytes of header and payload.
  @inlinable package var totalLength: Int { bytes.byteCount }
  @inlinable package var identification: UInt16 { bytes.networkUInt16(at: 4) }
  @inlinable package var dontFragment: Bool { bytes.octet(at: 6) & 0x40 != 0 }
  @inlinable package var moreFragments: Bool { bytes.octet(at: 6) & 0x20 != 0 }
  /// Where the payload lies in the whole datagram, in bytes (a multiple of 8).
  @inlinable package var fragmentOffset: Int { Int(bytes.networkUInt16(at: 6) & 0x1fff) * 8 }
  @inlinable package var isFragment: Bool { bytes.networkUInt16(at: 6) & 0x3fff != 0 }
  @inlinable package var timeToLive: UInt8 { bytes.octet(at: 8) }
  @inlinable package var `protocol`: IPProtocol { IPProtocol(rawValue: bytes.octet(at: 9)) }
  @inlinable package var checksum: UInt16 { bytes.networkUInt16(at: 10) }
  @inlinable package var source: IPv4Address { IPv4Address(bytes, at: 12) }
  @inlinable package var destination: IPv4Address { IPv4Address(bytes, at: 16) }

  /// What follows the header, without Ethernet padding.
  @inlinable package var payload: RawSpan {
    @_lifetime(copy self)
    get { bytes.extracting(droppingFirst: headerLength) }
  }
}

/// A view that changes an IPv4 packet; each setter keeps the header checksum (RFC 1624).
@frozen
@usableFromInline
package struct MutableIPv4Packet: ~Copyable, ~Escapable {
  @usableFromInline var bytes: MutableRawSpan

  /// Views `bytes`, or `nil` if they are shorter than a header without options.
  ///
  /// Nothing else is checked: check the packet once as an `IPv4Packet`.
  @inlinable
  @_lifetime(copy bytes)
  package init?(_ bytes: consuming MutableRawSpan) {
    guard bytes.byteCount >= IPv4Packet.minimumHeaderLength else { return nil }
    self.bytes = bytes
  }

  @inlinable package var source: IPv4Address {
    get { IPv4Address(bytes.bytes, at: 12) }
    @_lifetime(self: copy self)
    set {
      checksum = InternetChecksum.updated(
        checksum, by: InternetChecksum.change(from: source, to: newValue))
      newValue.store(into: &bytes, at: 12)
    }
  }

  @inlinable package var destination: IPv4Address {
    get { IPv4Address(bytes.bytes, at: 16) }
    @_lifetime(self: copy self)
    set {
      checksum = InternetChecksum.updated(
        checksum, by: InternetChecksum.change(from: destination, to: newValue))
      newValue.store(into: &bytes, at: 16)
    }
  }

  @inlinable package var dontFragment: Bool {
    get { bytes.bytes.octet(at: 6) & 0x40 != 0 }
    @_lifetime(self: copy self)
    set {
      let old = bytes.bytes.networkUInt16(at: 6)
      let new = newValue ? old | 0x4000 : old & ~0x4000
      checksum = InternetChecksum.updated(
        checksum, by: InternetChecksum.change(from: old, to: new))
      bytes.storeNetwork(new, at: 6)
    }
  }

  @inlinable package var timeToLive: UInt8 {
    get { bytes.bytes.octet(at: 8) }
    @_lifetime(self: copy self)
    set {
      let old = bytes.bytes.networkUInt16(at: 8)
      let new = UInt16(newValue) << 8 | (old & 0xff)
      checksum = InternetChecksum.updated(
        checksum, by: InternetChecksum.change(from: old, to: new))
      bytes.storeNetwork(new, at: 8)
    }
  }

  /// The header checksum as it stands; setting it changes nothing else.
  @inlinable package var checksum: UInt16 {
    get { bytes.bytes.networkUInt16(at: 10) }
    @_lifetime(self: copy self)
    set { bytes.storeNetwork(newValue, at: 10) }
  }
}
