/// What an ICMP message says (RFC 792).
@frozen
@usableFromInline
package struct ICMPv4Type: RawRepresentable, Hashable, Sendable {
  @usableFromInline package var rawValue: UInt8

  @inlinable
  package init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  @inlinable package static var echoReply: Self { Self(rawValue: 0) }
  @inlinable package static var destinationUnreachable: Self { Self(rawValue: 3) }
  /// Deprecated (RFC 6633), and still translated by `ip_vs`.
  @inlinable package static var sourceQuench: Self { Self(rawValue: 4) }
  @inlinable package static var echoRequest: Self { Self(rawValue: 8) }
  @inlinable package static var timeExceeded: Self { Self(rawValue: 11) }
  @inlinable package static var parameterProblem: Self { Self(rawValue: 12) }

  /// Whether the message is about another packet, which it quotes.
  @inlinable package var isError: Bool {
    switch rawValue {
    case 3, 4, 5, 11, 12: true
    default: false
    }
  }
}

/// A read-only view of an ICMP message (RFC 792).
///
/// ```
///  0      1      2          4                 8
/// +------+------+----------+-----------------+-------------------------
/// |type  |code  |checksum  |rest of header   |echo data or quoted packet
/// +------+------+----------+-----------------+-------------------------
/// ```
@frozen
@usableFromInline
package struct ICMPv4Message: ~Escapable {
  /// The length in bytes of the header.
  @inlinable package static var headerLength: Int { 8 }

  @usableFromInline let bytes: RawSpan

  /// Views `bytes`, or `nil` if they are shorter than the header.
  @inlinable
  @_lifetime(copy bytes)
  package init?(_ bytes: RawSpan) {
    guard bytes.byteCount >= Self.headerLength else { return nil }
    self.bytes = bytes
  }

  @inlinable package var type: ICMPv4Type { ICMPv4Type(rawValue: bytes.octet(at: 0)) }
  @inlinable package var code: UInt8 { bytes.octet(at: 1) }
  @inlinable package var checksum: UInt16 { bytes.networkUInt16(at: 2) }
  /// The last four bytes of the header, whose meaning depends on type and code.
  @inlinable package var restOfHeader: UInt32 { bytes.networkUInt32(at: 4) }

  /// Whether the checksum matches the message.
  ///
  /// Cost: the message's length.
  @inlinable package var hasValidChecksum: Bool { InternetChecksum.sum(bytes) == 0xffff }

  /// What follows the header.
  @inlinable package var payload: RawSpan {
    @_lifetime(copy self)
    get { bytes.extracting(droppingFirst: Self.headerLength) }
  }
}

/// A view that changes an ICMP message.
@frozen
@usableFromInline
package struct MutableICMPv4Message: ~Copyable, ~Escapable {
  @usableFromInline var bytes: MutableRawSpan

  /// Views `bytes`, or `nil` if they are shorter than the header.
  @inlinable
  @_lifetime(copy bytes)
  package init?(_ bytes: consuming MutableRawSpan) {
    guard bytes.byteCount >= ICMPv4Message.headerLength else { return nil }
    self.bytes = bytes
  }

  /// The type; setting it keeps the checksum (RFC 1624).
  @inlinable package var type: ICMPv4Type {
    get { ICMPv4Type(rawValue: bytes.bytes.octet(at: 0)) }
    @_lifetime(self: copy self)
    set {
      let old = bytes.bytes.networkUInt16(at: 0)
      let new = UInt16(newValue.rawValue) << 8 | (old & 0xff)
      checksum = InternetChecksum.updated(
        checksum, by: InternetChecksum.change(from: old, to: new))
      bytes.storeNetwork(new, at: 0)
    }
  }

  /// The checksum as it stands; setting it changes nothing else.
  @inlinable package var checksum: UInt16 {
    get { bytes.bytes.networkUInt16(at: 2) }
    @_lifetime(self: copy self)
    set { bytes.storeNetwork(newValue, at: 2) }
  }
}
