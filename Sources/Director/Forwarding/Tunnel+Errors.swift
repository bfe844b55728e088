import Frames
import Wire

// Errors about packets in tunnels: they come to the address of ours that the outer packet was from,
// and what they are about lies further in.

extension Director {
  /// An ICMP error to us, if it is about a packet that we sent through a tunnel; else `nil`.
  ///
  /// A path MTU is learned even when the error quotes too little to tell the connection. The client is
  /// told what concerns it, as if the virtual address had found out (`ip_vs_core.c`,
  /// `ip_vs_in_icmp`).
  mutating func takeTunnelError(
    _ packet: Packet, _ index: Int, of batch: borrowing FrameBatch, outbox: inout FrameBatch,
    at now: Instant
  ) -> Verdict? {
    let frame = batch.readBytes(at: index)
    guard
      let message = ICMPv4Message(
        frame.extracting(packet.transportOffset..<packet.frameLength)),
      let quoted = QuotedWrapping(message.payload), quoted.header.source == packet.destination,
      tunnelEnds.has(quoted.header, to: quoted.destination)
    else { return nil }
    let error = TunnelError(message)
    switch error {
    case .fragmentationNeeded(let mtu):
      learnPathMTU(to: quoted.destination, mtu, at: now)
    case .other where error.refuses(quoted.header.encapsulation):
      if packet.source == quoted.destination {
        counters.tunnelsRefused &+= 1
        tunnelEnds.noteRefusal(by: packet.source, quoted.header.encapsulation, at: now)
      }
    case .other: break
    }
    guard let start = quoted.packetStart else { return .absorb }
    let inner = message.payload.extracting(droppingFirst: start)
    guard let request = QuotedPacket(inner) else { return .absorb }
    let key = ConnectionKey(request.source.address, request.source.port, request.protocol)
    guard
      let connection = find(
        key,
        where: {
          $0.method == .tunnel && $0.virtual == request.destination
            && $0.real.address == quoted.destination
        })
    else { return .drop(.icmpUnrelated) }
    let record = connections[connection].destination
    guard let answer = error.answer(about: inner, mtu: forwarding[record].requestMTU)
    else { return .absorb }
    tellClient(answer, about: inner, request, record, outbox: &outbox, at: now)
    return .absorb
  }

  /// Tells the client that a packet which waited for the way to a tunnel's end is not delivered, if
  /// `frame` holds such a packet; answers whether it does.
  mutating func answerUndeliveredWrapped(
    _ frame: RawSpan, outbox: inout FrameBatch, at now: Instant
  ) -> Bool {
    guard let ethernet = EthernetFrame(frame), let quoted = QuotedWrapping(ethernet.payload),
      tunnelEnds.has(quoted.header, to: quoted.destination)
    else { return false }
    answerUndelivered(
      inside: quoted, ethernet.payload, outbox: &outbox, at: now)
    return true
  }

  private mutating func answerUndelivered(
    inside quoted: QuotedWrapping, _ bytes: RawSpan, outbox: inout FrameBatch, at now: Instant
  ) {
    guard let start = quoted.packetStart else { return }
    let inner = bytes.extracting(droppingFirst: start)
    guard let request = QuotedPacket(inner) else { return }
    let key = ConnectionKey(request.source.address, request.source.port, request.protocol)
    guard
      let connection = find(
        key, where: { $0.method == .tunnel && $0.virtual == request.destination })
    else { return }
    tellClient(
      .hostUnreachable, about: inner, request, connections[connection].destination,
      outbox: &outbox, at: now)
  }

  /// Sends the client of the request `inner`, of which there may be only a part, an error from the
  /// virtual address.
  ///
  /// Both count as packets to the client: `ip_vs` counts what it takes out of the error that it got
  /// (`ip_vs_core.c`, `ip_vs_in_icmp`), and then its own when it leaves.
  private mutating func tellClient(
    _ error: ICMPError, about inner: RawSpan, _ request: QuotedPacket, _ record: RecordIndex,
    outbox: inout FrameBatch, at now: Instant
  ) {
    let client = request.source.address
    forwarding[record].outbound.add(inner.byteCount)
    guard let nextHop = routes.nextHop(to: client),
      errorLimits.allows(error, to: client, at: now)
    else {
      counters.errorsSuppressed &+= 1
      return
    }
    let totalLength = Int(inner.networkUInt16(at: 2))
    let frame = error.frame(
      about: inner.extracting(first: min(inner.byteCount, max(totalLength, 28))),
      from: request.destination.address, to: client, typeOfService: inner.octet(at: 1),
      identification: takeIdentification())
    forwarding[record].outbound.add(frame.count - EthernetFrame.headerLength)
    switch send(frame, to: nextHop, outbox: &outbox, at: now) {
    case .transmit, .hold, .absorb: counters.errorsSent &+= 1
    case .drop: counters.errorsSuppressed &+= 1
    }
  }

