import Frames
import Neighbors
import Wire

extension Director {
  /// A fragment: it waits for the others; the last one to come makes the datagram go on.
  mutating func takeFragment(
    _ index: Int, of batch: inout FrameBatch, outbox: inout FrameBatch, at now: Instant
  ) -> Verdict {
    let port = batch[index].port
    // The kernel completes checksums before it fragments.
    guard !batch[index].offload.flags.contains(.needsChecksum), !batch[index].offload.isGSO
    else { return .drop(.fragmentInvalid) }
    switch reassemble(batch.readBytes(at: index), port: port, at: now) {
    case .waiting:
      return .hold
    case .refused(let reason):
      return .drop(reason)
    case .complete(let frame, let largestFragment):
      counters.datagramsReassembled &+= 1
      // A datagram has a batch of its own, since fragments of others may follow in this one.
      var datagram = spareForDatagram.take() ?? FrameBatch(frameLimit: 1, byteBudget: 1)
      datagram.removeAll()
      let hasRoom = datagram.append(copying: frame, port: port)
      var verdict =
        hasRoom
        ? takeDatagram(
          0, of: &datagram, largestFragment: largestFragment, outbox: &outbox, at: now)
        : .drop(.fragmentInvalid)
      // A reset stands where the datagram stood, which is not where its last fragment stands.
      if case .transmit(let port) = verdict {
        if outbox.append(copying: datagram.readBytes(at: 0), port: port) {
          outbox[outbox.count - 1].verdict = verdict
          verdict = .absorb
        } else {
          verdict = .drop(.outboxFull)
        }
      }
      spareForDatagram = consume datagram
      return verdict
    }
  }

  private mutating func reassemble(
    _ frame: RawSpan, port: PortIndex, at now: Instant
  ) -> Reassembly.Outcome {
    guard let ethernet = EthernetFrame(frame), let packet = IPv4Packet(ethernet.payload)
    else { return .refused(.ipHeaderInvalid) }
    return reassembly.add(
      packet, frame: frame, port: port, drops: &counters.drops, at: now)
  }

  /// Sends the packet at `index`, complete but for its link addresses, to `nextHop` in fragments.
  mutating func dispatchFragments(
    _ packet: Packet, to nextHop: NextHop, _ index: Int, of batch: inout FrameBatch,
    outbox: inout FrameBatch, at now: Instant
  ) -> Verdict {
    guard batch.completeChecksum(at: index, packet) else { return .drop(.mtuExceeded) }
    let fragments = Fragmentation.fragments(
      of: batch.readBytes(at: index), packet, mtu: nextHop.mtu)
    for fragment in fragments {
      if case .drop(let reason) = send(fragment, to: nextHop, outbox: &outbox, at: now) {
        return .drop(reason)
      }
    }
    counters.datagramsFragmented &+= 1
    return .absorb
  }

  /// Sends the datagrams of the GSO frame at `index`, complete but for its link addresses, to `nextHop`,
  /// each in fragments: they are the sender's, and cannot be made smaller.
  mutating func dispatchDatagrams(
    _ packet: Packet, to nextHop: NextHop, _ index: Int, of batch: inout FrameBatch,
    outbox: inout FrameBatch, at now: Instant
  ) -> Verdict {
    let datagrams = Segmentation.datagrams(
      of: batch.readBytes(at: index), packet, size: Int(batch[index].offload.gsoSize))
    for datagram in datagrams {
      guard case .whole(let part) = Packet.read(datagram.rawSpan, offload: VirtioNetHeader())
      else { return .drop(.transportMalformed) }
      for fragment in Fragmentation.fragments(of: datagram.rawSpan, part, mtu: nextHop.mtu) {
        if case .drop(let reason) = send(fragment, to: nextHop, outbox: &outbox, at: now) {
          return .drop(reason)
        }
      }
    }
    counters.datagramsFragmented &+= UInt64(datagrams.count)
    return .absorb
  }

  /// Sends `frame`, complete but for its link addresses, to `nextHop` by way of `outbox`.
  mutating func send(
    _ frame: [UInt8], to nextHop: NextHop, throughTunnelOf record: RecordIndex? = nil,
    outbox: inout FrameBatch, at now: Instant
  ) -> Verdict {
    // What waits for the next hop already goes to the outbox, too, which cannot be lent twice.
    var spare = spareForSending.take() ?? FrameBatch(frameLimit: 1, byteBudget: 1)
    spare.removeAll()
    var verdict = Verdict.drop(.outboxFull)
    if spare.append(copying: frame, port: nextHop.port) {
      if let record {
        wrap(
          0, of: &spare, packetLength: frame.count - EthernetFrame.headerLength,
          headersLength: IPv4Packet.minimumHeaderLength + TCPSegment.minimumHeaderLength, record,
          ConnectionKey(rawValue: 0))
      }
      verdict = arp.use(
        nextHop.address, port: nextHop.port, index: 0, of: &spare, outbox: &outbox,
        drops: &counters.drops, at: now)
    }
    if case .transmit(let port) = verdict {
      if outbox.append(copying: spare.readBytes(at: 0), port: port) {
        outbox[outbox.count - 1].verdict = verdict
      } else {
        verdict = .drop(.outboxFull)
      }
    }
    spareForSending = consume spare
    return verdict
  }
}

extension FrameBatch {
  /// Completes the checksum of the packet at `index` if it is partial; `false` when its place is none
  /// of TCP or UDP.
  ///
  /// Cost: the packet's length.
  mutating func completeChecksum(at index: Int, _ packet: Packet) -> Bool {
    let offload = self[index].offload
    guard offload.flags.contains(.needsChecksum) else { return true }
    let field =
      packet.protocol == .tcp ? TCPSegment.checksumOffset : UDPDatagram.checksumOffset
    guard Int(offload.checksumStart) == packet.transportOffset,
      Int(offload.checksumOffset) == field
    else { return false }
    let sum = InternetChecksum.sum(
      readBytes(at: index).extracting(packet.transportOffset..<packet.frameLength))
    var bytes = bytes(at: index, from: packet.transportOffset)
    bytes.storeNetwork(~sum == 0 && packet.protocol == .udp ? 0xffff : ~sum, at: field)
    self[index].offload = VirtioNetHeader()
    return true
  }
}
