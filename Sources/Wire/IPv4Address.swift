/// An IPv4 address, held in host byte order.
@frozen
@usableFromInline
package struct IPv4Address: Hashable, Sendable {
  /// The address as a host-order integer: 192.0.2.1 is 0xc000_0201.
  @usableFromInline package var rawValue: UInt32

  @inlinable
  package init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// The address a.b.c.d.
  @inlinable
  package init(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) {
    rawValue = UInt32(a) << 24 | UInt32(b) << 16 | UInt32(c) << 8 | UInt32(d)
  }

  /// 0.0.0.0, "this host" (RFC 1122 section 3.2.1.3).
  @inlinable package static var unspecified: Self { Self(rawValue: 0) }

  /// 255.255.255.255, every host on the link.
  @inlinable package static var broadcast: Self { Self(rawValue: 0xffff_ffff) }

  /// 224.0.0.0/4.
  @inlinable package var isMulticast: Bool { rawValue >> 28 == 0xe }

  /// 127.0.0.0/8.
  @inlinable package var isLoopback: Bool { rawValue >> 24 == 127 }

  /// Whether a host may send from this address: not 0.0.0.0/8, loopback, multicast, or 240.0.0.0/4.
  @inlinable
  package var isUnicastHost: Bool {
    rawValue >> 24 != 0 && !isLoopback && rawValue >> 28 < 0xe
  }
}

extension IPv4Address: LosslessStringConvertible {
  @usableFromInline package var description: String {
    "\(rawValue >> 24).\(rawValue >> 16 & 0xff).\(rawValue >> 8 & 0xff).\(rawValue & 0xff)"
  }

  /// Reads four decimal numbers with dots; `nil` for any other form, leading zeros included.
  @usableFromInline package init?(_ description: String) {
    let parts = description.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var value: UInt32 = 0
    for part in parts {
      guard let octet = Self.decimalOctet(part) else { return nil }
      value = value << 8 | UInt32(octet)
    }
    rawValue = value
  }

  /// The number 0-255 in `text`, which has no sign, space or leading zero.
  private static func decimalOctet(_ text: Substring) -> UInt8? {
    let digits = text.utf8
    guard (1...3).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }),
      digits.count == 1 || digits.first != 0x30
    else { return nil }
    return UInt8(text)
  }
}

extension IPv4Address {
  /// The address at `offset` of `bytes`; traps past the end.
  @inlinable
  package init(_ bytes: RawSpan, at offset: Int) {
    rawValue = bytes.networkUInt32(at: offset)
  }

  /// Stores the address at `offset` of `bytes`; traps past the end.
  @inlinable
  package func store(into bytes: inout MutableRawSpan, at offset: Int) {
    bytes.storeNetwork(rawValue, at: offset)
  }
}
