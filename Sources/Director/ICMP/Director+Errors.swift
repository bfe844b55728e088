import Frames
import Wire

// The errors that the director sends: about packets that it has in hand, about datagrams that did not
// become complete, and about packets that waited for a next hop in vain.

extension Director {
  /// Tells the sender of the packet at `index` that it goes no further, as far as limits allow.
  ///
  /// The error goes back to the station that the packet came from. It comes from the packet's
  /// destination when that is an address of ours, else from the port's own one (`ip_vs_xmit.c`: the
  /// packet was addressed to the host; `net/ipv4/ip_forward.c`: it was only passing).
  mutating func answer(
    _ packet: Packet, with error: ICMPError, _ index: Int, of batch: borrowing FrameBatch,
    outbox: inout FrameBatch, at now: Instant
  ) {
    let port = batch[index].port
    let isForUs = ownAddresses.contains(packet.destination)
    guard
      let source = isForUs
        ? packet.destination : ownAddress(of: port, towards: packet.source)
    else { return }
    let frame = batch.readBytes(at: index)
    guard let ethernet = EthernetFrame(frame) else { return }
    send(
      error, about: frame.extracting(EthernetFrame.headerLength..<packet.frameLength),
      from: source, to: packet.source, typeOfService: packet.typeOfService,
      station: ethernet.source, port: port, outbox: &outbox, at: now)
  }

  /// Tells the senders of datagrams that their rest did not come in time.
  ///
  /// The datagrams were not checked before they were complete: nobody is told of an ICMP error or of
  /// what came from an address that no single host has (RFC 1812 section 4.3.2.7).
  mutating func answerIncomplete(
    _ fragments: [Reassembly.Incomplete], outbox: inout FrameBatch, at now: Instant
  ) {
    for fragment in fragments {
      let frame = fragment.firstFrame.rawSpan
      guard let ethernet = EthernetFrame(frame), let packet = IPv4Packet(ethernet.payload),
        ownAddresses.contains(packet.destination), !ownAddresses.contains(packet.source),
        !broadcastAddresses.contains(packet.source), !packet.isICMPError
      else { continue }
      send(
        .reassemblyTimeExceeded, about: ethernet.payload.extracting(first: packet.totalLength),
        from: packet.destination, to: packet.source, typeOfService: packet.typeOfService,
        station: ethernet.source, port: fragment.port, outbox: &outbox, at: now)
    }
  }

  /// An address of the port's own: one of the same network as `address`, if there is one.
  func ownAddress(of port: PortIndex, towards address: IPv4Address) -> IPv4Address? {
    configuration.ownAddress(of: port, towards: address)
  }

  /// The identification of the next packet of our own.
  mutating func takeIdentification() -> UInt16 { takeIdentifications(1) }

  /// The identification of the first of the next `count` packets of our own, which have it and those
  /// that follow.
  @inline(__always)
  mutating func takeIdentifications(_ count: Int) -> UInt16 {
    let first = nextIdentification &+ 1
    nextIdentification &+= UInt16(truncatingIfNeeded: count)
    return first
  }

  private mutating func send(
    _ error: ICMPError, about offender: RawSpan, from source: IPv4Address,
    to destination: IPv4Address, typeOfService: UInt8, station: MACAddress, port: PortIndex,
    outbox: inout FrameBatch, at now: Instant
  ) {
    guard errorLimits.allows(error, to: destination, at: now) else {
      counters.errorsSuppressed &+= 1
      return
    }
    let frame = error.frame(
      about: offender, from: source, to: destination, typeOfService: typeOfService,
      identification: takeIdentification())
    guard outbox.append(copying: frame, port: port) else {
      counters.errorsSuppressed &+= 1
      return
    }
    let index = outbox.count - 1
    if var ethernet = MutableEthernetFrame(outbox.bytes(at: index)) {
      ethernet.destination = station
      ethernet.source = ports[port.index].macAddress
    }
    outbox[index].verdict = .transmit(port)
    counters.errorsSent &+= 1
  }
}

extension IPv4Packet {
  /// Whether the packet, or the datagram that it begins, is an ICMP error.
  fileprivate var isICMPError: Bool {
    guard `protocol` == .icmp, let message = ICMPv4Message(payload) else { return false }
    return message.type.isError
  }
}
