import Frames
import Wire

/// Cuts a GSO frame into its datagrams (`net/ipv4/udp_offload.c`, `__udp_gso_segment`) or segments
/// (`net/ipv4/tcp_offload.c`, `tcp_gso_segment`).
enum Segmentation {
  /// The frames of the datagrams, complete with lengths and checksums; identifications count up.
  static func datagrams(of frame: RawSpan, _ packet: Packet, size: Int) -> [[UInt8]] {
    let payloadStart = packet.transportOffset + UDPDatagram.headerLength
    guard size > 0, payloadStart < packet.frameLength else { return [] }
    let headers = [UInt8](copying: frame.extracting(first: payloadStart))
    let starts = stride(from: payloadStart, to: packet.frameLength, by: size)
    return starts.enumerated().map { number, start in
      let end = min(start + size, packet.frameLength)
      var datagram = headers + [UInt8](copying: frame.extracting(start..<end))
      datagram.withMutableRawSpan { bytes in
        complete(bytes, number: UInt16(truncatingIfNeeded: number), packet)
      }
      return datagram
    }
  }

  /// Sets what differs from datagram to datagram.
  static func complete(
    _ bytes: consuming MutableRawSpan, number: UInt16, _ packet: Packet
  ) {
    let start = EthernetFrame.headerLength
    let transport = packet.transportOffset
    let identification = bytes.bytes.networkUInt16(at: start + 4) &+ number
    bytes.storeNetwork(UInt16(bytes.byteCount - start), at: start + 2)
    bytes.storeNetwork(identification, at: start + 4)
    bytes.storeNetwork(0 as UInt16, at: start + 10)
    let header = InternetChecksum.checksum(of: bytes.bytes.extracting(start..<transport))
    bytes.storeNetwork(header, at: start + 10)
    bytes.storeNetwork(UInt16(bytes.byteCount - transport), at: transport + 4)
    bytes.storeNetwork(0 as UInt16, at: transport + UDPDatagram.checksumOffset)
    let pseudo = InternetChecksum.pseudoHeaderSum(
      source: IPv4Address(bytes.bytes, at: start + 12),
      destination: IPv4Address(bytes.bytes, at: start + 16), protocol: .udp,
      length: bytes.byteCount - transport)
    let checksum = ~InternetChecksum.sum(
      bytes.bytes.extracting(droppingFirst: transport), initial: pseudo)
    bytes.storeNetwork(
      checksum == 0 ? 0xffff : checksum, at: transport + UDPDatagram.checksumOffset)
  }

  /// Sets what differs from segment to segment of TCP; `offset` is where the segment's payload lies in
  /// that of all.
  static func complete(
    _ bytes: consuming MutableRawSpan, number: UInt16, offset: Int, isLast: Bool, _ packet: Packet
  ) {
    let start = EthernetFrame.headerLength
    let transport = packet.transportOffset
    let length = bytes.byteCount - transport
    let identification = bytes.bytes.networkUInt16(at: start + 4) &+ number
    bytes.storeNetwork(UInt16(bytes.byteCount - start), at: start + 2)
    bytes.storeNetwork(identification, at: start + 4)
    bytes.storeNetwork(0 as UInt16, at: start + 10)
    let header = InternetChecksum.checksum(of: bytes.bytes.extracting(start..<transport))
    bytes.storeNetwork(header, at: start + 10)
    let sequence = bytes.bytes.networkUInt32(at: transport + 4)
    bytes.storeNetwork(sequence &+ UInt32(truncatingIfNeeded: offset), at: transport + 4)
    var flags = packet.tcpFlags
    if !isLast { flags.subtract([.fin, .psh]) }
    if offset > 0 { flags.remove(.cwr) }
    bytes.storeOctet(flags.rawValue, at: transport + 13)
    bytes.storeNetwork(0 as UInt16, at: transport + TCPSegment.checksumOffset)
    let pseudo = InternetChecksum.pseudoHeaderSum(
      source: packet.source, destination: packet.destination, protocol: .tcp, length: length)
    let checksum = ~InternetChecksum.sum(
      bytes.bytes.extracting(droppingFirst: transport), initial: pseudo)
    bytes.storeNetwork(checksum, at: transport + TCPSegment.checksumOffset)
  }
}
