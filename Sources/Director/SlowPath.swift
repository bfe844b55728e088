import Frames
import Neighbors
import Wire

extension Director {
  /// Decides the frame at `index` with every check, over safe views.
  @inline(never)
  mutating func takeSlowPath(
    _ index: Int, of batch: inout FrameBatch, outbox: inout FrameBatch, at now: Instant
  ) -> Verdict {
    let port = batch[index].port
    guard let header = EthernetHeader(batch.readBytes(at: index))
    else { return .drop(.frameTruncated) }
    let mac = ports[port.index].macAddress
    guard header.source.isStation else { return .drop(.frameSourceInvalid) }
    guard header.source != mac else { return .drop(.frameLooped) }
    switch header.etherType {
    case .arp where header.destination == mac || header.destination == .broadcast:
      return arp.receive(
        index, of: &batch, outbox: &outbox, drops: &counters.drops, at: now)
    case .ipv4 where header.destination == mac:
      return takeIPv4(index, of: &batch, outbox: &outbox, at: now)
    case .arp, .ipv4:
      return .drop(.frameNotForUs)
    case let type where type.isVLANTag:
      return .drop(.frameTagged)
    default:
      return .drop(.etherTypeUnsupported)
    }
  }

  private mutating func takeIPv4(
    _ index: Int, of batch: inout FrameBatch, outbox: inout FrameBatch, at now: Instant
  ) -> Verdict {
    let packet: Packet
    switch Packet.read(batch.readBytes(at: index), offload: batch[index].offload) {
    case .failure(let reason): return .drop(reason)
    case .success(let read): packet = read
    }
    guard !ownAddresses.contains(packet.source), !broadcastAddresses.contains(packet.source) else {
      return .drop(.ipSourceInvalid)
    }
    // Ethernet padding is not payload, and must not grow into it on the next link.
    batch[index].length = packet.frameLength
    let isForUs = ownAddresses.contains(packet.destination)
    switch packet.protocol {
    case .icmp where isForUs:
      return deliverICMP(packet, index, of: &batch)
    case .icmp:
      return .drop(.icmpUnsupported)
    default:
      break
    }
    return isForUs
      ? takeRequest(packet, index, of: &batch, outbox: &outbox, at: now)
      : takeReply(packet, index, of: &batch, outbox: &outbox, at: now)
  }

  /// A packet to an address of ours: of a connection, or the first of one.
  private mutating func takeRequest(
    _ packet: Packet, _ index: Int, of batch: inout FrameBatch, outbox: inout FrameBatch,
    at now: Instant
  ) -> Verdict {
    guard packet.timeToLive > 1 else { return .drop(.timeToLiveExceeded) }
    switch connection(for: packet, at: now) {
    case .failure(let reason):
      return .drop(reason)
    case .success(let connection):
      let event = TCPEvent(packet.tcpFlags)
      return translate(
        packet, .inbound, connection, event, index, of: &batch, outbox: &outbox, at: now)
    }
  }

  /// A packet to somebody else: a real server's reply, or not our business.
  private mutating func takeReply(
    _ packet: Packet, _ index: Int, of batch: inout FrameBatch, outbox: inout FrameBatch,
    at now: Instant
  ) -> Verdict {
    let key = ConnectionKey(packet.destination, packet.destinationPort, packet.protocol)
    let source = Endpoint(packet.source, packet.sourcePort)
    guard let connection = find(key, where: { $0.real == source }) else {
      return .drop(.ipNotForUs)
    }
    guard packet.timeToLive > 1 else { return .drop(.timeToLiveExceeded) }
    let event = TCPEvent(packet.tcpFlags)
    return translate(
      packet, .outbound, connection, event, index, of: &batch, outbox: &outbox, at: now)
  }

  /// The index of the connection of `key` whose real server's record fits.
  func find(
    _ key: ConnectionKey, where fits: (borrowing ForwardingRecord) -> Bool
  ) -> Int? {
    connections.find(key, home: connections.home(of: key)) { fits(forwarding[$0]) }
  }
}

/// The Ethernet header of a frame, read once.
private struct EthernetHeader {
  let destination: MACAddress
  let source: MACAddress
  let etherType: EtherType

  init?(_ bytes: RawSpan) {
    guard let frame = EthernetFrame(bytes) else { return nil }
    destination = frame.destination
    source = frame.source
    etherType = frame.etherType
  }
}
