import Director
import Frames
import Wire

extension Vector {
  /// Whether a frame that leaves by `port` goes on to somebody else than who sent some of the input.
  ///
  /// Of IP packets the link addresses tell: with direct routing both ends may be of one segment. A
  /// tunnel may lead back to the router that a packet came from, and is told by the real server's
  /// address.
  func isOnward(_ frame: [UInt8], port: String) -> Bool {
    if input.contains(where: { $0.port != port }) { return true }
    guard let sent = EthernetFrame(frame.rawSpan), sent.etherType == .ipv4,
      let packet = IPv4Packet(sent.payload)
    else { return false }
    let destination = sent.destination
    if input.contains(where: { EthernetFrame($0.frame.rawSpan)?.source != destination }) {
      return true
    }
    let servers = configuration.service?.servers ?? []
    return servers.contains { $0.method == .tunnel && $0.address == packet.destination }
  }

  /// Whether the real server's first sequence number can be known after the input.
  var hasHeardServer: Bool {
    if connection?.snapshot.translation?.serverSequence != nil { return true }
    let servers = (configuration.service?.servers ?? []).map(\.address)
    return input.contains { element in
      guard let ethernet = EthernetFrame(element.frame.rawSpan), ethernet.etherType == .ipv4,
        let packet = IPv4Packet(ethernet.payload), packet.protocol == .tcp,
        let segment = TCPSegment(packet.payload)
      else { return false }
      return segment.flags.contains([.syn, .ack]) && servers.contains(packet.source)
    }
  }

  /// Whether all input is of an established flow and has nothing that the fast path may decline.
  ///
  /// It may decline options of IP and fragments, the end of the time to live, a change of the
  /// connection, what leaves in another number of frames, and what FullNAT and tunnels make of some
  /// packets (`PlainPacket`).
  var isPlainEstablishedFlow: Bool {
    guard outcome == .forward, !input.isEmpty, outputs[0].count == input.count,
      let connection, connection.snapshot.state == .established || connection.snapshot.state == .udp
    else { return false }
    let packets = input.compactMap { PlainPacket($0.frame, offload: $0.offload) }
    return packets.count == input.count
      && packets.allSatisfy { $0.isPlain(in: connection, configuration.service) }
  }
}
