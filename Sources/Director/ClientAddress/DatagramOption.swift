import Frames
import Wire

/// The option that tells a real server behind FullNAT which client a UDP flow is of.
///
/// ```
///  0     1        2     4         8
/// +-----+--------+-----+---------+
/// |31   |length 8|port |address  |
/// +-----+--------+-----+---------+
/// ```
struct DatagramOption: Equatable, Sendable {
  /// The client's.
  let port: UInt16
  let address: IPv4Address

  /// The length in bytes, here and in the form for addresses of version 6.
  static var length: Int { 8 }
  static var longLength: Int { 20 }

  /// The type of the option in an IP header.
  static var type: UInt8 { 31 }

  /// How many datagrams of a flow tell: the first ones may be lost.
  static var tellingCount: UInt8 { 3 }

  /// Where the option stands.
  enum Carrier: Equatable, Sendable {
    /// Behind the fixed part of the IP header, as option 31; a server that does not know it passes
    /// over it.
    case ipOption

    /// In a header of its own between IP and UDP, which makes the packet one of protocol 248; a
    /// server that does not know it refuses the packet.
    ///
    /// ```
    ///  0     1        2            4          12
    /// +-----+--------+------------+----------+
    /// |0x10 |next 17 |length 12   |option    |
    /// +-----+--------+------------+----------+
    /// ```
    case ownHeader

    /// What a packet becomes longer by, in bytes.
    var length: Int {
      switch self {
      case .ipOption: DatagramOption.length
      case .ownHeader: DatagramOption.length + 4
      }
    }
  }

  /// Writes the option at `offset` of `bytes`; traps past the end.
  func store(into bytes: inout MutableRawSpan, at offset: Int) {
    bytes.storeNetwork(0x1f08 as UInt16, at: offset)
    bytes.storeNetwork(port, at: offset + 2)
    address.store(into: &bytes, at: offset + 4)
  }

  /// Writes what the carrier needs at `offset` of `bytes`; traps past the end.
  func store(_ carrier: Carrier, into bytes: inout MutableRawSpan, at offset: Int) {
    guard carrier == .ownHeader else { return store(into: &bytes, at: offset) }
    // Of a client whose address is of version 4.
    bytes.storeOctet(0x10, at: offset)
    bytes.storeOctet(IPProtocol.udp.rawValue, at: offset + 1)
    bytes.storeNetwork(UInt16(carrier.length), at: offset + 2)
    store(into: &bytes, at: offset + 4)
  }
}

extension IPProtocol {
  /// The protocol of `DatagramOption.Carrier.ownHeader`.
  static let datagramOption = IPProtocol(rawValue: 248)
}

extension FrameBatch {
  /// Inserts `option` into the datagram at `index`; answers whether it was done.
  ///
  /// It is not, and the frame stays as it is, when the IP header or the packet would become too
  /// long, and when the datagrams that a GSO frame stands for would, which cannot be cut; a header
  /// between IP and UDP is none that a GSO frame can have. The option then goes ahead in a packet
  /// of its own (`DatagramOption.datagram(aheadOf:transport:_:)`). The checksum of UDP stays as
  /// right as it is, partial or complete: it covers neither. The frame becomes `carrier.length`
  /// bytes longer.
  ///
  /// The UDP header begins `transport` bytes behind the start of the frame.
  mutating func insert(
    _ option: DatagramOption, _ carrier: DatagramOption.Carrier, at index: Int,
    transport: Int = Field.transport, mtu: Int
  ) -> Bool {
    let count = carrier.length
    var offload = self[index].offload
    guard
      let lengths = DatagramLengths(
        readBytes(at: index), transport: transport,
        segmentSize: offload.isGSO ? Int(offload.gsoSize) : nil),
      lengths.longest + count <= mtu, lengths.total + count <= SegmentShape.packetLimit,
      roomBefore(index) >= count
    else { return false }
    switch carrier {
    case .ipOption:
      // The longest IP header has 60 bytes.
      guard transport - EthernetFrame.headerLength + count <= 60 else { return false }
    case .ownHeader:
      guard !offload.isGSO else { return false }
    }
    let place =
      carrier == .ipOption
      ? EthernetFrame.headerLength + IPv4Packet.minimumHeaderLength : transport
    openGap(count, behind: place, at: index)
    offload.moveTransport(by: count)
    self[index].offload = offload
    var bytes = self.bytes(at: index)
    option.store(carrier, into: &bytes, at: place)
    guard
      var header = MutableIPv4Packet(
        self.bytes(at: index, from: EthernetFrame.headerLength))
    else { return false }
    header.totalLength += UInt16(count)
    switch carrier {
    case .ipOption: header.takeIntoHeader(octets: count)
    case .ownHeader: header.protocol = .datagramOption
    }
    return true
  }
}

