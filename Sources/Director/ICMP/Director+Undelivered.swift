import Frames
import Neighbors
import Wire

// Packets whose next hop does not answer. They were rewritten before that was known, so that an error
// about them is one about a packet of a connection, and is rewritten back.

/// Who is told that a packet could not be delivered, and how the error is rewritten.
private struct Complaint {
  /// Where the error comes from and goes to.
  let source: IPv4Address
  let destination: IPv4Address
  let nextHop: NextHop
  /// What the sender of the quoted packet gave it.
  let original: QuotedPacket.Original
  let record: RecordIndex
  /// Whether the packet came from the real server.
  var isReply = false
}

extension Director {
  /// Tells the senders of packets that waited for a next hop in vain.
  mutating func answerUndelivered(outbox: inout FrameBatch, at now: Instant) {
    for frame in arp.takeUndelivered() {
      answerUndelivered(frame.rawSpan, outbox: &outbox, at: now)
    }
  }

  /// Tells the sender of the rewritten packet in `frame` that its next hop cannot be reached.
  ///
  /// The error quotes the packet with the endpoints that its sender gave it and the transport
  /// checksum that it got here, as `ip_vs` does, and counts as a packet of the connection.
  mutating func answerUndelivered(_ frame: RawSpan, outbox: inout FrameBatch, at now: Instant) {
    if answerUndeliveredWrapped(frame, outbox: &outbox, at: now) { return }
    guard let ethernet = EthernetFrame(frame), let packet = IPv4Packet(ethernet.payload),
      let quoted = QuotedPacket(ethernet.payload), let complaint = complaint(about: quoted),
      // Questions and resets of the director's own have no sender to tell.
      !forwarding[complaint.record].endsConnections
    else { return }
    guard errorLimits.allows(.hostUnreachable, to: complaint.destination, at: now) else {
      counters.errorsSuppressed &+= 1
      return
    }
    var error = ICMPError.hostUnreachable.frame(
      about: ethernet.payload.extracting(first: packet.totalLength), from: complaint.source,
      to: complaint.destination, typeOfService: packet.typeOfService,
      identification: takeIdentification())
    let messageStart = EthernetFrame.headerLength + IPv4Packet.minimumHeaderLength
    error.withMutableRawSpan { bytes in
      var bytes = bytes
      quoted.restore(complaint.original, in: &bytes, messageStart: messageStart)
    }
    let length = error.count - EthernetFrame.headerLength
    if complaint.isReply {
      forwarding[complaint.record].inbound.add(length)
    } else {
      forwarding[complaint.record].outbound.add(length)
    }
    switch send(error, to: complaint.nextHop, outbox: &outbox, at: now) {
    case .transmit, .hold, .absorb: counters.errorsSent &+= 1
    case .drop: counters.errorsSuppressed &+= 1
    }
  }

  /// Who sent the rewritten packet that is quoted: by its source a client through a local address, a
  /// real server through the virtual service, or a client.
  private func complaint(about quoted: QuotedPacket) -> Complaint? {
    if localAddresses.contains(quoted.source.address) { return complaintOfLocal(quoted) }
    return ownAddresses.contains(quoted.source.address)
      ? complaintOfServer(quoted) : complaintOfClient(quoted)
  }

  /// FullNAT: a client's packet, from a local address to a real server.
  private func complaintOfLocal(_ quoted: QuotedPacket) -> Complaint? {
    guard
      let connection = find(
        quoted.protocol, repliedFrom: quoted.destination, to: quoted.source)
    else { return nil }
    let record = connections[connection].destination
    let client = connections[connection].key.client
    let virtual = forwarding[record].virtual
    return routes.nextHop(to: client.address).map {
      Complaint(
        source: virtual.address, destination: client.address, nextHop: $0,
        original: .init(
          source: client, destination: virtual, sequenceShift: 0 &- translations[connection].shift),
        record: record)
    }
  }

  /// A real server's packet, from the virtual service to a client.
  private func complaintOfServer(_ quoted: QuotedPacket) -> Complaint? {
    let key = ConnectionKey(quoted.destination.address, quoted.destination.port, quoted.protocol)
    guard let connection = find(key, where: { $0.virtual == quoted.source }) else { return nil }
    let record = connections[connection].destination
    let real = forwarding[record].real
    let nextHop = forwarding[record].nextHop
    var original = QuotedPacket.Original(source: real)
    if forwarding[record].method == .fullnat {
      original.destination = local(of: connection)
    }
    return ownAddress(of: nextHop.port, towards: real.address).map {
      Complaint(
        source: $0, destination: real.address, nextHop: nextHop, original: original,
        record: record, isReply: true)
    }
  }

  /// A client's packet, to a real server or, as it came, to the virtual service.
  private func complaintOfClient(_ quoted: QuotedPacket) -> Complaint? {
    let client = quoted.source
    let key = ConnectionKey(client.address, client.port, quoted.protocol)
    let destination = quoted.destination
    guard
      let connection = find(
        key, where: { ($0.method.keepsDestination ? $0.virtual : $0.real) == destination }),
      let nextHop = routes.nextHop(to: client.address)
    else { return nil }
    let record = connections[connection].destination
    let virtual = forwarding[record].virtual
    // The host's own route failed for what it only passed on, and it says so by its own address.
    let source =
      forwarding[record].method == .dr
      ? ownAddress(of: nextHop.port, towards: nextHop.address) : virtual.address
    return source.map {
      Complaint(
        source: $0, destination: client.address, nextHop: nextHop,
        original: .init(destination: virtual), record: record)
    }
  }
}
