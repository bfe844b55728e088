package import Wire

/// What has to be done to a packet that comes out of a tunnel before the kernel gets it.
package enum InnerPacket {
  /// Marks the packet at `offset` of `bytes` as having met congestion (RFC 3168 section 5) and keeps
  /// its header's sum.
  package static func mark(_ bytes: inout MutableRawSpan, at offset: Int) {
    let old = bytes.bytes.networkUInt16(at: offset)
    bytes.storeNetwork(old | 3, at: offset)
    let sum = InternetChecksum.updated(
      bytes.bytes.networkUInt16(at: offset + 10),
      by: InternetChecksum.change(from: old, to: old | 3))
    bytes.storeNetwork(sum, at: offset + 10)
  }

  /// The header to put before `packet`, a whole IPv4 packet, on its way into the kernel.
  ///
  /// A sender on this machine leaves a transport checksum to its network card, and a socket sees it
  /// unfinished: the sum of the pseudo-header alone. Such a packet is passed on as what it is; the
  /// kernel would drop it otherwise. One that is wrong in another way stays wrong.
  package static func header(for packet: RawSpan) -> VirtioNetHeader {
    var header = VirtioNetHeader()
    guard let view = IPv4Packet(packet), !view.isFragment,
      let offset = checksumOffset(view.protocol), view.payload.byteCount >= offset + 2
    else { return header }
    let field = view.payload.networkUInt16(at: offset)
    let pseudo = InternetChecksum.pseudoHeaderSum(
      source: view.source, destination: view.destination, protocol: view.protocol,
      length: view.payload.byteCount)
    guard field == pseudo, InternetChecksum.sum(view.payload, initial: pseudo) != 0xffff else {
      return header
    }
    header.flags = .needsChecksum
    header.checksumStart = UInt16(view.headerLength)
    header.checksumOffset = UInt16(offset)
    return header
  }

  private static func checksumOffset(_ transport: IPProtocol) -> Int? {
    switch transport {
    case .tcp: 16
    case .udp: 6
    default: nil
    }
  }
}
