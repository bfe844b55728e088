/// A read-only view of a UDP datagram (RFC 768), trimmed to its length field.
///
/// ```
///  0        2        4        6         8
/// +--------+--------+--------+---------+-----------
/// |source  |destin. |length  |checksum |payload...
/// +--------+--------+--------+---------+-----------
/// ```
@frozen
@usableFromInline
package struct UDPDatagram: ~Escapable {
  /// The length in bytes of the header.
  @inlinable package static var headerLength: Int { 8 }

  /// Where the checksum lies in the header.
  @inlinable package static var checksumOffset: Int { 6 }

  @usableFromInline let bytes: RawSpan

  /// Views `bytes`, or `nil` if they are shorter than the header or than the length field says.
  @inlinable
  @_lifetime(copy bytes)
  package init?(_ bytes: RawSpan) {
    guard bytes.byteCount >= Self.headerLength else { return nil }
    let length = Int(bytes.networkUInt16(at: 4))
    guard length >= Self.headerLength, length <= bytes.byteCount else { return nil }
    self.bytes = bytes.extracting(first: length)
  }

  @inlinable package var sourcePort: UInt16 { bytes.networkUInt16(at: 0) }
  @inlinable package var destinationPort: UInt16 { bytes.networkUInt16(at: 2) }
  /// The length in bytes of header and payload.
  @inlinable package var length: Int { bytes.byteCount }
  /// The checksum; 0 when the sender computed none.
  @inlinable package var checksum: UInt16 { bytes.networkUInt16(at: 6) }

  /// What follows the header.
  @inlinable package var payload: RawSpan {
    @_lifetime(copy self)
    get { bytes.extracting(droppingFirst: Self.headerLength) }
  }
}

/// A view that changes a UDP datagram.
@frozen
@usableFromInline
package struct MutableUDPDatagram: ~Copyable, ~Escapable {
  @usableFromInline var bytes: MutableRawSpan

  /// Views `bytes`, or `nil` if they are shorter than the header.
  @inlinable
  @_lifetime(copy bytes)
  package init?(_ bytes: consuming MutableRawSpan) {
    guard bytes.byteCount >= UDPDatagram.headerLength else { return nil }
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
    get { bytes.bytes.networkUInt16(at: 6) }
    @_lifetime(self: copy self)
    set { bytes.storeNetwork(newValue, at: 6) }
  }

  /// Adjusts the checksum to changed addresses (pseudo-header) and ports; a wrong one stays wrong.
  ///
  /// The caller must not adjust a complete checksum of 0, which says that there is none. A result
  /// of 0 is stored as 0xffff (RFC 768).
  @inlinable
  @_lifetime(self: copy self)
  package mutating func adjustChecksum(
    _ kind: TransportChecksum, addresses: UInt64, ports: UInt64
  ) {
    let new = InternetChecksum.updated(checksum, kind, addresses: addresses, ports: ports)
    checksum = kind == .complete && new == 0 ? 0xffff : new
  }

  /// Computes the checksum over the bytes that the length field tells, at most all of the view.
  ///
  /// Cost: the datagram's length.
  @inlinable
  @_lifetime(self: copy self)
  package mutating func computeChecksum(source: IPv4Address, destination: IPv4Address) {
    checksum = 0
    let length = min(Int(bytes.bytes.networkUInt16(at: 4)), bytes.byteCount)
    let pseudo = InternetChecksum.pseudoHeaderSum(
      source: source, destination: destination, protocol: .udp, length: length)
    let new = ~InternetChecksum.sum(bytes.bytes.extracting(first: length), initial: pseudo)
    checksum = new == 0 ? 0xffff : new
  }
}
