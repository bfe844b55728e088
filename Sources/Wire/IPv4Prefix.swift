/// A network: an address and how many of its leading bits count.
@frozen
@usableFromInline
package struct IPv4Prefix: Hashable, Sendable {
  /// The first address of the network; bits past `length` are 0.
  @usableFromInline package let network: IPv4Address

  /// The number of leading bits that count, 0-32.
  @usableFromInline package let length: Int

  /// The network of `length` bits that holds `address`; traps for a length outside 0-32.
  @inlinable
  package init(_ address: IPv4Address, length: Int) {
    precondition(0...32 ~= length)
    network = IPv4Address(rawValue: address.rawValue & Self.mask(length))
    self.length = length
  }

  /// The bits of a network of `length` bits: 24 is 0xffff_ff00.
  @inlinable
  package static func mask(_ length: Int) -> UInt32 {
    length == 0 ? 0 : ~0 << UInt32(32 - length)
  }

  /// 0.0.0.0/0, every address.
  @inlinable package static var everything: Self { Self(.unspecified, length: 0) }

  /// Whether `address` lies in the network.
  @inlinable
  package func contains(_ address: IPv4Address) -> Bool {
    address.rawValue & Self.mask(length) == network.rawValue
  }

  /// The address with all host bits set; for lengths 31 and 32 there is none (RFC 3021).
  @inlinable
  package var directedBroadcast: IPv4Address? {
    length >= 31 ? nil : IPv4Address(rawValue: network.rawValue | ~Self.mask(length))
  }
}

extension IPv4Prefix: LosslessStringConvertible {
  @usableFromInline package var description: String { "\(network)/\(length)" }

  /// Reads `a.b.c.d/n`; `nil` for any other form, and when bits past the first n are not 0.
  @usableFromInline package init?(_ description: String) {
    guard let address = IPv4InterfaceAddress(description),
      address.prefix.network == address.address
    else { return nil }
    self = address.prefix
  }
}

/// An address of an interface together with the network that it is in, as in `192.168.0.1/24`.
@frozen
@usableFromInline
package struct IPv4InterfaceAddress: Hashable, Sendable {
  /// The interface's own address.
  @usableFromInline package let address: IPv4Address

  /// The network that is reached without a router.
  @usableFromInline package let prefix: IPv4Prefix

  /// `address` in its network of `length` bits (0-32).
  @inlinable
  package init(_ address: IPv4Address, length: Int) {
    self.address = address
    prefix = IPv4Prefix(address, length: length)
  }
}

extension IPv4InterfaceAddress: LosslessStringConvertible {
  @usableFromInline package var description: String { "\(address)/\(prefix.length)" }

  /// Reads `a.b.c.d/n`; `nil` for any other form, leading zeros included.
  @usableFromInline package init?(_ description: String) {
    let parts = description.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let address = IPv4Address(String(parts[0])),
      let length = Int(parts[1]), 0...32 ~= length, String(length) == parts[1]
    else { return nil }
    self.init(address, length: length)
  }
}
