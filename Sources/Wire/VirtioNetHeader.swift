/// The virtio-net header that stands before a frame on a TAP with `IFF_VNET_HDR`
/// (`linux/virtio_net.h`), in the order of this machine.
///
/// ```
///  0      1         2              4         6               8                10          12
/// +------+---------+--------------+---------+---------------+----------------+-----------+
/// |flags |GSO type |header length |GSO size |checksum start |checksum offset |(buffers)  |
/// +------+---------+--------------+---------+---------------+----------------+-----------+
/// ```
/// The last field exists only in the 12-byte form and means nothing on a TAP. Of segments in a UDP tunnel
/// (Linux 6.17, `struct virtio_net_hdr_v1_hash_tunnel`) it goes on, the last two little-endian:
///
/// ```
///  12                20             22             24
/// +-----------------+--------------+--------------+
/// |(hash, report)   |outer UDP at  |inner IP at   |
/// +-----------------+--------------+--------------+
/// ```
@frozen
@usableFromInline
package struct VirtioNetHeader: Equatable, Sendable {
  @usableFromInline package var flags: Flags
  @usableFromInline package var gsoType: GSOType
  /// Ethernet, IP and transport header together, in bytes; a hint, on reads it may be larger.
  @usableFromInline package var headerLength: UInt16
  /// Payload bytes of each segment.
  @usableFromInline package var gsoSize: UInt16
  /// Where the checksum's range begins, in bytes from the start of the frame.
  @usableFromInline package var checksumStart: UInt16
  /// Where the checksum is stored, in bytes from `checksumStart`: TCP 16, UDP 6.
  @usableFromInline package var checksumOffset: UInt16
  /// Of segments in a UDP tunnel: where the outer UDP header and the inner IP header begin, in bytes from
  /// the start of the frame; else 0.
  @usableFromInline package var outerTransportStart: UInt16 = 0
  @usableFromInline package var innerNetworkStart: UInt16 = 0

  /// The length in bytes without the last field, which keeps the IP header 4-byte aligned.
  @inlinable package static var length: Int { 10 }

  /// The length in bytes of the form that can say "in a UDP tunnel".
  @inlinable package static var tunnelLength: Int { 24 }

  @frozen
  @usableFromInline
  package struct Flags: OptionSet, Hashable, Sendable {
    @usableFromInline package let rawValue: UInt8

    @inlinable
    package init(rawValue: UInt8) {
      self.rawValue = rawValue
    }

    /// The checksum field holds a partial sum.
    @inlinable package static var needsChecksum: Self { Self(rawValue: 1) }
    /// The checksum field is complete and was verified.
    @inlinable package static var dataValid: Self { Self(rawValue: 2) }
    /// Of segments in a UDP tunnel: the outer checksum field, too, holds a partial sum.
    @inlinable package static var tunnelChecksum: Self { Self(rawValue: 8) }
  }

  @frozen
  @usableFromInline
  package struct GSOType: RawRepresentable, Hashable, Sendable {
    @usableFromInline package var rawValue: UInt8

    @inlinable
    package init(rawValue: UInt8) {
      self.rawValue = rawValue
    }

    @inlinable package static var none: Self { Self(rawValue: 0) }
    @inlinable package static var tcpIPv4: Self { Self(rawValue: 1) }
    @inlinable package static var tcpIPv6: Self { Self(rawValue: 4) }
    /// UDP segmentation: each segment is a datagram of its own.
    @inlinable package static var udp: Self { Self(rawValue: 5) }

    /// The segments of this type in UDP over IPv4.
    @inlinable package var inUDPTunnel: Self { Self(rawValue: rawValue | 0x20) }

    /// Whether the segments are in a UDP tunnel, over IPv4 or IPv6.
    @inlinable package var isInUDPTunnel: Bool { rawValue & 0x60 != 0 }

    /// The type without the ECN bit (0x80), which marks the first segment's CWR.
    @inlinable package var withoutECN: Self { Self(rawValue: rawValue & 0x7f) }
  }

  /// A frame that is whole and whose checksums are complete.
  @inlinable
  package init() {
    flags = []
    gsoType = .none
    headerLength = 0
    gsoSize = 0
    checksumStart = 0
    checksumOffset = 0
  }

  /// Reads the first 10 bytes of `bytes`, of segments in a UDP tunnel 24, or `nil` if they are fewer.
  @inlinable
  package init?(_ bytes: RawSpan) {
    guard bytes.byteCount >= Self.length else { return nil }
    flags = Flags(rawValue: bytes.octet(at: 0))
    gsoType = GSOType(rawValue: bytes.octet(at: 1))
    headerLength = bytes.nativeUInt16(at: 2)
    gsoSize = bytes.nativeUInt16(at: 4)
    checksumStart = bytes.nativeUInt16(at: 6)
    checksumOffset = bytes.nativeUInt16(at: 8)
    guard gsoType.isInUDPTunnel else { return }
    guard bytes.byteCount >= Self.tunnelLength else { return nil }
    outerTransportStart = UInt16(littleEndian: bytes.nativeUInt16(at: 20))
    innerNetworkStart = UInt16(littleEndian: bytes.nativeUInt16(at: 22))
  }

  /// Writes the header over the first 10 bytes of `bytes`; traps if they are fewer.
  @inlinable
  package func store(into bytes: inout MutableRawSpan) {
    bytes.storeOctet(flags.rawValue, at: 0)
    bytes.storeOctet(gsoType.rawValue, at: 1)
    bytes.storeNative(headerLength, at: 2)
    bytes.storeNative(gsoSize, at: 4)
    bytes.storeNative(checksumStart, at: 6)
    bytes.storeNative(checksumOffset, at: 8)
  }

  /// Writes the form of 24 bytes over the first of `bytes`; traps if they are fewer.
  @inlinable
  package func storeWithTunnel(into bytes: inout MutableRawSpan) {
    store(into: &bytes)
    // Neither buffers nor a hash mean anything on a TAP.
    bytes.storeNative(0, at: 10)
    bytes.storeNative(0, at: 12)
    bytes.storeNative(0, at: 14)
    bytes.storeNative(0, at: 16)
    bytes.storeNative(0, at: 18)
    bytes.storeNative(outerTransportStart.littleEndian, at: 20)
    bytes.storeNative(innerNetworkStart.littleEndian, at: 22)
  }

  /// What the transport checksum field holds.
  @inlinable package var transportChecksum: TransportChecksum {
    flags.contains(.needsChecksum) ? .partial : .complete
  }

  /// Whether the frame stands for several segments.
  @inlinable package var isGSO: Bool { gsoType.withoutECN != .none }
}
