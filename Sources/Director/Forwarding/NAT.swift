import Frames
import Wire

extension Director {
  /// NAT: requests get the real server as destination, replies the virtual service as source; the
  /// client's endpoint stays as it is.
  ///
  /// A wrong transport checksum stays wrong.
  func rewriteNAT(
    _ packet: Packet, _ direction: Direction, _ record: RecordIndex, _ index: Int,
    of batch: inout FrameBatch
  ) {
    rewriteAddresses(packet, direction, record, index, of: &batch)
    rewritePorts(packet, direction, record, index, of: &batch)
  }

  /// The IP header: one address, the time to live, the header checksum.
  private func rewriteAddresses(
    _ packet: Packet, _ direction: Direction, _ record: RecordIndex, _ index: Int,
    of batch: inout FrameBatch
  ) {
    guard
      var header = MutableIPv4Packet(
        batch.bytes(at: index, from: EthernetFrame.headerLength))
    else { return }
    if direction == .outbound {
      header.source = forwarding[record].virtual.address
    } else {
      header.destination = forwarding[record].real.address
    }
    header.timeToLive = packet.timeToLive - 1
  }

  /// The transport header: one port, the checksum.
  private func rewritePorts(
    _ packet: Packet, _ direction: Direction, _ record: RecordIndex, _ index: Int,
    of batch: inout FrameBatch
  ) {
    let isReply = direction == .outbound
    let addresses =
      isReply ? forwarding[record].outboundAddresses : forwarding[record].inboundAddresses
    let ports = isReply ? forwarding[record].outboundPorts : forwarding[record].inboundPorts
    let transport = batch.bytes(at: index, from: packet.transportOffset)
    if packet.protocol == .tcp {
      guard var segment = MutableTCPSegment(transport) else { return }
      if isReply {
        segment.sourcePort = forwarding[record].virtual.port
      } else {
        segment.destinationPort = forwarding[record].real.port
      }
      segment.adjustChecksum(packet.transportChecksum, addresses: addresses, ports: ports)
    } else {
      guard var datagram = MutableUDPDatagram(transport) else { return }
      if isReply {
        datagram.sourcePort = forwarding[record].virtual.port
      } else {
        datagram.destinationPort = forwarding[record].real.port
      }
      if packet.lacksChecksum {
        // As `ip_vs` does; leaving 0 would be as right (RFC 3022 section 4.1).
        datagram.computeChecksum(
          source: isReply ? forwarding[record].virtual.address : packet.source,
          destination: isReply ? packet.destination : forwarding[record].real.address)
      } else {
        datagram.adjustChecksum(packet.transportChecksum, addresses: addresses, ports: ports)
      }
    }
  }
}
