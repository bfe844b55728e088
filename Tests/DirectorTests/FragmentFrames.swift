import Frames
import TestSupport
import Wire

extension TestFrame {
  /// The packet in fragments whose payloads have these lengths; the last one takes the rest.
  ///
  /// All get the header as it stands, the flag that forbids fragmentation included. Lengths are
  /// multiples of 8.
  func fragments(_ lengths: [Int]) -> [TestFrame] {
    let headerEnd = EthernetFrame.headerLength + Int(bytes[14] & 15) * 4
    var fragments: [TestFrame] = []
    var start = headerEnd
    for length in lengths + [bytes.count] where start < bytes.count {
      let end = min(bytes.count, start + length)
      var header = Array(bytes[..<headerEnd])
      let total = UInt16(headerEnd - EthernetFrame.headerLength + end - start)
      let place = UInt16((start - headerEnd) / 8) | (end < bytes.count ? 0x2000 : 0)
      header.store(total, at: 16)
      header.store(place | UInt16(bytes[20] & 0x40) << 8, at: 20)
      header.store(0, at: 24)
      header.store(InternetChecksum.checksum(of: Array(header[14...]).rawSpan), at: 24)
      fragments.append(TestFrame(header + bytes[start..<end]))
      start = end
    }
    return fragments
  }

  /// The packet in fragments of up to `limit` bytes as IP packets.
  func fragments(limit: Int) -> [TestFrame] {
    let headerLength = Int(bytes[14] & 15) * 4
    guard bytes.count - EthernetFrame.headerLength > limit else { return [self] }
    let length = (limit - headerLength) & ~7
    var lengths: [Int] = []
    var left = bytes.count - EthernetFrame.headerLength - headerLength
    while left > limit - headerLength {
      lengths.append(length)
      left -= length
    }
    return fragments(lengths)
  }

  /// The length of the IP packet in bytes.
  var packetLength: Int { bytes.count - EthernetFrame.headerLength }
}

extension [UInt8] {
  fileprivate mutating func store(_ value: UInt16, at offset: Int) {
    self[offset] = UInt8(value >> 8)
    self[offset + 1] = UInt8(value & 0xff)
  }
}

extension UsualDirector {
  /// Gives the director frames one after the other; answers the verdicts and what it sends of its own.
  @discardableResult
  func receive(
    eachOf frames: some Sequence<TestFrame>, port: PortIndex = .wan
  ) -> (verdicts: [Verdict], originated: [Sent]) {
    var verdicts: [Verdict] = []
    var originated: [Sent] = []
    for frame in frames {
      let result = receive([Sent(port: port, frame: frame)])
      verdicts.append(result.outcomes[0].verdict)
      originated += result.originated
    }
    return (verdicts, originated)
  }
}