/// The lengths of a datagram in a frame, in bytes, read before something is inserted.
private struct DatagramLengths {
  /// Of the IP packet.
  let total: Int
  /// Of the longest IP packet that leaves in its place.
  let longest: Int

  /// Reads the headers of `frame`; `nil` when they are cut off, or UDP begins elsewhere.
  ///
  /// `segmentSize`: payload bytes of each datagram when the frame stands for several.
  init?(_ frame: RawSpan, transport: Int, segmentSize: Int?) {
    guard frame.byteCount >= transport + UDPDatagram.headerLength else { return nil }
    total = Int(frame.networkUInt16(at: EthernetFrame.headerLength + 2))
    let headers = transport - EthernetFrame.headerLength + UDPDatagram.headerLength
    longest = segmentSize.map { headers + $0 } ?? total
    guard
      Int(frame.octet(at: EthernetFrame.headerLength) & 0xf) * 4
        == transport - EthernetFrame.headerLength,
      total >= headers, EthernetFrame.headerLength + total <= frame.byteCount
    else { return nil }
  }
}

extension VirtioNetHeader {
  /// Notes that the transport header, and with it a partial checksum, lies `count` bytes further
  /// in.
  fileprivate mutating func moveTransport(by count: Int) {
    if flags.contains(.needsChecksum) {
      checksumStart = UInt16(clamping: Int(checksumStart) + count)
    }
    if headerLength > 0 { headerLength = UInt16(clamping: Int(headerLength) + count) }
  }
}

extension DatagramOption {
  /// The packet that carries the option and an empty datagram, to be sent before the one in
  /// `frame`, whose addresses, ports, type of service and time to live it has; `nil` when that is
  /// cut off.
  ///
  /// Options of the IP header are left out.
  func datagram(aheadOf frame: RawSpan, transport: Int, _ carrier: Carrier) -> [UInt8]? {
    guard frame.byteCount >= transport + UDPDatagram.headerLength else { return nil }
    let start = EthernetFrame.headerLength
    let place = start + IPv4Packet.minimumHeaderLength
    var ahead = [UInt8](copying: frame.extracting(first: place))
    ahead.append(contentsOf: repeatElement(0, count: carrier.length))
    ahead.append(contentsOf: [UInt8](copying: frame.extracting(transport..<transport + 4)))
    ahead.append(contentsOf: [0, UInt8(UDPDatagram.headerLength), 0, 0])
    ahead.withMutableRawSpan { bytes in
      var bytes = bytes
      store(carrier, into: &bytes, at: place)
      let isOption = carrier == .ipOption
      let words = (IPv4Packet.minimumHeaderLength + (isOption ? carrier.length : 0)) / 4
      bytes.storeOctet(0x40 | UInt8(words), at: start)
      bytes.storeNetwork(UInt16(bytes.byteCount - start), at: start + 2)
      let `protocol` = isOption ? IPProtocol.udp : .datagramOption
      bytes.storeOctet(`protocol`.rawValue, at: start + 9)
      bytes.storeNetwork(0 as UInt16, at: start + 10)
      bytes.storeNetwork(
        InternetChecksum.checksum(of: bytes.bytes.extracting(start..<start + words * 4)),
        at: start + 10)
      // Behind a header of its own UDP goes without, as nobody on the way could check it.
      if isOption { Self.complete(bytes, at: place + carrier.length) }
    }
    return ahead
  }

  /// Computes the checksum of the empty datagram at `offset` of `frame`.
  private static func complete(_ frame: consuming MutableRawSpan, at offset: Int) {
    let start = EthernetFrame.headerLength
    let pseudo = InternetChecksum.pseudoHeaderSum(
      source: IPv4Address(frame.bytes, at: start + 12),
      destination: IPv4Address(frame.bytes, at: start + 16), protocol: .udp,
      length: UDPDatagram.headerLength)
    let sum = ~InternetChecksum.sum(
      frame.bytes.extracting(droppingFirst: offset), initial: pseudo)
    frame.storeNetwork(sum == 0 ? 0xffff : sum, at: offset + UDPDatagram.checksumOffset)
  }
}
