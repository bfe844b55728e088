package import Wire

/// Builds frames for tests, header by header.
///
/// ```
/// FrameBuilder.ethernet(from: gatewayMAC, to: outsideMAC)
///   .ipv4(from: client, to: virtual)
///   .tcp(from: 40000, to: 80, .syn)
///   .with(\.ip.timeToLive, 1)
///   .payload("GET /")
///   .frame()
/// ```
/// Lengths and checksums are right unless they are set; every field can be set, also to nonsense.
package struct FrameBuilder: Sendable {
  package var ethernet: Ethernet
  package var arp: ARP?
  package var ip = IP()
  package var transport: Transport?
  package var tcp = TCP()
  package var udp = UDP()
  package var icmp = ICMP()
  package var payload: [UInt8] = []
  /// Zeros are added until the frame has this many bytes.
  package var minimumLength = 0
  /// What the transport checksum field holds; `partial` also sets the virtio-net header.
  package var checksum = TransportChecksum.complete
  /// The payload bytes of each segment when the frame stands for several, or `nil`.
  package var segmentSize: UInt16?

  package enum Transport: Sendable {
    case tcp
    case udp
    case icmp
  }

  /// A frame that begins with an Ethernet header from `source` to `destination`.
  package static func ethernet(
    from source: MACAddress, to destination: MACAddress
  ) -> FrameBuilder {
    FrameBuilder(ethernet: Ethernet(source: source, destination: destination))
  }

  /// The same with one field set.
  package func with<Value>(
    _ field: WritableKeyPath<FrameBuilder, Value>, _ value: Value
  ) -> FrameBuilder {
    var copy = self
    copy[keyPath: field] = value
    return copy
  }
}

// MARK: - Headers

extension FrameBuilder {
  package struct Ethernet: Sendable {
    package var source: MACAddress
    package var destination: MACAddress
    /// `nil` for that of the content.
    package var type: EtherType?
    /// Tag type and tag control information, put before the type.
    package var tag: (EtherType, UInt16)?
  }

  package struct ARP: Sendable {
    package var fields: ARPFields
    package var hardwareType: UInt16 = 1
    package var protocolType: UInt16 = 0x0800
    package var hardwareLength: UInt8 = 6
    package var protocolLength: UInt8 = 4
    /// `nil` for that of `fields`.
    package var operation: UInt16?
  }

  package struct IP: Sendable {
    package var version: UInt8 = 4
    /// In 32-bit words; `nil` for the right one.
    package var headerWords: UInt8?
    package var typeOfService: UInt8 = 0
    /// `nil` for the right one.
    package var totalLength: UInt16?
    package var identification: UInt16 = 0x1c46
    package var dontFragment = true
    package var moreFragments = false
    /// In bytes, a multiple of 8.
    package var fragmentOffset = 0
    package var timeToLive: UInt8 = 64
    /// `nil` for that of the content.
    package var `protocol`: IPProtocol?
    /// `nil` for the right one.
    package var checksum: UInt16?
    package var source = IPv4Address.unspecified
    package var destination = IPv4Address.unspecified
    /// Filled with zeros to a multiple of 4.
    package var options: [UInt8] = []
  }

  package struct TCP: Sendable {
    package var source: UInt16 = 0
    package var destination: UInt16 = 0
    package var sequence: UInt32 = 0x1111_1111
    package var acknowledgment: UInt32 = 0
    /// In 32-bit words; `nil` for the right one.
    package var headerWords: UInt8?
    package var flags: TCPFlags = []
    package var window: UInt16 = 64240
    /// `nil` for the right one.
    package var checksum: UInt16?
    package var urgent: UInt16 = 0
    /// Filled with zeros to a multiple of 4.
    package var options: [UInt8] = []
  }

  package struct UDP: Sendable {
    package var source: UInt16 = 0
    package var destination: UInt16 = 0
    /// `nil` for the right one.
    package var length: UInt16?
    /// `nil` for the right one; 0 says that there is none.
    package var checksum: UInt16?
  }

  package struct ICMP: Sendable {
    package var type = ICMPv4Type.echoRequest
    package var code: UInt8 = 0
    /// `nil` for the right one.
    package var checksum: UInt16?
    package var rest: UInt32 = 0
  }
}

// MARK: - Fluent steps

extension FrameBuilder {
  package func arp(_ fields: ARPFields) -> FrameBuilder {
    with(\.arp, ARP(fields: fields))
  }

  package func ipv4(from source: IPv4Address, to destination: IPv4Address) -> FrameBuilder {
    with(\.ip.source, source).with(\.ip.destination, destination)
  }

  package func tcp(
    from source: UInt16, to destination: UInt16, _ flags: TCPFlags
  ) -> FrameBuilder {
    with(\.transport, .tcp).with(\.tcp.source, source).with(\.tcp.destination, destination)
      .with(\.tcp.flags, flags)
  }

  package func udp(from source: UInt16, to destination: UInt16) -> FrameBuilder {
    with(\.transport, .udp).with(\.udp.source, source).with(\.udp.destination, destination)
  }

  package func icmp(_ type: ICMPv4Type, code: UInt8 = 0, rest: UInt32 = 0) -> FrameBuilder {
    with(\.transport, .icmp).with(\.icmp, ICMP(type: type, code: code, rest: rest))
  }

  package func payload(_ bytes: [UInt8]) -> FrameBuilder { with(\.payload, bytes) }
  package func payload(_ text: String) -> FrameBuilder { with(\.payload, Array(text.utf8)) }

  /// A payload of `count` bytes that differ from their neighbours.
  package func payload(count: Int) -> FrameBuilder {
    with(\.payload, (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) })
  }

  /// The transport checksum is left to whoever sends the frame.
  package func partialChecksum() -> FrameBuilder { with(\.checksum, .partial) }

  /// The frame stands for segments of `size` payload bytes each; their checksums are partial.
  package func segmented(_ size: UInt16) -> FrameBuilder {
    partialChecksum().with(\.segmentSize, size)
  }
}
