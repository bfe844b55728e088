import Frames
import Wire

/// The header of the PROXY protocol, version 2, for TCP over IPv4, which tells a real server who
/// its client is.
///
/// ```
///  0           12        13            14         16       20       24     26     28
/// +-----------+---------+-------------+----------+--------+--------+------+------+
/// |signature  |0x21     |0x11         |length 12 |client  |virtual |port  |port  |
/// |           |version 2|TCP over IPv4|          |address |address |      |      |
/// +-----------+---------+-------------+----------+--------+--------+------+------+
/// ```
/// It stands before the client's first byte; what that does to sequence numbers is told by
/// `InsertedPayload`.
struct ProxyHeader: Equatable, Sendable {
  let client: Endpoint
  /// What the client connected to.
  let virtual: Endpoint

  /// The length in bytes.
  static var length: Int { 28 }

  private static var signature: (UInt32, UInt32, UInt32) { (0x0d0a_0d0a, 0x000d_0a51, 0x5549_540a) }
  private static var versionToLength: UInt32 { 0x2111_000c }

  /// What is inserted into a connection whose client's first byte has the number `first`.
  @inline(__always)
  static func inserted(before first: UInt32, isAcknowledged: Bool) -> InsertedPayload {
    InsertedPayload(first: first, length: UInt32(length), isAcknowledged: isAcknowledged)
  }

  /// Writes the header at `offset` of `bytes`; traps past the end.
  func store(into bytes: inout MutableRawSpan, at offset: Int) {
    bytes.storeNetwork(Self.signature.0, at: offset)
    bytes.storeNetwork(Self.signature.1, at: offset + 4)
    bytes.storeNetwork(Self.signature.2, at: offset + 8)
    bytes.storeNetwork(Self.versionToLength, at: offset + 12)
    client.address.store(into: &bytes, at: offset + 16)
    virtual.address.store(into: &bytes, at: offset + 20)
    bytes.storeNetwork(client.port, at: offset + 24)
    bytes.storeNetwork(virtual.port, at: offset + 26)
  }

  /// What the header adds to a sum.
  var sum: UInt64 {
    UInt64(Self.signature.0) &+ UInt64(Self.signature.1) &+ UInt64(Self.signature.2)
      &+ UInt64(Self.versionToLength) &+ UInt64(client.address.rawValue)
      &+ UInt64(virtual.address.rawValue) &+ UInt64(client.port) &+ UInt64(virtual.port)
  }
}

extension FrameBatch {
  /// Inserts `header` before the payload of the TCP segment at `index`; answers whether it was
  /// done.
  ///
  /// It is not, and the frame stays as it is, when the packet would become longer than `mtu`: the
  /// header then goes ahead in a segment of its own (`ProxyHeader.segment(aheadOf:transport:)`). A
  /// GSO frame is cut at other places, into segments as short as before. Lengths and checksums are
  /// kept; a wrong checksum stays wrong. The frame becomes `ProxyHeader.length` bytes longer.
  ///
  /// The TCP header begins `transport` bytes behind the start of the frame.
  mutating func insert(
    _ header: ProxyHeader, at index: Int, transport: Int = Field.transport, mtu: Int
  ) -> Bool {
    let count = ProxyHeader.length
    let offload = self[index].offload
    guard let shape = SegmentShape(readBytes(at: index), transport: transport),
      shape.totalLength + count <= (offload.isGSO ? SegmentShape.packetLimit : mtu),
      shape.totalLength + count <= SegmentShape.packetLimit, roomBefore(index) >= count
    else { return false }
    let payload = transport + shape.headerLength
    openGap(count, behind: payload, at: index)
    var bytes = self.bytes(at: index)
    header.store(into: &bytes, at: payload)
    var change = header.sum
    if shape.flags.contains(.urg) {
      // It counts from the sequence number, which stays.
      let old = bytes.bytes.networkUInt16(at: transport + 18)
      let new = UInt16(clamping: Int(old) + count)
      bytes.storeNetwork(new, at: transport + 18)
      change &+= InternetChecksum.change(from: old, to: new)
    }
    lengthen(
      index, by: count, transport: transport, offload.transportChecksum(at: transport),
      change: change)
    return true
  }
}

extension ProxyHeader {
  /// The segment that carries the header alone, to be sent before the one in `frame`, whose
  /// sequence number is then to be raised by the header's length; checksums are complete.
  ///
  /// Addresses, ports, numbers and options are those of `frame`. `nil` when its checksum is wrong,
  /// since the error would be lost, and when it is cut off.
  func segment(aheadOf frame: RawSpan, transport: Int, _ kind: TransportChecksum) -> [UInt8]? {
    guard let shape = SegmentShape(frame, transport: transport) else { return nil }
    let source = IPv4Address(frame, at: EthernetFrame.headerLength + 12)
    let destination = IPv4Address(frame, at: EthernetFrame.headerLength + 16)
    let segment = frame.extracting(transport..<EthernetFrame.headerLength + shape.totalLength)
    let sum = InternetChecksum.sum(
      segment,
      initial: InternetChecksum.pseudoHeaderSum(
        source: source, destination: destination, protocol: .tcp, length: segment.byteCount))
    guard kind == .partial || sum == 0xffff else { return nil }
    let start = EthernetFrame.headerLength
    let payload = transport + shape.headerLength
    var ahead = [UInt8](copying: frame.extracting(first: payload))
    ahead.append(contentsOf: repeatElement(0, count: Self.length))
    ahead.withMutableRawSpan { bytes in
      var bytes = bytes
      store(into: &bytes, at: payload)
      bytes.storeNetwork(UInt16(bytes.byteCount - start), at: start + 2)
      bytes.storeNetwork(0 as UInt16, at: start + 10)
      bytes.storeNetwork(
        InternetChecksum.checksum(of: bytes.bytes.extracting(start..<transport)), at: start + 10)
      bytes.storeOctet(TCPFlags.ack.rawValue, at: transport + 13)
      bytes.storeNetwork(0 as UInt32, at: transport + TCPSegment.checksumOffset)
      let pseudo = InternetChecksum.pseudoHeaderSum(
        source: source, destination: destination, protocol: .tcp,
        length: bytes.byteCount - transport)
      let complete = ~InternetChecksum.sum(
        bytes.bytes.extracting(droppingFirst: transport), initial: pseudo)
      bytes.storeNetwork(complete, at: transport + TCPSegment.checksumOffset)
    }
    return ahead
  }
}
