/// The one's-complement checksum of IPv4, TCP, UDP and ICMP (RFC 1071), and its incremental update.
@usableFromInline
package enum InternetChecksum {
  /// The 16-bit one's-complement sum of `bytes`, continued from `initial`; an odd last byte counts
  /// as the upper half of a word.
  ///
  /// Not complemented. Cost: one load for each 4 bytes.
  @inlinable
  package static func sum(_ bytes: RawSpan, initial: UInt16 = 0) -> UInt16 {
    var total = UInt64(initial)
    var offset = 0
    let end = bytes.byteCount
    while offset <= end - 4 {
      total &+= UInt64(bytes.networkUInt32(at: offset))
      offset &+= 4
    }
    if offset <= end - 2 {
      total &+= UInt64(bytes.networkUInt16(at: offset))
      offset &+= 2
    }
    if offset < end {
      total &+= UInt64(bytes.octet(at: offset)) << 8
    }
    return fold(total)
  }

  /// The checksum to store for `bytes`, whose own checksum field holds 0.
  @inlinable
  package static func checksum(of bytes: RawSpan) -> UInt16 {
    ~sum(bytes)
  }

  /// The sum of the pseudo-header of TCP and UDP (RFC 9293 section 3.1): addresses, protocol and
  /// the length in bytes of header and payload.
  ///
  /// Not complemented: this is also what the checksum field of a frame with a partial checksum
  /// holds.
  @inlinable
  package static func pseudoHeaderSum(
    source: IPv4Address, destination: IPv4Address, protocol: IPProtocol, length: Int
  ) -> UInt16 {
    fold(
      UInt64(source.rawValue) &+ UInt64(destination.rawValue) &+ UInt64(`protocol`.rawValue)
        &+ UInt64(length))
  }

  /// The 16-bit one's-complement sum of the words of `total`.
  @inlinable
  package static func fold(_ total: UInt64) -> UInt16 {
    var sum = (total & 0xffff_ffff) &+ (total >> 32)
    sum = (sum & 0xffff) &+ (sum >> 16)
    sum = (sum & 0xffff) &+ (sum >> 16)
    sum = (sum & 0xffff) &+ (sum >> 16)
    return UInt16(truncatingIfNeeded: sum)
  }

  /// What a change of one 16-bit word adds to a sum: `~old + new` (RFC 1624 equation 3).
  @inlinable
  package static func change(from old: UInt16, to new: UInt16) -> UInt64 {
    UInt64(~old) &+ UInt64(new)
  }

  /// What a change of one 32-bit address adds to a sum.
  @inlinable
  package static func change(from old: IPv4Address, to new: IPv4Address) -> UInt64 {
    UInt64(~old.rawValue) &+ UInt64(new.rawValue)
  }

  /// The complete checksum after `change` (RFC 1624 equation 3).
  @inlinable
  package static func updated(_ checksum: UInt16, by change: UInt64) -> UInt16 {
    ~fold(UInt64(~checksum) &+ change)
  }

  /// The partial checksum, a sum that is not complemented, after `change`.
  @inlinable
  package static func updatedPartial(_ sum: UInt16, by change: UInt64) -> UInt16 {
    fold(UInt64(sum) &+ change)
  }
}

/// What the checksum field of a TCP or UDP header holds.
@frozen
@usableFromInline
package enum TransportChecksum: Equatable, Sendable {
  /// The complement of the sum over pseudo-header, header and payload; right or wrong as it came.
  case complete

  /// The sum over the pseudo-header alone, not complemented; whoever sends the frame completes it.
  case partial
}

extension InternetChecksum {
  /// A checksum field after the pseudo-header changed by `addresses` and the header by `ports`.
  ///
  /// A partial checksum covers the pseudo-header only, so that ports leave it alone.
  @inlinable
  package static func updated(
    _ field: UInt16, _ kind: TransportChecksum, addresses: UInt64, ports: UInt64
  ) -> UInt16 {
    switch kind {
    case .complete: updated(field, by: addresses &+ ports)
    case .partial: updatedPartial(field, by: addresses)
    }
  }
}
