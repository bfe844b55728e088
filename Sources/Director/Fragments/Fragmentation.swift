import Frames
import Wire

/// Cuts an IP packet into fragments (RFC 791 section 3.2, RFC 815).
enum Fragmentation {
  /// The frames of the fragments of the packet in `frame`, each at most `mtu` bytes long as an IP packet
  /// and no longer than the fragments that it came in.
  ///
  /// The flag that forbids fragmentation is kept: the packet came in fragments then. Options that are
  /// not to be copied stand in the first fragment only; the others have no-operation in their place
  /// (`net/ipv4/ip_options.c`, `ip_options_fragment`).
  static func fragments(of frame: RawSpan, _ packet: Packet, mtu: Int) -> [[UInt8]] {
    let limit = packet.largestFragment > 0 ? min(mtu, packet.largestFragment) : mtu
    return fragments(
      of: frame.extracting(first: packet.frameLength), headerEnd: packet.transportOffset,
      limit: limit, dontFragment: packet.dontFragment)
  }

  /// The frames of the fragments of the packet that `frame` ends with, whose header ends at `headerEnd`,
  /// each at most `limit` bytes long as an IP packet.
  static func fragments(
    of frame: RawSpan, headerEnd: Int, limit: Int, dontFragment: Bool
  ) -> [[UInt8]] {
    let headerLength = headerEnd - EthernetFrame.headerLength
    let payloadLimit = max(8, limit - headerLength)
    var header = [UInt8](copying: frame.extracting(first: headerEnd))
    var fragments: [[UInt8]] = []
    var start = headerEnd
    while start < frame.byteCount {
      var length = min(payloadLimit, frame.byteCount - start)
      let isLast = start + length == frame.byteCount
      if !isLast { length &= ~7 }
      setFields(
        of: &header, payloadLength: length, offset: start - headerEnd, hasMore: !isLast,
        dontFragment: dontFragment)
      fragments.append(
        header + [UInt8](copying: frame.extracting(start..<start + length)))
      if fragments.count == 1 { blankUncopiedOptions(of: &header) }
      start += length
    }
    return fragments
  }

  private static func setFields(
    of header: inout [UInt8], payloadLength: Int, offset: Int, hasMore: Bool, dontFragment: Bool
  ) {
    header.withMutableRawSpan { bytes in
      var bytes = bytes
      let start = EthernetFrame.headerLength
      let flags: UInt16 = (dontFragment ? 0x4000 : 0) | (hasMore ? 0x2000 : 0)
      bytes.storeNetwork(UInt16(bytes.byteCount - start + payloadLength), at: start + 2)
      bytes.storeNetwork(flags | UInt16(offset / 8), at: start + 6)
      bytes.storeNetwork(0 as UInt16, at: start + 10)
      let checksum = InternetChecksum.checksum(
        of: bytes.bytes.extracting(droppingFirst: start))
      bytes.storeNetwork(checksum, at: start + 10)
    }
  }

  /// Replaces the options without the copied flag (RFC 791 section 3.1) by no-operation.
  private static func blankUncopiedOptions(of header: inout [UInt8]) {
    let noOperation: UInt8 = 1
    var offset = EthernetFrame.headerLength + IPv4Packet.minimumHeaderLength
    while offset < header.count {
      let kind = header[offset]
      if kind == 0 { return }
      if kind == noOperation {
        offset += 1
        continue
      }
      guard offset + 1 < header.count, header[offset + 1] >= 2 else { return }
      let end = min(header.count, offset + Int(header[offset + 1]))
      if kind & 0x80 == 0 {
        for place in offset..<end { header[place] = noOperation }
      }
      offset = end
    }
  }
}
