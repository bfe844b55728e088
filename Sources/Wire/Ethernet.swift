/// What an Ethernet frame carries (IEEE 802.3 clause 3.2.6).
@frozen
@usableFromInline
package struct EtherType: RawRepresentable, Hashable, Sendable {
  @usableFromInline package var rawValue: UInt16

  @inlinable
  package init(rawValue: UInt16) {
    self.rawValue = rawValue
  }

  @inlinable package static var ipv4: Self { Self(rawValue: 0x0800) }
  @inlinable package static var arp: Self { Self(rawValue: 0x0806) }
  /// A customer VLAN tag (IEEE 802.1Q).
  @inlinable package static var vlan: Self { Self(rawValue: 0x8100) }
  /// A service VLAN tag (IEEE 802.1ad).
  @inlinable package static var serviceVLAN: Self { Self(rawValue: 0x88a8) }
  @inlinable package static var ipv6: Self { Self(rawValue: 0x86dd) }

  /// Whether four bytes of VLAN tag follow instead of the payload.
  @inlinable package var isVLANTag: Bool { self == .vlan || self == .serviceVLAN }
}

/// A read-only view of an Ethernet II frame without its frame check sequence.
///
/// ```
///  0             6             12          14
/// +-------------+-------------+-----------+----------
/// |destination  |source       |EtherType  |payload...
/// +-------------+-------------+-----------+----------
/// ```
@frozen
@usableFromInline
package struct EthernetFrame: ~Escapable {
  /// The length in bytes of the header.
  @inlinable package static var headerLength: Int { 14 }

  @usableFromInline let bytes: RawSpan

  /// Views `bytes`, or `nil` if they are shorter than the header.
  @inlinable
  @_lifetime(copy bytes)
  package init?(_ bytes: RawSpan) {
    guard bytes.byteCount >= Self.headerLength else { return nil }
    self.bytes = bytes
  }

  @inlinable package var destination: MACAddress { MACAddress(bytes, at: 0) }
  @inlinable package var source: MACAddress { MACAddress(bytes, at: 6) }
  @inlinable package var etherType: EtherType {
    EtherType(rawValue: bytes.networkUInt16(at: 12))
  }

  /// What follows the header, padding to 60 bytes included.
  @inlinable package var payload: RawSpan {
    @_lifetime(copy self)
    get { bytes.extracting(droppingFirst: Self.headerLength) }
  }
}

/// A view that changes an Ethernet II frame.
@frozen
@usableFromInline
package struct MutableEthernetFrame: ~Copyable, ~Escapable {
  @usableFromInline var bytes: MutableRawSpan

  /// Views `bytes`, or `nil` if they are shorter than the header.
  @inlinable
  @_lifetime(copy bytes)
  package init?(_ bytes: consuming MutableRawSpan) {
    guard bytes.byteCount >= EthernetFrame.headerLength else { return nil }
    self.bytes = bytes
  }

  @inlinable package var destination: MACAddress {
    get { MACAddress(bytes.bytes, at: 0) }
    @_lifetime(self: copy self)
    set { newValue.store(into: &bytes, at: 0) }
  }

  @inlinable package var source: MACAddress {
    get { MACAddress(bytes.bytes, at: 6) }
    @_lifetime(self: copy self)
    set { newValue.store(into: &bytes, at: 6) }
  }

  @inlinable package var etherType: EtherType {
    get { EtherType(rawValue: bytes.bytes.networkUInt16(at: 12)) }
    @_lifetime(self: copy self)
    set { bytes.storeNetwork(newValue.rawValue, at: 12) }
  }
}
