import Frames
import TestSupport
import Wire

extension Composition {
  /// The frame as two or three fragments, in an order that `reader` chooses; the frame itself if it
  /// holds no IPv4 packet that can be cut.
  static func fragments(of seed: SeedFrame, _ reader: inout InputReader) -> [SeedFrame] {
    let choice = reader.octet()
    guard let ethernet = EthernetFrame(seed.frame.bytes.rawSpan), ethernet.etherType == .ipv4,
      let packet = IPv4Packet(ethernet.payload), !packet.isFragment,
      seed.frame.offload == VirtioNetHeader()
    else { return [seed] }
    let payload = packet.payload.octets
    let length = max(8, (Int(choice & 0x3f) * 8) % max(8, payload.count))
    var cuts = [0, length, choice & 0x40 == 0 ? payload.count : 2 * length, payload.count]
    cuts = Array(Set(cuts.filter { $0 <= payload.count })).sorted()
    let header = Array(seed.frame.bytes.prefix(EthernetFrame.headerLength + packet.headerLength))
    let pieces = zip(cuts, cuts.dropFirst()).map { start, end in
      var frame = TestFrame(header + payload[start..<end])
      let fields = UInt16(start / 8) | (end < payload.count ? 0x2000 : 0)
      frame.bytes[20] = UInt8(fields >> 8)
      frame.bytes[21] = UInt8(fields & 0xff)
      let total = header.count - EthernetFrame.headerLength + end - start
      frame.bytes[16] = UInt8(total >> 8)
      frame.bytes[17] = UInt8(total & 0xff)
      FrameMending.mend(&frame, wholly: false)
      return SeedFrame(port: seed.port, frame: frame)
    }
    return choice & 0x80 == 0 ? pieces : pieces.reversed()
  }
}
