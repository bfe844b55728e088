import Frames
import Neighbors
import Wire

extension Director {
  /// Why the packet at `index` may not go on to `nextHop`, of which its sender is told; `nil` when it
  /// may.
  ///
  /// The error quotes the packet as it came; one about the MTU quotes a request with its time to
  /// live lowered already (`ip_vs_xmit.c`, `__ip_vs_get_out_rt`). A GSO frame is judged by its
  /// segments.
  mutating func admit(
    _ packet: Packet, _ direction: Direction, to nextHop: NextHop, _ index: Int,
    of batch: inout FrameBatch, outbox: inout FrameBatch, at now: Instant
  ) -> DropReason? {
    guard packet.timeToLive > 1 else {
      answer(packet, with: .timeExceeded, index, of: batch, outbox: &outbox, at: now)
      return .timeToLiveExceeded
    }
    guard packet.dontFragment, packet.exceeds(nextHop.mtu) else { return nil }
    if direction != .outbound { lowerTimeToLive(packet, index, of: &batch) }
    answer(
      packet, with: .fragmentationNeeded(mtu: nextHop.mtu), index, of: batch, outbox: &outbox,
      at: now)
    return .mtuExceeded
  }

  /// Sends the packet at `index`, complete but for its link addresses, to `nextHop`: whole, or in
  /// fragments no longer than it came in and than the next hop takes.
  mutating func dispatch(
    _ packet: Packet, to nextHop: NextHop, _ index: Int, of batch: inout FrameBatch,
    outbox: inout FrameBatch, at now: Instant
  ) -> Verdict {
    batch[index].offload.flags.formIntersection(.needsChecksum)
    let isTooLarge = packet.exceeds(nextHop.mtu)
    // Only an ICMP error gets here, of which nobody is told; `admit` has seen to the others.
    guard !isTooLarge || !packet.dontFragment else { return .drop(.mtuExceeded) }
    if isTooLarge && batch[index].offload.isGSO {
      guard packet.protocol == .tcp else {
        return dispatchDatagrams(
          packet, to: nextHop, index, of: &batch, outbox: &outbox, at: now)
      }
      guard batch.shortenSegments(at: index, packet, mtu: nextHop.mtu)
      else { return .drop(.mtuExceeded) }
    } else if isTooLarge || packet.largestFragment > 0 {
      return dispatchFragments(
        packet, to: nextHop, index, of: &batch, outbox: &outbox, at: now)
    }
    return arp.use(
      nextHop.address, port: nextHop.port, index: index, of: &batch, outbox: &outbox,
      drops: &counters.drops, at: now)
  }
}

extension FrameBatch {
  /// Lets the segments of the TCP frame at `index`, which do not exist yet, be short enough for `mtu`;
  /// `false` when the headers leave no room.
  fileprivate mutating func shortenSegments(at index: Int, _ packet: Packet, mtu: Int) -> Bool {
    let room = mtu - packet.headersLength
    guard room >= 8 else { return false }
    self[index].offload.gsoSize = UInt16(clamping: room)
    return true
  }
}
