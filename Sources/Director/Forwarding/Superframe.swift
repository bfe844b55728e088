package import Frames
import Wire

// TCP segments that go into a GUE tunnel as one frame, which the kernel cuts where it has to: outer
// headers and all (`include/linux/virtio_net.h`, `virtio_net_hdr_tnl_to_skb`).

extension Director {
  /// Takes note of whether `port` takes TCP segments in UDP tunnels as one frame; none does at first.
  ///
  /// Cost: one compare for each record.
  package mutating func setTunnelSuperframes(_ areTaken: Bool, by port: PortIndex) {
    superframePorts[port.index] = areTaken
    for index in 0..<forwarding.count { noteSuperframes(of: RecordIndex(index)) }
  }

  /// Takes note of whether the next hop of a record takes superframes.
  mutating func noteSuperframes(of record: RecordIndex) {
    let outer = forwarding[record].outer
    forwarding[record].carriesSuperframes =
      outer.isPresent && outer.encapsulation == .gue
      && superframePorts[forwarding[record].nextHop.port.index]
  }

  /// Whether the GSO frame at `index` can go into the tunnel of `record` as one; its segments, which do
  /// not exist yet, are made shorter if the way asks for it.
  func shortenSuperframe(
    _ packet: Packet, _ record: RecordIndex, _ index: Int, of batch: inout FrameBatch
  ) -> Bool {
    let outerLength = forwarding[record].outer.length
    guard forwarding[record].carriesSuperframes, packet.protocol == .tcp,
      batch[index].offload.isTunnelSuperframe(
        totalLength: packet.totalLength, headersLength: packet.headersLength,
        transport: packet.transportOffset, outerLength: outerLength)
    else { return false }
    let mtu = forwarding[record].requestMTU
    guard packet.exceeds(mtu) else { return true }
    let room = mtu - packet.headersLength
    guard room >= 8 else { return false }
    batch[index].offload.gsoSize = UInt16(clamping: room)
    return true
  }
}

extension ForwardingRecord {
  /// Whether the frame of `candidate` can go into the tunnel as it is.
  @inline(__always)
  func canWrap(_ candidate: Candidate, _ offload: VirtioNetHeader) -> Bool {
    guard offload.isGSO else { return outer.canWrap(offload) }
    return carriesSuperframes && candidate.isTCP
      && offload.isTunnelSuperframe(
        totalLength: Int(candidate.totalLength), headersLength: Int(candidate.headerLength),
        transport: Field.transport, outerLength: outer.length)
  }
}

extension VirtioNetHeader {
  /// Whether the frame can be one of segments in a UDP tunnel, whose headers have `outerLength` bytes:
  /// more than one segment of TCP over IPv4, with a partial checksum, as the kernel wants it.
  ///
  /// Of the packet of TCP in it: its length in bytes, that of its headers, and where its transport
  /// header begins in the frame.
  @inline(__always)
  func isTunnelSuperframe(
    totalLength: Int, headersLength: Int, transport: Int, outerLength: Int
  ) -> Bool {
    gsoType.withoutECN == .tcpIPv4 && transportChecksum(at: transport) == .partial
      && Int(checksumOffset) == TCPSegment.checksumOffset && gsoSize > 0
      && totalLength &- headersLength > Int(gsoSize)
      && totalLength &+ outerLength <= Int(UInt16.max)
  }

  /// How many segments a GSO frame of `payload` bytes behind its headers stands for.
  @inline(__always)
  func segmentCount(payload: Int) -> Int {
    let size = max(1, Int(gsoSize))
    return (payload &+ size &- 1) / size
  }

  /// Says that the segments are in a UDP tunnel, whose headers of `length` bytes follow the link's; the
  /// packet's own have `headersLength`.
  ///
  /// `checksumStart` stays as it is.
  @inline(__always)
  mutating func enterTunnel(length: Int, headersLength: Int, hasChecksum: Bool) {
    gsoType = gsoType.inUDPTunnel
    let packetStart = EthernetFrame.headerLength &+ length
    headerLength = UInt16(truncatingIfNeeded: packetStart &+ headersLength)
    outerTransportStart = UInt16(EthernetFrame.headerLength + IPv4Packet.minimumHeaderLength)
    innerNetworkStart = UInt16(truncatingIfNeeded: packetStart)
    if hasChecksum { flags.insert(.tunnelChecksum) }
  }
}
