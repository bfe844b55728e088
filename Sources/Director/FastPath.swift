// Fence: reads and writes the bytes of frames through pointers.
//
// Memory: that of the `FrameBatch`.
// Owner: the batch.
// Soundness: only frames that `classify` made candidates are touched, and of them only the headers
// that it found inside; the batch stays as it is between the passes.

import Frames
import Neighbors
import Wire

extension Director {
  /// Second pass: rewrites frames that belong to established flows whose next hop is known and takes
  /// them, from `first` on; answers the index of the first that needs the slow path, which is
  /// untouched, or the batch's count.
  @inline(never)
  mutating func forwardEstablished(
    from first: Int, of batch: inout FrameBatch, at now: Instant
  ) -> Int {
    var index = first
    while index < batch.count, forward(index, of: &batch, at: now) { index &+= 1 }
    counters.fastPath &+= UInt64(truncatingIfNeeded: index &- first)
    counters.transmitted &+= UInt64(truncatingIfNeeded: index &- first)
    return index
  }

  /// Rewrites the frame at `index` and decides it; `false` leaves it untouched to the slow path.
  @inline(__always)
  private mutating func forward(
    _ index: Int, of batch: inout FrameBatch, at now: Instant
  ) -> Bool {
    let candidate = candidates[index]
    guard candidate.key != 0 else { return false }
    let isInbound = candidate.isInbound
    let peer = candidate.peer
    let found =
      candidate.isToLocal
      ? translated(candidate)
      : connections.find(
        ConnectionKey(rawValue: candidate.key), home: candidate.home,
        accepting: { record in
          isInbound ? forwarding[record].rawVirtual == peer : forwarding[record].rawReplier == peer
        })
    guard let connection = found else { return false }
    let record = connections[connection].destination
    if candidate.flags.contains(.syn), !takesSYN(candidate, connection) { return false }
    let method = forwarding[record].method
    var frame = unsafe batch.base(at: index)
    let acknowledgment =
      candidate.isTCP ? unsafe frame.raw32(Field.tcpAcknowledgment).byteSwapped : 0
    if method == .fullnat {
      guard unsafe takesTranslated(frame, candidate, connection, record) else { return false }
    }
    let port: PortIndex
    let neighbor: Int
    let mtu: Int
    let offload = batch[index].offload
    if isInbound {
      port = forwarding[record].nextHop.port
      neighbor = forwarding[record].neighbor
      mtu = forwarding[record].requestMTU
      if method == .tunnel, !forwarding[record].canWrap(candidate, offload) { return false }
    } else {
      let client = connections[connection].client
      guard let route = routeSearch.route(to: client) else { return false }
      port = route.port
      mtu = Int(route.mtu)
      neighbor =
        route.neighbor >= 0
        ? Int(route.neighbor) : arp.neighbors.index(of: client, port: port) ?? -1
    }
    guard neighbor >= 0 else { return false }
    let mac = arp.neighbors.adjacencies[neighbor].mac
    guard mac != .zero, candidate.fits(mtu, offload) else { return false }
    arp.neighbors.adjacencies.markUsed(neighbor)
    if candidate.flags.contains(.syn), !isInbound {
      connections[connection].flags.insert(.accepted)
    }
    advance(connection, candidate, record, at: now)
    var length = Int(candidate.totalLength)
    let kind = offload.transportChecksum(at: Field.transport)
    if candidate.hasOptions {
      editOptions(candidate, connection, record, index, of: &batch, kind)
    }
    if isInbound {
      forwarding[record].inbound.add(Int(candidate.totalLength))
      switch method {
      case .nat:
        unsafe rewrite(
          frame, candidate, forwarding[record].rawReal, at: Field.destination,
          Field.destinationPort, forwarding[record].inboundChange, kind)
      case .dr:
        unsafe lowerTimeToLive(frame)
      case .tunnel:
        unsafe lowerTimeToLive(frame)
        wrap(
          index, of: &batch, packetLength: length, headersLength: Int(candidate.headerLength),
          record, ConnectionKey(rawValue: candidate.key))
        unsafe frame = batch.base(at: index)
        length &+= forwarding[record].outer.length
      case .fullnat:
        unsafe rewriteTranslated(frame, candidate, connection, toServerOf: record, kind)
      }
    } else {
      forwarding[record].outbound.add(Int(candidate.totalLength))
      if method == .fullnat {
        unsafe rewriteTranslated(frame, candidate, connection, fromServerOf: record, kind)
      } else {
        unsafe rewrite(
          frame, candidate, forwarding[record].rawVirtual, at: Field.source, Field.sourcePort,
          forwarding[record].outboundChange, kind)
      }
    }
    let source = ports[port.index].rawMAC
    unsafe frame.store(raw: mac.raw | source << 48, 0)
    // The source's other four octets come anew, and 0x0800.
    unsafe frame.store(raw: source | 0x0008 << 48, Field.ethernetSource)
    if method == .fullnat, isInbound {
      length &+= insertOption(candidate, connection, acknowledgment, index, of: &batch, mtu)
    }
    batch.transmit(index, length: EthernetFrame.headerLength &+ length, by: port)
    return true
  }

