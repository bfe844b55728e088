import Frames
import Wire

extension Director {
  /// FullNAT: requests get the local endpoint as source and the real server as destination, replies
  /// the virtual service as source and the client as destination; sequence numbers are shifted.
  ///
  /// A wrong transport checksum stays wrong.
  mutating func rewriteFullNAT(
    _ packet: Packet, _ connection: Int, _ index: Int, of batch: inout FrameBatch
  ) {
    let record = connections[connection].destination
    if packet.protocol == .tcp {
      rewriteSegment(packet, connection, index, of: &batch)
    } else {
      rewriteDatagram(packet, connection, index, of: &batch)
    }
    let other = translations[connection].rawEndpoint.endpoint.address
    guard
      var header = MutableIPv4Packet(
        batch.bytes(at: index, from: EthernetFrame.headerLength))
    else { return }
    if forwarding[record].isReplyHalf {
      header.source = forwarding[record].virtual.address
      header.destination = other
    } else {
      header.source = other
      header.destination = forwarding[record].real.address
    }
    header.timeToLive = packet.timeToLive - 1
  }

  private mutating func rewriteSegment(
    _ packet: Packet, _ connection: Int, _ index: Int, of batch: inout FrameBatch
  ) {
    let record = connections[connection].destination
    let translation = translations[connection]
    let kind = packet.transportChecksum
    let isReply = forwarding[record].isReplyHalf
    guard var segment = MutableTCPSegment(batch.bytes(at: index, from: packet.transportOffset))
    else { return }
    if isReply {
      if packet.tcpFlags.contains(.ack) {
        segment.shiftAcknowledgment(by: 0 &- translation.shift, kind)
      }
      segment.sourcePort = forwarding[record].virtual.port
      segment.destinationPort = translation.rawEndpoint.endpoint.port
    } else {
      segment.shiftSequence(by: translation.shift, kind)
      segment.sourcePort = translation.rawEndpoint.endpoint.port
      segment.destinationPort = forwarding[record].real.port
    }
    segment.checksum = translation.change.applied(to: segment.checksum, kind)
  }

  private func rewriteDatagram(
    _ packet: Packet, _ connection: Int, _ index: Int, of batch: inout FrameBatch
  ) {
    let record = connections[connection].destination
    let other = translations[connection].rawEndpoint.endpoint
    let isReply = forwarding[record].isReplyHalf
    let source = isReply ? forwarding[record].virtual : other
    let destination = isReply ? other : forwarding[record].real
    guard
      var datagram = MutableUDPDatagram(batch.bytes(at: index, from: packet.transportOffset))
    else { return }
    datagram.sourcePort = source.port
    datagram.destinationPort = destination.port
    if packet.lacksChecksum {
      datagram.computeChecksum(source: source.address, destination: destination.address)
    } else {
      let change = translations[connection].change
      let sum = change.applied(to: datagram.checksum, packet.transportChecksum)
      datagram.checksum = sum == 0 && packet.transportChecksum == .complete ? 0xffff : sum
    }
  }
}

extension ChecksumChange {
  /// The transport checksum field, in host order, after the change.
  func applied(to field: UInt16, _ kind: TransportChecksum) -> UInt16 {
    switch kind {
    case .complete: transport.applied(to: field.byteSwapped).byteSwapped
    case .partial: ~partial.applied(to: ~field.byteSwapped).byteSwapped
    }
  }
}
