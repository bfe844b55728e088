import Frames
import Wire

extension Director {
  /// FullNAT: requests get the local endpoint as source and the real server as destination, replies
  /// the virtual service as source and the client as destination; sequence numbers are shifted.
  ///
  /// A wrong transport checksum stays wrong.
  mutating func rewriteFullNAT(
    _ packet: Packet, _ direction: Direction, _ connection: Int, _ index: Int,
    of batch: inout FrameBatch
  ) {
    let record = connections[connection].destination
    if packet.protocol == .udp {
      rewriteDatagram(packet, direction, connection, index, of: &batch)
    } else if direction == .outbound {
      rewriteReply(packet, connection, record, index, of: &batch)
    } else {
      rewriteRequest(packet, connection, record, index, of: &batch)
    }
    guard
      var header = MutableIPv4Packet(
        batch.bytes(at: index, from: EthernetFrame.headerLength))
    else { return }
    if direction == .outbound {
      header.source = forwarding[record].virtual.address
      header.destination = connections[connection].client
    } else {
      header.source = rawLocal(of: connection, record).endpoint.address
      header.destination = forwarding[record].real.address
      if forwarding[record].rules.clientAddress == .uoaOption {
        // A client's own option would speak for the director.
        for length in [DatagramOption.length, DatagramOption.longLength] {
          _ = header.overwriteOptions(type: DatagramOption.type, length: length)
        }
      }
    }
    header.timeToLive = packet.timeToLive - 1
  }

  /// What a server would hold against the next client with the same local endpoint goes from a SYN:
  /// timestamps, which are of other clocks, unless they are shifted, and what is bound to an address.
  private mutating func rewriteRequest(
    _ packet: Packet, _ connection: Int, _ record: RecordIndex, _ index: Int,
    of batch: inout FrameBatch
  ) {
    let kind = packet.transportChecksum
    // A stray SYN must not move the numbers of a connection that goes on.
    if packet.tcpFlags.contains(.syn), connections[connection].state == .synReceived {
      noteClientSequence(packet.sequenceNumber, at: connection)
    }
    guard var segment = MutableTCPSegment(batch.bytes(at: index, from: packet.transportOffset))
    else { return }
    if packet.tcpFlags.contains(.syn) {
      noteClientTimestamp(segment.timestamp, at: connection)
      _ = segment.overwriteOptions(forwarding[record].rules.overwrittenSYNOptions, kind)
    }
    segment.shiftTimestamp(by: translations[timestampShift: connection], kind)
    segment.setSequence(
      shiftedSequence(packet.sequenceNumber, of: connection, record), kind)
    segment.sourcePort = translations[connection].port.byteSwapped
    segment.destinationPort = forwarding[record].real.port
    segment.checksum = change(of: connection, .inbound).applied(to: segment.checksum, kind)
  }

  /// A SYN-ACK announces less, so that the client leaves room for the option that tells its address.
  private mutating func rewriteReply(
    _ packet: Packet, _ connection: Int, _ record: RecordIndex, _ index: Int,
    of batch: inout FrameBatch
  ) {
    let kind = packet.transportChecksum
    if packet.tcpFlags.isSuperset(of: [.syn, .ack]) {
      noteServerSequence(packet.sequenceNumber, at: connection)
    }
    guard var segment = MutableTCPSegment(batch.bytes(at: index, from: packet.transportOffset))
    else { return }
    shiftSelectiveAcks(of: &segment, connection, record, kind)
    if packet.tcpFlags.contains(.syn), forwarding[record].rules.clientAddress == .toa {
      segment.lowerSegmentSize(by: UInt16(AddressOption.length), kind)
    }
    if packet.tcpFlags.contains(.ack) {
      segment.shiftTimestampEcho(by: 0 &- translations[timestampShift: connection], kind)
      segment.setAcknowledgment(
        shiftedAcknowledgment(
          packet.acknowledgmentNumber, by: translations[connection].shift, of: connection, record),
        kind)
    }
    segment.sourcePort = forwarding[record].virtual.port
    segment.destinationPort = connections[connection].key.client.port
    segment.checksum = change(of: connection, .outbound).applied(to: segment.checksum, kind)
  }

  private func rewriteDatagram(
    _ packet: Packet, _ direction: Direction, _ connection: Int, _ index: Int,
    of batch: inout FrameBatch
  ) {
    let record = connections[connection].destination
    let isReply = direction == .outbound
    let source =
      isReply ? forwarding[record].virtual : local(of: connection)
    let destination =
      isReply ? connections[connection].key.client : forwarding[record].real
    guard
      var datagram = MutableUDPDatagram(batch.bytes(at: index, from: packet.transportOffset))
    else { return }
    datagram.sourcePort = source.port
    datagram.destinationPort = destination.port
    if packet.lacksChecksum {
      datagram.computeChecksum(source: source.address, destination: destination.address)
    } else {
      let change = change(of: connection, direction)
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
