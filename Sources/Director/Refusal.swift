import Frames
import Wire

// What the sender of a packet hears when no connection takes it.

extension Director {
  /// A request that opens no connection, for `reason`.
  ///
  /// Without a virtual service or a connection the host itself would answer: a reset, or port
  /// unreachable (RFC 9293 section 3.10.7.1, RFC 1122 section 4.1.3.1), but not to what came
  /// with a wrong checksum. Without a real server it is port unreachable, for TCP, too
  /// (`ip_vs_core.c`, `ip_vs_leave`).
  mutating func refuse(
    _ packet: Packet, for reason: DropReason, _ index: Int, of batch: inout FrameBatch,
    outbox: inout FrameBatch, at now: Instant
  ) -> Verdict {
    switch reason {
    case .noService where packet.protocol == .tcp, .noConnection where packet.protocol == .tcp:
      return answerReset(packet, index, of: &batch, otherwise: reason)
    case .noService, .noConnection:
      if packet.hasRightTransportChecksum(in: batch.readBytes(at: index)) {
        answer(packet, with: .portUnreachable, index, of: batch, outbox: &outbox, at: now)
      }
    case .noDestination:
      answer(packet, with: .portUnreachable, index, of: batch, outbox: &outbox, at: now)
    default:
      break
    }
    return .drop(reason)
  }

  /// A packet that is neither to us nor of a connection: the director is no router.
  ///
  /// With `nat_icmp_send` a real server hears port unreachable, unless it sent a reset
  /// (`ip_vs_core.c`, `ip_vs_out_hook`) or to more than one host (RFC 1812 section 4.3.2.7). The error
  /// quotes the packet as forwarding would leave it.
  mutating func refuseReply(
    _ packet: Packet, _ index: Int, of batch: inout FrameBatch, outbox: inout FrameBatch,
    at now: Instant
  ) -> Verdict {
    guard configuration.sendsNATUnreachable, packet.timeToLive > 1,
      !packet.tcpFlags.contains(.rst), packet.destination.isUnicastHost,
      !broadcastAddresses.contains(packet.destination),
      forwarding.holds(Endpoint(packet.source, packet.sourcePort), packet.protocol)
    else { return .drop(.ipNotForUs) }
    lowerTimeToLive(packet, index, of: &batch)
    answer(packet, with: .portUnreachable, index, of: batch, outbox: &outbox, at: now)
    return .drop(.ipNotForUs)
  }

  /// Lowers the time to live by one hop.
  func lowerTimeToLive(_ packet: Packet, _ index: Int, of batch: inout FrameBatch) {
    if var header = MutableIPv4Packet(batch.bytes(at: index, from: EthernetFrame.headerLength)) {
      header.timeToLive = packet.timeToLive - 1
    }
  }
}
