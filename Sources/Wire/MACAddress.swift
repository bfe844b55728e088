/// An Ethernet address (IEEE 802 EUI-48), held as a 48-bit integer.
@frozen
@usableFromInline
package struct MACAddress: Hashable, Sendable {
  /// The address as an integer: 02:00:00:00:00:10 is 0x0200_0000_0010.
  ///
  /// The upper 16 bits are 0.
  @usableFromInline package var rawValue: UInt64

  /// The address with the lower 48 bits of `rawValue`.
  @inlinable
  package init(rawValue: UInt64) {
    self.rawValue = rawValue & 0xffff_ffff_ffff
  }

  /// ff:ff:ff:ff:ff:ff, every station on the link.
  @inlinable package static var broadcast: Self { Self(rawValue: 0xffff_ffff_ffff) }

  /// 00:00:00:00:00:00, "not known" in ARP.
  @inlinable package static var zero: Self { Self(rawValue: 0) }

  /// Whether the group bit is set; broadcast counts.
  @inlinable package var isMulticast: Bool { rawValue >> 40 & 1 == 1 }

  /// Whether a station may have this address: neither a group nor all zero.
  @inlinable package var isStation: Bool { !isMulticast && rawValue != 0 }
}

extension MACAddress: LosslessStringConvertible {
  @usableFromInline package var description: String {
    var text = ""
    for shift in stride(from: UInt64(40), through: 0, by: -8) {
      let octet = rawValue >> shift & 0xff
      text += (octet < 16 ? "0" : "") + String(octet, radix: 16) + (shift > 0 ? ":" : "")
    }
    return text
  }

  /// Reads six two-digit hexadecimal numbers with colons; `nil` for any other form.
  @usableFromInline package init?(_ description: String) {
    let parts = description.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 6 else { return nil }
    var value: UInt64 = 0
    for part in parts {
      guard part.utf8.count == 2, part.allSatisfy(\.isHexDigit), let octet = UInt8(part, radix: 16)
      else { return nil }
      value = value << 8 | UInt64(octet)
    }
    rawValue = value
  }
}

extension MACAddress {
  /// The address at `offset` of `bytes`; traps past the end.
  @inlinable
  package init(_ bytes: RawSpan, at offset: Int) {
    rawValue =
      UInt64(bytes.networkUInt16(at: offset)) << 32 | UInt64(bytes.networkUInt32(at: offset + 2))
  }

  /// Stores the address at `offset` of `bytes`; traps past the end.
  @inlinable
  package func store(into bytes: inout MutableRawSpan, at offset: Int) {
    bytes.storeNetwork(UInt16(truncatingIfNeeded: rawValue >> 32), at: offset)
    bytes.storeNetwork(UInt32(truncatingIfNeeded: rawValue), at: offset + 2)
  }
}
