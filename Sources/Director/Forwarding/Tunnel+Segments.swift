import Frames
import Neighbors
import Wire

// Segments that cannot go into a tunnel as one frame (`Superframe.swift`) are made here, and each is
// wrapped.

extension Director {
  /// Sends the segments or datagrams of the GSO frame at `index`, whose time to live is lowered already,
  /// through the tunnel of `record`, each on its own.
  mutating func dispatchSegments(
    _ packet: Packet, of key: ConnectionKey, throughTunnelOf record: RecordIndex, _ index: Int,
    of batch: borrowing FrameBatch, outbox: inout FrameBatch, at now: Instant
  ) -> Verdict {
    let offload = batch[index].offload
    let wanted: VirtioNetHeader.GSOType = packet.protocol == .tcp ? .tcpIPv4 : .udp
    guard packet.protocol != .icmp, offload.gsoType.withoutECN == wanted, offload.gsoSize > 0
    else { return .drop(.transportMalformed) }
    let mtu = forwarding[record].requestMTU
    var size = Int(offload.gsoSize)
    if packet.protocol == .tcp, packet.exceeds(mtu) {
      // Segments that do not exist yet are made shorter rather than fragmented.
      size = mtu - packet.headersLength
      guard size >= 8 else { return .drop(.mtuExceeded) }
    }
    let headersEnd = EthernetFrame.headerLength + packet.headersLength
    var number: UInt16 = 0
    var start = headersEnd
    repeat {
      let end = min(start + size, packet.frameLength)
      let piece = Piece(
        range: start..<end, number: number, offset: start - headersEnd,
        isLast: end == packet.frameLength)
      let verdict = send(
        piece, of: packet, key, record, from: batch.readBytes(at: index), outbox: &outbox, at: now)
      if case .drop = verdict { return verdict }
      number &+= 1
      start = end
    } while start < packet.frameLength
    return .absorb
  }

  /// Sends one segment or datagram of the GSO frame `frame`.
  private mutating func send(
    _ piece: Piece, of packet: Packet, _ key: ConnectionKey, _ record: RecordIndex,
    from frame: RawSpan,
    outbox: inout FrameBatch, at now: Instant
  ) -> Verdict {
    let nextHop = forwarding[record].nextHop
    let neighbor = forwarding[record].neighbor
    let length = packet.headersLength + piece.range.count
    if neighbor >= 0, arp.neighbors.adjacencies[neighbor].isUsable,
      length <= forwarding[record].requestMTU
    {
      guard outbox.append(piece, of: packet, from: frame, port: nextHop.port)
      else { return .drop(.outboxFull) }
      let place = outbox.count - 1
      wrap(
        place, of: &outbox, packetLength: length, headersLength: packet.headersLength, record, key)
      address(place, of: &outbox, to: neighbor, by: nextHop.port)
      return .transmit(nextHop.port)
    }
    // What waits for the next hop already goes to the outbox, too, which cannot be lent twice.
    var spare = spareForSending.take() ?? FrameBatch(frameLimit: 1, byteBudget: 1)
    spare.removeAll()
    var verdict = Verdict.drop(.outboxFull)
    if spare.append(piece, of: packet, from: frame, port: nextHop.port) {
      verdict = sendSpare(
        &spare, packet, length: length, of: key, record, outbox: &outbox, at: now)
    }
    spareForSending = consume spare
    return verdict
  }

  /// Sends the one segment or datagram of `spare`, whose next hop is not known, or which has to be
  /// fragmented.
  private mutating func sendSpare(
    _ spare: inout FrameBatch, _ packet: Packet, length: Int, of key: ConnectionKey,
    _ record: RecordIndex, outbox: inout FrameBatch, at now: Instant
  ) -> Verdict {
    guard length <= forwarding[record].requestMTU else {
      guard case .whole(let part) = Packet.read(spare.readBytes(at: 0), offload: VirtioNetHeader())
      else { return .drop(.transportMalformed) }
      return dispatchOuterFragments(
        part, of: key, record, 0, of: &spare, outbox: &outbox, at: now)
    }
    wrap(
      0, of: &spare, packetLength: length, headersLength: packet.headersLength, record, key)
    let nextHop = forwarding[record].nextHop
    let verdict = arp.use(
      nextHop.address, port: nextHop.port, index: 0, of: &spare, outbox: &outbox,
      drops: &counters.drops, at: now)
    guard case .transmit(let port) = verdict else { return verdict }
    guard outbox.append(copying: spare.readBytes(at: 0), port: port)
    else { return .drop(.outboxFull) }
    outbox[outbox.count - 1].verdict = verdict
    return verdict
  }

  /// Addresses the frame at `index` to a neighbour whose link address is known.
  private mutating func address(
    _ index: Int, of batch: inout FrameBatch, to neighbor: Int, by port: PortIndex
  ) {
    arp.neighbors.adjacencies.markUsed(neighbor)
    if var frame = MutableEthernetFrame(batch.bytes(at: index)) {
      frame.destination = arp.neighbors.adjacencies[neighbor].mac
      frame.source = ports[port.index].macAddress
    }
    batch[index].verdict = .transmit(port)
  }
}

/// One segment or datagram of a GSO frame.
private struct Piece {
  /// Where its payload lies in the frame.
  let range: Range<Int>
  /// Its place among the others.
  let number: UInt16
  /// Where its payload lies in that of all, in bytes.
  let offset: Int
  let isLast: Bool
}

extension FrameBatch {
  /// Appends the frame of one segment or datagram of the GSO frame `frame`, complete with checksums;
  /// `false` when there is no room.
  fileprivate mutating func append(
    _ piece: Piece, of packet: Packet, from frame: RawSpan, port: PortIndex
  ) -> Bool {
    let headersEnd = EthernetFrame.headerLength + packet.headersLength
    guard
      append(
        copying: frame.extracting(first: headersEnd), frame.extracting(piece.range), port: port)
    else { return false }
    let bytes = bytes(at: count - 1)
    if packet.protocol == .tcp {
      Segmentation.complete(
        bytes, number: piece.number, offset: piece.offset, isLast: piece.isLast, packet)
    } else {
      Segmentation.complete(bytes, number: piece.number, packet)
    }
    return true
  }
}
