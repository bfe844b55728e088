import Frames

/// Reads the packets of a classic capture file of Ethernet frames, of either byte order.
package struct PcapReader: Sendable {
  private let bytes: [UInt8]
  private let isSwapped: Bool
  private let fractionsPerSecond: UInt64
  private var offset: Int

  /// Reads the header of the file whose contents are `bytes`.
  package init(_ bytes: [UInt8]) throws(PcapError) {
    self.bytes = bytes
    let length = PcapFormat.fileHeaderLength
    guard bytes.count >= length else {
      throw PcapError(
        offset: bytes.count, message: "the file ends within its header of \(length) bytes")
    }
    let magic = bytes.bigEndianUInt32(at: 0)
    switch (magic, magic.byteSwapped) {
    case (PcapFormat.microsecondMagic, _): (isSwapped, fractionsPerSecond) = (false, 1_000_000)
    case (PcapFormat.nanosecondMagic, _): (isSwapped, fractionsPerSecond) = (false, 1_000_000_000)
    case (_, PcapFormat.microsecondMagic): (isSwapped, fractionsPerSecond) = (true, 1_000_000)
    case (_, PcapFormat.nanosecondMagic): (isSwapped, fractionsPerSecond) = (true, 1_000_000_000)
    default:
      throw PcapError(
        offset: 0, message: "\(magic.hexadecimal) is not the magic number of a classic pcap file")
    }
    offset = length
    let version = number(at: 4)
    let major = isSwapped ? version & 0xffff : version >> 16
    guard major == UInt32(PcapFormat.majorVersion) else {
      throw PcapError(offset: 4, message: "version \(major) of the format; wanted is 2")
    }
    // The upper bits say whether frames end in a checksum.
    let linkType = number(at: 20)
    guard linkType & 0xffff == PcapFormat.ethernetLinkType else {
      throw PcapError(
        offset: 20, message: "link type \(linkType & 0xffff); wanted is 1, Ethernet")
    }
    guard linkType >> 28 & 1 == 0 else {
      throw PcapError(offset: 20, message: "frames with their checksums; wanted are such without")
    }
  }

  /// The next packet, or `nil` at the end of the file.
  package mutating func next() throws(PcapError) -> PcapRecord? {
    let left = bytes.count - offset
    guard left > 0 else { return nil }
    guard left >= PcapFormat.recordHeaderLength else {
      throw PcapError(offset: offset, message: "the file ends within a packet's header")
    }
    let seconds = UInt64(number(at: offset))
    let fraction = UInt64(number(at: offset + 4))
    let length = Int(number(at: offset + 8))
    let originalLength = Int(number(at: offset + 12))
    guard fraction < fractionsPerSecond else {
      throw PcapError(
        offset: offset + 4, message: "\(fraction) of \(fractionsPerSecond) parts of a second")
    }
    guard length <= FrameBatch.maximumFrameLength else {
      throw PcapError(
        offset: offset + 8,
        message: "a packet of \(length) bytes; at most \(FrameBatch.maximumFrameLength) are wanted")
    }
    guard length <= originalLength else {
      throw PcapError(
        offset: offset + 12, message: "\(length) bytes kept of a packet of \(originalLength)")
    }
    let start = offset + PcapFormat.recordHeaderLength
    guard length <= bytes.count - start else {
      throw PcapError(
        offset: bytes.count,
        message: "the file ends within a packet: \(bytes.count - start) of \(length) bytes")
    }
    offset = start + length
    return PcapRecord(
      time: seconds * 1_000_000_000 + fraction * (1_000_000_000 / fractionsPerSecond),
      bytes: [UInt8](bytes[start..<offset]), originalLength: originalLength)
  }

  /// All packets of the file whose contents are `bytes`.
  package static func records(in bytes: [UInt8]) throws(PcapError) -> [PcapRecord] {
    var reader = try Self(bytes)
    var records: [PcapRecord] = []
    while let record = try reader.next() { records.append(record) }
    return records
  }

  private func number(at offset: Int) -> UInt32 {
    let value = bytes.bigEndianUInt32(at: offset)
    return isSwapped ? value.byteSwapped : value
  }
}

extension [UInt8] {
  /// The number in network order at `offset`; traps past the end.
  fileprivate func bigEndianUInt32(at offset: Int) -> UInt32 {
    self[offset..<(offset + 4)].reduce(0) { $0 << 8 | UInt32($1) }
  }
}

extension UInt32 {
  fileprivate var hexadecimal: String { "0x" + String(self, radix: 16) }
}
