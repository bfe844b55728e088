import Frames
import Wire

// What is for the director itself: pings, and segments that nobody takes.

extension Director {
  /// The time to live of packets that the director sends as a host.
  private static let hostTimeToLive: UInt8 = 64

  /// Turns the ping at `index`, to an address of ours, into its answer.
  ///
  /// The answer goes back to the station that the request came from. Identification and type of
  /// service are the request's; options are sent back as they came. It may be fragmented, as `net/ipv4`
  /// sends it, and is when the port's MTU wants it, whatever fragments the request came in.
  mutating func answerEcho(
    _ packet: Packet, _ index: Int, of batch: inout FrameBatch, outbox: inout FrameBatch
  ) -> Verdict {
    let mtu = ports[batch[index].port.index].mtu
    guard packet.totalLength <= mtu || !packet.dontFragment || packet.largestFragment > 0
    else { return .drop(.mtuExceeded) }
    if var message = MutableICMPv4Message(batch.bytes(at: index, from: packet.transportOffset)) {
      message.type = .echoReply
    }
    if var header = MutableIPv4Packet(batch.bytes(at: index, from: EthernetFrame.headerLength)) {
      header.source = packet.destination
      header.destination = packet.source
      header.timeToLive = Self.hostTimeToLive
      header.dontFragment = false
    }
    var answer = packet
    answer.dontFragment = false
    answer.largestFragment = 0
    return sendBack(answer, index, of: &batch, outbox: &outbox)
  }

  /// Answers a segment that no connection and no virtual service takes with a reset (RFC 9293 section
  /// 3.10.7.1), in place; a reset is never answered.
  ///
  /// The reset goes back to the station that the segment came from.
  mutating func answerReset(
    _ packet: Packet, _ index: Int, of batch: inout FrameBatch, otherwise reason: DropReason
  ) -> Verdict {
    let port = batch[index].port
    guard !packet.tcpFlags.contains(.rst),
      let reset = TCPReset(answering: batch.readBytes(at: index), packet)
    else { return .drop(reason) }
    let segment = reset.segment
    let header = IPv4Fields(
      typeOfService: packet.typeOfService & ~3, dontFragment: true,
      timeToLive: Self.hostTimeToLive, protocol: .tcp, source: packet.destination,
      destination: packet.source
    ).header(payloadLength: segment.count)
    // The segment answered has at least as many bytes.
    batch[index].length = EthernetFrame.headerLength + header.count + segment.count
    batch[index].offload = VirtioNetHeader()
    var bytes = batch.bytes(at: index, from: EthernetFrame.headerLength)
    for (offset, octet) in (header + segment).enumerated() { bytes.storeOctet(octet, at: offset) }
    turnBack(index, of: &batch)
    counters.resetsSent &+= 1
    return .transmit(port)
  }

  /// Sends the packet at `index` out of the port that it came by, to the station that it came from.
  private mutating func sendBack(
    _ packet: Packet, _ index: Int, of batch: inout FrameBatch, outbox: inout FrameBatch
  ) -> Verdict {
    let port = batch[index].port
    turnBack(index, of: &batch)
    batch[index].offload = VirtioNetHeader()
    let mtu = ports[port.index].mtu
    guard packet.totalLength > mtu else { return .transmit(port) }
    for fragment in Fragmentation.fragments(of: batch.readBytes(at: index), packet, mtu: mtu) {
      guard outbox.append(copying: fragment, port: port) else { return .drop(.outboxFull) }
      outbox[outbox.count - 1].verdict = .transmit(port)
    }
    counters.datagramsFragmented &+= 1
    return .absorb
  }

  /// Addresses the frame at `index` to the station that it came from.
  private func turnBack(_ index: Int, of batch: inout FrameBatch) {
    let mac = ports[batch[index].port.index].macAddress
    guard var frame = MutableEthernetFrame(batch.bytes(at: index)) else { return }
    frame.destination = frame.source
    frame.source = mac
  }
}
