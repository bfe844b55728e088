// Fence: wraps a packet that stands in a frame, through a pointer to the frame.
//
// Memory: that of a `FrameBatch`.
// Owner: the batch.
// Soundness: `FrameBatch.prepend` makes the room that `OuterHeader.write` fills.

import Frames
import Neighbors
import Wire

// TUNNEL: the packet as it is, but for its time to live, inside another one from an address of our
// own to the real server, which takes it out and answers the client itself.

extension Director {
  /// Wraps the packet of `packetLength` bytes in the frame at `index`, which becomes longer at its front
  /// and has no link addresses then.
  ///
  /// A partial checksum stays partial: call only when the outer header has none of its own, or the frame
  /// is a superframe that can be wrapped (`VirtioNetHeader.isTunnelSuperframe`). `headersLength`: the
  /// packet's IP and transport header together, in bytes.
  @inline(__always)
  mutating func wrap(
    _ index: Int, of batch: inout FrameBatch, packetLength: Int, headersLength: Int,
    _ record: RecordIndex, _ key: ConnectionKey, isFragmented: Bool = false
  ) {
    let length = forwarding[record].outer.length
    batch.prepend(length, at: index)
    var segmentCount = 1
    let isSuperframe = batch[index].offload.isGSO
    if isSuperframe {
      segmentCount = batch[index].offload.segmentCount(payload: packetLength &- headersLength)
      batch[index].offload.enterTunnel(
        length: length, headersLength: headersLength,
        hasChecksum: forwarding[record].outer.hasChecksum)
      counters.tunnelSuperframes &+= 1
    }
    if batch[index].offload.flags.contains(.needsChecksum) {
      batch[index].offload.checksumStart &+= UInt16(truncatingIfNeeded: length)
    }
    let frame = unsafe batch.base(at: index)
    // What may be fragmented must be told apart from others (RFC 6864 section 4).
    let flags = unsafe frame.octet(EthernetFrame.headerLength &+ length &+ 6)
    let needsNumber = isFragmented || !forwarding[record].outer.forbidsFragments(flags)
    let identification = needsNumber ? takeIdentifications(segmentCount) : 0
    var sourcePort: UInt16 = 0
    if forwarding[record].outer.encapsulation == .gue {
      sourcePort =
        fixedChoices.encapsulationSourcePort
        ?? Self.sourcePort(key, forwarding[record].rawVirtual)
    }
    unsafe forwarding[record].outer.write(
      frame, packetLength: packetLength, identification: identification,
      sourcePort: sourcePort, isSuperframe: isSuperframe)
  }

  /// The source port of a connection's packets in GUE, by which routers and cards spread them: from the
  /// ephemeral range.
  @inline(__always)
  private static func sourcePort(_ key: ConnectionKey, _ virtual: RawEndpoint) -> UInt16 {
    var mixed = (key.rawValue ^ virtual.rawValue &* 0x9e37_79b9_7f4a_7c15) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 32) &* 0x94d0_49bb_1331_11eb
    return UInt16(truncatingIfNeeded: 32_768 &+ ((mixed >> 32) &* 28_232) >> 32)
  }

  /// The packet as its way is decided on: in a tunnel that fragments itself it does not matter whether
  /// the packet may be fragmented.
  func asWrapped(_ packet: Packet, _ record: RecordIndex) -> Packet {
    guard forwarding[record].method == .tunnel,
      !configuration.discoversTunnelMTU || forwarding[record].requestMTU == 0
    else { return packet }
    var packet = packet
    packet.dontFragment = false
    return packet
  }

  /// Sends the packet at `index`, whose time to live is lowered already, through the tunnel of `record`:
  /// whole, as segments, or in outer fragments.
  mutating func dispatch(
    _ packet: Packet, of key: ConnectionKey, throughTunnelOf record: RecordIndex, _ index: Int,
    of batch: inout FrameBatch, outbox: inout FrameBatch, at now: Instant
  ) -> Verdict {
    batch[index].offload.flags.formIntersection(.needsChecksum)
    guard forwarding[record].outer.isPresent else { return .drop(.noRoute) }
    let mtu = forwarding[record].requestMTU
    guard mtu > 0 else { return .drop(.mtuExceeded) }
    if batch[index].offload.isGSO, !shortenSuperframe(packet, record, index, of: &batch) {
      return dispatchSegments(
        packet, of: key, throughTunnelOf: record, index, of: batch, outbox: &outbox, at: now)
    }
    guard packet.totalLength + forwarding[record].outer.length <= 65_535
    else { return .drop(.mtuExceeded) }
    let isSuperframe = batch[index].offload.isGSO
    if !isSuperframe, packet.exceeds(mtu) || packet.largestFragment > 0 {
      return dispatchOuterFragments(
        packet, of: key, record, index, of: &batch, outbox: &outbox, at: now)
    }
    if !isSuperframe, forwarding[record].outer.hasChecksum {
      guard batch.completeChecksum(at: index, packet) else { return .drop(.transportMalformed) }
    }
    wrap(
      index, of: &batch, packetLength: packet.totalLength, headersLength: packet.headersLength,
      record, key)
    let nextHop = forwarding[record].nextHop
    return arp.use(
      nextHop.address, port: nextHop.port, index: index, of: &batch, outbox: &outbox,
      drops: &counters.drops, at: now)
  }

  /// Sends the packet at `index` in outer fragments, no longer than the longest that it came in.
  mutating func dispatchOuterFragments(
    _ packet: Packet, of key: ConnectionKey, _ record: RecordIndex, _ index: Int,
    of batch: inout FrameBatch, outbox: inout FrameBatch, at now: Instant
  ) -> Verdict {
    guard batch.completeChecksum(at: index, packet) else { return .drop(.transportMalformed) }
    wrap(
      index, of: &batch, packetLength: packet.totalLength, headersLength: packet.headersLength,
      record, key, isFragmented: true)
    let nextHop = forwarding[record].nextHop
    let pathMTU = forwarding[record].requestMTU + forwarding[record].outer.length
    let limit = packet.largestFragment > 0 ? min(pathMTU, packet.largestFragment) : pathMTU
    let fragments = Fragmentation.fragments(
      of: batch.readBytes(at: index),
      headerEnd: EthernetFrame.headerLength + IPv4Packet.minimumHeaderLength, limit: limit,
      dontFragment: packet.dontFragment && packet.largestFragment > 0)
    for fragment in fragments {
      if case .drop(let reason) = send(fragment, to: nextHop, outbox: &outbox, at: now) {
        return .drop(reason)
      }
    }
    if fragments.count > 1 { counters.datagramsFragmented &+= 1 }
    return .absorb
  }
}
