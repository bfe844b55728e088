import Frames
import TestSupport
import Wire

extension TestFrame {
  /// Changes the frame in one way that `reader` chooses.
  mutating func mutate(_ reader: inout InputReader, others: [SeedFrame]) {
    switch reader.below(12) {
    case 0...2: setOctet(reader.octet(), at: Int(reader.octet() & 0x3f))
    case 3: flipBit(Int(reader.octet() & 7), at: Int(reader.octet() & 0x7f))
    case 4:
      setWord(
        reader.pick([0, 1, 19, 20, 28, 40, 576, 1500, 0x7fff, 0xffff]), at: lengthField(&reader))
    case 5: setWord(reader.word(), at: lengthField(&reader))
    case 6: bytes.removeLast(min(bytes.count, Int(reader.octet())))
    case 7: bytes += [UInt8](repeating: reader.octet(), count: Int(reader.octet()))
    case 8: exchangeEnds()
    case 9: splice(reader.pick(others).frame.bytes, at: Int(reader.octet() & 0x3f))
    case 10: setFragment(reader.octet())
    default: mutateOffload(&reader)
    }
  }

  private mutating func setOctet(_ octet: UInt8, at offset: Int) {
    if offset < bytes.count { bytes[offset] = octet }
  }

  private mutating func flipBit(_ bit: Int, at offset: Int) {
    if offset < bytes.count { bytes[offset] ^= 1 << UInt8(bit) }
  }

  private mutating func setWord(_ word: UInt16, at offset: Int) {
    guard offset + 1 < bytes.count else { return }
    bytes[offset] = UInt8(word >> 8)
    bytes[offset + 1] = UInt8(word & 0xff)
  }

  /// Where a length stands, or a port, an identification, a checksum.
  private func lengthField(_ reader: inout InputReader) -> Int {
    reader.pick([16, 16, 38, 46, 18, 20, 24, 34, 36, 40, 50])
  }

  /// The other's tail behind one's own head.
  private mutating func splice(_ other: [UInt8], at offset: Int) {
    bytes = Array(bytes.prefix(offset)) + other.dropFirst(offset)
  }

  /// Makes the packet a fragment: offset in the lower five bits, in units of 8 bytes.
  private mutating func setFragment(_ choice: UInt8) {
    guard bytes.count >= 34 else { return }
    setWord(UInt16(choice & 0x1f) | (choice & 0x80 == 0 ? 0x2000 : 0), at: 20)
  }

  private mutating func mutateOffload(_ reader: inout InputReader) {
    switch reader.below(8) {
    case 0: offload.flags = VirtioNetHeader.Flags(rawValue: reader.octet())
    case 1: offload.gsoType = VirtioNetHeader.GSOType(rawValue: reader.octet())
    case 2: offload.gsoSize = reader.word()
    case 3: offload.checksumStart = reader.word()
    case 4: offload.checksumOffset = reader.word()
    case 5: offload.headerLength = reader.word()
    case 6: offload.gsoType = reader.pick([.tcpIPv4, .udp, .tcpIPv6])
    default: offload = reader.pick(SeedFrame.all).frame.offload
    }
  }
}

/// Makes damaged packets pass the checks that would hide what lies behind them.
enum FrameMending {
  /// The packet with version, lengths and header checksum as they should be.
  static func mendingIPv4(_ packet: [UInt8]) -> [UInt8] {
    guard packet.count >= 20 else { return packet }
    var copy = packet
    let words = min(max(5, Int(copy[0] & 15)), packet.count / 4)
    copy[0] = 0x40 | UInt8(words)
    let length = max(words * 4, min(Int(copy[2]) << 8 | Int(copy[3]), copy.count))
    (copy[2], copy[3]) = (UInt8(length >> 8), UInt8(length & 0xff))
    (copy[10], copy[11]) = (0, 0)
    let header = Array(copy.prefix(words * 4))
    let checksum = InternetChecksum.checksum(of: header.rawSpan)
    (copy[10], copy[11]) = (UInt8(checksum >> 8), UInt8(checksum & 0xff))
    return copy
  }

  /// The frame with its IPv4 header checksum put right; if `wholly`, its lengths, too.
  static func mend(_ frame: inout TestFrame, wholly: Bool) {
    guard frame.bytes.count >= 34 else { return }
    if wholly {
      frame.bytes.replaceSubrange(14..., with: mendingIPv4(Array(frame.bytes[14...])))
      return
    }
    let end = min(14 + Int(frame.bytes[14] & 15) * 4, frame.bytes.count)
    guard end >= 34 else { return }
    (frame.bytes[24], frame.bytes[25]) = (0, 0)
    let header = Array(frame.bytes[14..<end])
    let checksum = InternetChecksum.checksum(of: header.rawSpan)
    (frame.bytes[24], frame.bytes[25]) = (UInt8(checksum >> 8), UInt8(checksum & 0xff))
  }
}