  /// Whether a segment with SYN of the connection at `connection` is like others: its options stay, and
  /// it does not open a new connection in place of one that has ended.
  @inline(__always)
  private func takesSYN(_ candidate: Candidate, _ connection: Int) -> Bool {
    !forwarding[connections[connection].destination].rules.changesSYN
      && !(candidate.isInbound && connections[connection].allowsReuse)
  }

  /// Notes a packet of the connection: its time begins anew, and TCP moves on.
  @inline(__always)
  private mutating func advance(
    _ connection: Int, _ candidate: Candidate, _ record: RecordIndex, at now: Instant
  ) {
    connections[connection].stamp = now.milliseconds
    guard candidate.isTCP else { return }
    let state = connections[connection].state
    let direction = candidate.isInbound ? forwarding[record].requestDirection : .outbound
    let next = transitions.next(state, on: TCPEvent(candidate.flags), direction)
    if next != state { change(connection, to: next, by: direction, at: now) }
  }

  /// The time to live and the header checksum, and nothing else.
  @inline(__always)
  private func lowerTimeToLive(_ frame: UnsafeMutableRawPointer) {
    let timeToLive = unsafe frame.octet(Field.timeToLive)
    unsafe frame.storeBytes(of: timeToLive &- 1, toByteOffset: Field.timeToLive, as: UInt8.self)
    let checksum = unsafe frame.raw16(Field.ipChecksum)
    unsafe frame.store(raw: ChecksumChange.hop.applied(to: checksum), Field.ipChecksum)
  }

  /// One address, one port, the time to live and both checksums.
  @inline(__always)
  private func rewrite(
    _ frame: UnsafeMutableRawPointer, _ candidate: Candidate, _ endpoint: RawEndpoint,
    at addressOffset: Int, _ portOffset: Int, _ change: ChecksumChange, _ kind: TransportChecksum
  ) {
    unsafe frame.store(raw: endpoint.address, addressOffset)
    unsafe frame.store(raw: endpoint.port, portOffset)
    let timeToLive = unsafe frame.octet(Field.timeToLive)
    unsafe frame.storeBytes(of: timeToLive &- 1, toByteOffset: Field.timeToLive, as: UInt8.self)
    let ipChecksum = unsafe frame.raw16(Field.ipChecksum)
    unsafe frame.store(raw: change.ip.applied(to: ipChecksum), Field.ipChecksum)
    guard candidate.isTCP, kind == .complete else {
      return unsafe rewriteOther(frame, candidate, change, kind)
    }
    let checksum = unsafe frame.raw16(Field.tcpChecksum)
    unsafe frame.store(raw: change.transport.applied(to: checksum), Field.tcpChecksum)
  }

  /// The checksum of a datagram, or a partial one; one that the sender did not compute is computed,
  /// as on the slow path.
  @inline(__always)
  func rewriteOther(
    _ frame: UnsafeMutableRawPointer, _ candidate: Candidate, _ change: ChecksumChange,
    _ kind: TransportChecksum
  ) {
    let offset = candidate.isTCP ? Field.tcpChecksum : Field.udpChecksum
    let old = unsafe frame.raw16(offset)
    var new: UInt16
    if kind == .partial {
      new = ~change.partial.applied(to: ~old)
    } else if old == 0 {
      new = unsafe computedUDPChecksum(frame)
    } else {
      new = change.transport.applied(to: old)
    }
    if !candidate.isTCP && kind == .complete && new == 0 { new = 0xffff }
    unsafe frame.store(raw: new, offset)
  }

  /// The checksum of the datagram at `frame`, whose field holds 0, as it stands in the frame.
  private func computedUDPChecksum(_ frame: UnsafeMutableRawPointer) -> UInt16 {
    let length = unsafe Int(frame.raw16(Field.udpLength).byteSwapped)
    let pseudo = unsafe InternetChecksum.pseudoHeaderSum(
      source: IPv4Address(rawValue: frame.raw32(Field.source).byteSwapped),
      destination: IPv4Address(rawValue: frame.raw32(Field.destination).byteSwapped),
      protocol: .udp, length: length)
    let datagram = unsafe RawSpan(
      _unsafeStart: frame.advanced(by: Field.transport), byteCount: length)
    return ~InternetChecksum.sum(datagram, initial: pseudo).byteSwapped
  }
}

extension Candidate {
  /// Whether the packet, or each of its segments, is no longer than `mtu`.
  @inline(__always)
  func fits(_ mtu: Int, _ offload: VirtioNetHeader) -> Bool {
    if Int(totalLength) <= mtu { return true }
    return offload.isGSO && Int(offload.gsoSize) &+ Int(headerLength) <= mtu
  }
}
