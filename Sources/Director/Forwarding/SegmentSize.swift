import Frames
import Wire

extension Director {
  /// Lowers the maximum segment size that a SYN announces to what its virtual service allows
  /// (RFC 9293 section 3.7.1); it is never raised, and no option is added.
  func clampSegmentSize(
    _ packet: Packet, _ record: RecordIndex, _ nextHop: NextHop, _ index: Int,
    of batch: inout FrameBatch
  ) {
    guard packet.tcpFlags.contains(.syn),
      let clamp = services[forwarding[record].service].segmentSizeClamp
    else { return }
    let limit: Int
    switch clamp {
    case .size(let size): limit = size
    case .automatic:
      let portMTU = ports[batch[index].port.index].mtu
      let mtu = min(portMTU, routes.nextHop(to: packet.source)?.mtu ?? portMTU, nextHop.mtu)
      limit = mtu - IPv4Packet.minimumHeaderLength - TCPSegment.minimumHeaderLength
    }
    guard var segment = MutableTCPSegment(batch.bytes(at: index, from: packet.transportOffset))
    else { return }
    segment.lowerSegmentSize(to: UInt16(clamping: limit), packet.transportChecksum)
  }
}
