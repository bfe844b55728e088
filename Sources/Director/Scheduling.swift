import Frames
import Wire

extension Director {
  /// Where a real server of FTP opens data connections from: with NAT they belong to a connection
  /// that exists, and are never scheduled (`ip_vs_core.c`, `ip_vs_schedule`).
  private static let activeFTPDataPort: UInt16 = 20

  /// The connection that a request belongs to, opened if the packet may open one.
  mutating func connection(
    for packet: Packet, at now: Instant
  ) -> Result<Int, DropReason> {
    let key = ConnectionKey(packet.source, packet.sourcePort, packet.protocol)
    let virtual = Endpoint(packet.destination, packet.destinationPort)
    let opens = packet.protocol != .tcp || packet.tcpFlags.isOpening
    if let index = find(key, where: { $0.virtual == virtual }) {
      guard opens && packet.protocol == .tcp && connections[index].state.allowsReuse
      else { return .success(index) }
      expireNow(index)
    }
    guard let service = services.place(packet.protocol, virtual) else {
      return .failure(.noService)
    }
    guard opens, packet.sourcePort != Self.activeFTPDataPort else {
      return .failure(.noConnection)
    }
    guard let place = services[service].schedule() else { return .failure(.noDestination) }
    let state: ConnectionState = packet.protocol == .udp ? .udp : .none
    guard let index = open(key, state: state, service: service, place: place, at: now)
    else { return .failure(.connectionTableFull) }
    return .success(index)
  }
}

extension TCPFlags {
  /// Whether a segment may open a connection: with SYN, with or without ACK, but without RST.
  fileprivate var isOpening: Bool { contains(.syn) && !contains(.rst) }
}

extension ConnectionState {
  /// Whether a SYN of the same client endpoint opens a new connection in place of this one
  /// (`ip_vs_core.c`, `is_new_conn_expected`, with the default `conn_reuse_mode`).
  fileprivate var allowsReuse: Bool { self == .timeWait || self == .close }
}
