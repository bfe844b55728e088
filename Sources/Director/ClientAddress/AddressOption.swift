import Frames
import Wire

/// The TCP option that tells a real server behind FullNAT who its client is.
///
/// ```
///  0     1        2     4         8
/// +-----+--------+-----+---------+
/// |kind |length 8|port |address  |
/// +-----+--------+-----+---------+
/// ```
struct AddressOption: Equatable, Sendable {
  /// 254, or another of the experimental kinds (RFC 4727) or those that vendors took.
  let kind: UInt8
  /// The client's.
  let port: UInt16
  let address: IPv4Address

  /// The length in bytes.
  static var length: Int { 8 }

  /// The longest TCP header.
  static var headerLimit: Int { 60 }

  /// Writes the option at `offset` of `bytes`; traps past the end.
  @inline(__always)
  func store(into bytes: inout MutableRawSpan, at offset: Int) {
    bytes.storeNetwork(firstWord, at: offset)
    bytes.storeNetwork(port, at: offset + 2)
    address.store(into: &bytes, at: offset + 4)
  }

  /// What the option adds to a sum.
  @inline(__always) var sum: UInt64 {
    UInt64(firstWord) &+ UInt64(port) &+ UInt64(address.rawValue)
  }

  @inline(__always) private var firstWord: UInt16 { UInt16(kind) << 8 | UInt16(Self.length) }
}

extension FrameBatch {
  /// Inserts `option` into the TCP segment at `index`, before all other options; answers whether it
  /// was done.
  ///
  /// It is not, and the frame stays as it is, when the header or the packet would become too long:
  /// a packet that leaves whole may have `mtu` bytes, and a GSO frame is cut into shorter segments,
  /// all of which carry the option. Lengths and checksums are kept; a wrong checksum stays wrong.
  /// The frame becomes `AddressOption.length` bytes longer.
  ///
  /// The TCP header begins `transport` bytes behind the start of the frame.
  mutating func insert(
    _ option: AddressOption, at index: Int, transport: Int = Field.transport, mtu: Int
  ) -> Bool {
    let count = AddressOption.length
    guard let shape = SegmentShape(readBytes(at: index), transport: transport),
      shape.headerLength + count <= AddressOption.headerLimit,
      shape.totalLength + count <= SegmentShape.packetLimit, roomBefore(index) >= count
    else { return false }
    var offload = self[index].offload
    guard offload.isGSO || shape.totalLength + count <= mtu,
      offload.growHeaders(by: count, to: shape.headersLength + count, mtu: mtu)
    else { return false }
    openGap(count, behind: transport + TCPSegment.minimumHeaderLength, at: index)
    self[index].offload = offload
    var bytes = self.bytes(at: index)
    option.store(into: &bytes, at: transport + TCPSegment.minimumHeaderLength)
    let old = bytes.bytes.networkUInt16(at: transport + 12)
    let new = old &+ UInt16(count / 4) << 12
    bytes.storeNetwork(new, at: transport + 12)
    lengthen(
      index, by: count, transport: transport, offload.transportChecksum(at: transport),
      change: InternetChecksum.change(from: old, to: new) &+ option.sum)
    return true
  }
}
