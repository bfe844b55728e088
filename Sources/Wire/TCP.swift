/// The control bits of a TCP segment (RFC 9293 section 3.1), in the order of the header's byte 13.
@frozen
@usableFromInline
package struct TCPFlags: OptionSet, Hashable, Sendable {
  @usableFromInline package let rawValue: UInt8

  @inlinable
  package init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  @inlinable package static var fin: Self { Self(rawValue: 0x01) }
  @inlinable package static var syn: Self { Self(rawValue: 0x02) }
  @inlinable package static var rst: Self { Self(rawValue: 0x04) }
  @inlinable package static var psh: Self { Self(rawValue: 0x08) }
  @inlinable package static var ack: Self { Self(rawValue: 0x10) }
  @inlinable package static var urg: Self { Self(rawValue: 0x20) }
  @inlinable package static var ece: Self { Self(rawValue: 0x40) }
  @inlinable package static var cwr: Self { Self(rawValue: 0x80) }
}

extension TCPFlags: CustomStringConvertible {
  /// One letter a flag, as tcpdump prints them.
  @usableFromInline package var description: String {
    let letters: [(Self, String)] = [
      (.fin, "F"), (.syn, "S"), (.rst, "R"), (.psh, "P"), (.ack, "."), (.urg, "U"), (.ece, "E"),
      (.cwr, "W"),
    ]
    return letters.filter { contains($0.0) }.map(\.1).joined()
  }
}

/// A read-only view of a TCP segment (RFC 9293 section 3.1).
///
/// ```
///  0        2        4          8          12    13    14      16        18      20
/// +--------+--------+----------+----------+-----+-----+-------+---------+-------+---------
/// |source  |destin. |sequence  |acknowl.  |off  |flags|window |checksum |urgent |options...
/// +--------+--------+----------+----------+-----+-----+-------+---------+-------+---------
/// ```
@frozen
@usableFromInline
package struct TCPSegment: ~Escapable {
  /// The length in bytes of the header without options.
  @inlinable package static var minimumHeaderLength: Int { 20 }

  /// Where the checksum lies in the header.
  @inlinable package static var checksumOffset: Int { 16 }

  @usableFromInline let bytes: RawSpan

  /// Views `bytes`, or `nil` if they are too short for the header that they announce.
  @inlinable
  @_lifetime(copy bytes)
  package init?(_ bytes: RawSpan) {
    guard bytes.byteCount >= Self.minimumHeaderLength else { return nil }
    let headerLength = Int(bytes.octet(at: 12) >> 4) * 4
    guard headerLength >= Self.minimumHeaderLength, headerLength <= bytes.byteCount
    else { return nil }
    self.bytes = bytes
  }

  @inlinable package var sourcePort: UInt16 { bytes.networkUInt16(at: 0) }
  @inlinable package var destinationPort: UInt16 { bytes.networkUInt16(at: 2) }
  @inlinable package var sequenceNumber: UInt32 { bytes.networkUInt32(at: 4) }
  @inlinable package var acknowledgmentNumber: UInt32 { bytes.networkUInt32(at: 8) }
  /// The length in bytes of the header with its options, 20-60.
  @inlinable package var headerLength: Int { Int(bytes.octet(at: 12) >> 4) * 4 }
  @inlinable package var flags: TCPFlags { TCPFlags(rawValue: bytes.octet(at: 13)) }
  @inlinable package var window: UInt16 { bytes.networkUInt16(at: 14) }
  @inlinable package var checksum: UInt16 { bytes.networkUInt16(at: 16) }

  /// The options in the order in which they stand.
  @inlinable package var options: TCPOptions {
    @_lifetime(copy self)
    get { TCPOptions(bytes.extracting(Self.minimumHeaderLength..<headerLength)) }
  }

  /// What follows the header.
  @inlinable package var payload: RawSpan {
    @_lifetime(copy self)
    get { bytes.extracting(droppingFirst: headerLength) }
  }
}

/// A view that changes a TCP segment.
@frozen
@usableFromInline
package struct MutableTCPSegment: ~Copyable, ~Escapable {
  @usableFromInline var bytes: MutableRawSpan

  /// Views `bytes`, or `nil` if they are shorter than a header without options.
  @inlinable
  @_lifetime(copy bytes)
  package init?(_ bytes: consuming MutableRawSpan) {
    guard bytes.byteCount >= TCPSegment.minimumHeaderLength else { return nil }
    self.bytes = bytes
  }

  @inlinable package var sourcePort: UInt16 {
    get { bytes.bytes.networkUInt16(at: 0) }
    @_lifetime(self: copy self)
    set { bytes.storeNetwork(newValue, at: 0) }
  }

  @inlinable package var destinationPort: UInt16 {
    get { bytes.bytes.networkUInt16(at: 2) }
    @_lifetime(self: copy self)
    set { bytes.storeNetwork(newValue, at: 2) }
  }

  @inlinable package var checksum: UInt16 {
    get { bytes.bytes.networkUInt16(at: 16) }
    @_lifetime(self: copy self)
    set { bytes.storeNetwork(newValue, at: 16) }
  }

  /// Adjusts the checksum to changed addresses (pseudo-header) and ports; a wrong one stays wrong.
  @inlinable
  @_lifetime(self: copy self)
  package mutating func adjustChecksum(
    _ kind: TransportChecksum, addresses: UInt64, ports: UInt64
  ) {
    checksum = InternetChecksum.updated(checksum, kind, addresses: addresses, ports: ports)
  }
}
