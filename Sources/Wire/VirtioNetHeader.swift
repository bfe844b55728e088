/// The virtio-net header that stands before a frame on a TAP with `IFF_VNET_HDR`
/// (`linux/virtio_net.h`), in the order of this machine.
///
/// ```
///  0      1         2              4         6               8                10          12
/// +------+---------+--------------+---------+---------------+----------------+-----------+
/// |flags |GSO type |header length |GSO size |checksum start |checksum offset |(buffers)  |
/// +------+---------+--------------+---------+---------------+----------------+-----------+
/// ```
/// The last field exists only in the 12-byte form and means nothing on a TAP.
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

  /// The length in bytes without the last field, which keeps the IP header 4-byte aligned.
  @inlinable package static var length: Int { 10 }

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

  /// Reads the first 10 bytes of `bytes`, or `nil` if they are fewer.
  @inlinable
  package init?(_ bytes: RawSpan) {
    guard bytes.byteCount >= Self.length else { return nil }
    flags = Flags(rawValue: bytes.octet(at: 0))
    gsoType = GSOType(rawValue: bytes.octet(at: 1))
    headerLength = bytes.nativeUInt16(at: 2)
    gsoSize = bytes.nativeUInt16(at: 4)
    checksumStart = bytes.nativeUInt16(at: 6)
    checksumOffset = bytes.nativeUInt16(at: 8)
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

  /// What the transport checksum field holds.
  @inlinable package var transportChecksum: TransportChecksum {
    flags.contains(.needsChecksum) ? .partial : .complete
  }

  /// Whether the frame stands for several segments.
  @inlinable package var isGSO: Bool { gsoType.withoutECN != .none }
}