  // MARK: Path MTU

  /// Believes that a router on the way to the tunnel's end at `address` takes no more than `mtu`.
  private mutating func learnPathMTU(
    to address: IPv4Address, _ mtu: Int, at now: Instant
  ) {
    if tunnelEnds.lowerPathMTU(to: address, mtu, at: now) { setPathMTU(to: address) }
  }

  /// Forgets path MTUs that are believed no longer.
  mutating func expirePathMTUs(at now: Instant) {
    for address in tunnelEnds.expire(at: now) { setPathMTU(to: address) }
  }

  /// Tells the records of the servers at `address` what the way there takes.
  ///
  /// Cost: one compare for each record.
  private mutating func setPathMTU(to address: IPv4Address) {
    let mtu = tunnelEnds.pathMTU(to: address)
    for index in 0..<forwarding.count {
      let record = RecordIndex(index)
      if forwarding[record].method == .tunnel, forwarding[record].real.address == address {
        forwarding[record].setPathMTU(mtu)
      }
    }
  }

  /// Takes note of the tunnel of a record that is new.
  mutating func noteTunnel(of record: RecordIndex) {
    tunnelEnds.add(forwarding[record].outer)
    if forwarding[record].method == .tunnel,
      let mtu = tunnelEnds.pathMTU(to: forwarding[record].real.address)
    {
      forwarding[record].setPathMTU(mtu)
    }
  }

  /// What real servers at the ends of tunnels said since the last time.
  package mutating func takeTunnelNotices() -> [TunnelNotice] { tunnelEnds.takeNotices() }
}

/// What an ICMP error says of a packet in a tunnel.
private enum TunnelError {
  case fragmentationNeeded(mtu: Int)
  case other(ICMPv4Type, code: UInt8)

  init(_ message: ICMPv4Message) {
    if message.type == .destinationUnreachable && message.code == 4 {
      self = .fragmentationNeeded(mtu: Int(message.restOfHeader & 0xffff))
    } else {
      self = .other(message.type, code: message.code)
    }
  }

  /// Whether a host says that nothing there takes packets out of `encapsulation`: protocol or port
  /// unreachable.
  func refuses(_ encapsulation: Tunnel.Encapsulation) -> Bool {
    guard case .other(.destinationUnreachable, let code) = self else { return false }
    return code == (encapsulation == .gue ? 3 : 2)
  }

  /// What the sender of `inner`, the packet inside, hears; `nil` when it need not know.
  func answer(about inner: RawSpan, mtu: Int) -> ICMPError? {
    switch self {
    case .fragmentationNeeded:
      let dontFragment = inner.octet(at: 6) & 0x40 != 0
      return dontFragment && mtu > 0 ? .fragmentationNeeded(mtu: mtu) : nil
    case .other(let type, let code):
      return .relayed(type, code: code)
    }
  }
}

/// The outer headers of a packet in a tunnel, as far as they are quoted.
struct QuotedWrapping: Equatable, Sendable {
  let header: TunnelEnds.Header
  let destination: IPv4Address
  /// Where the packet inside begins, in bytes from the outer header; `nil` when less is quoted, or when
  /// it begins otherwise than we write it.
  let packetStart: Int?

  /// Reads what may be a packet in a tunnel; `nil` when it is none, or a later fragment.
  init?(_ bytes: RawSpan) {
    let headerLength = IPv4Packet.minimumHeaderLength
    guard bytes.byteCount >= headerLength + 4, bytes.octet(at: 0) == 0x45,
      bytes.networkUInt16(at: 6) & 0x1fff == 0
    else { return nil }
    var port: UInt16 = 0
    var start = headerLength
    var isKnown = true
    let encapsulation: Tunnel.Encapsulation
    switch IPProtocol(rawValue: bytes.octet(at: 9)) {
    case .ipip:
      encapsulation = .ipip
    case .gre:
      encapsulation = .gre
      let word = bytes.networkUInt32(at: headerLength)
      isKnown = word & ~0x8000_0000 == 0x0800
      start += word >> 31 == 1 ? 8 : 4
    case .udp:
      encapsulation = .gue
      port = bytes.networkUInt16(at: headerLength + 2)
      start += UDPDatagram.headerLength + 4
      isKnown = bytes.byteCount >= start && bytes.networkUInt32(at: start - 4) == 0x0004_0000
    default:
      return nil
    }
    header = TunnelEnds.Header(
      source: IPv4Address(bytes, at: 12), encapsulation: encapsulation, port: port)
    destination = IPv4Address(bytes, at: 16)
    packetStart = isKnown && bytes.byteCount > start ? start : nil
  }
}
