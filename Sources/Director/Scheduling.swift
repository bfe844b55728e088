import Frames
import Wire

extension Director {
  /// Where a real server of FTP opens data connections from: with NAT they belong to a connection
  /// that exists, and are never scheduled (`ip_vs_core.c`, `ip_vs_schedule`).
  static let activeFTPDataPort: UInt16 = 20

  /// The connection that a request belongs to, opened if the packet may open one.
  ///
  /// One whose server is gone and that comes to an end is replaced by a packet that may.
  mutating func connection(
    for packet: Packet, at now: Instant
  ) -> Result<Int, DropReason> {
    let key = ConnectionKey(packet.source, packet.sourcePort, packet.protocol)
    let virtual = Endpoint(packet.destination, packet.destinationPort)
    let opens = packet.protocol != .tcp || packet.tcpFlags.isOpening
    if let index = find(key, where: { $0.virtual == virtual }) {
      let record = connections[index].destination
      let isEnding = forwarding[record].endsConnections
      guard opens, isEnding || packet.protocol == .tcp && connections[index].allowsReuse else {
        return forwarding[record].departure == .ignore
          ? .failure(.destinationRemoved) : .success(index)
      }
      if isEnding { counters.connectionsReplaced &+= 1 }
      expireNow(index)
    }
    guard let service = services.place(packet.protocol, virtual) else {
      return .failure(.noService)
    }
    guard opens, packet.sourcePort != Self.activeFTPDataPort else {
      return .failure(.noConnection)
    }
    guard let place = place(for: key, service: service) else { return .failure(.noDestination) }
    let state = openingState(packet.protocol)
    let record = services[service].destinations[place].record
    let twin = twin(of: key, record: record)
    let lease = leaseLocalPort(of: record)
    guard lease != nil || forwarding[record].method != .fullnat else {
      return .failure(.noLocalPort)
    }
    guard let index = open(key, state: state, service: service, place: place, at: now) else {
      if let lease { giveBack(lease, of: record) }
      return .failure(.connectionTableFull)
    }
    if let lease {
      translate(index, by: lease, clientSequence: packet.sequenceNumber, at: now)
    }
    guard let twin else { return .success(index) }
    return .success(supersede(twin, by: index, at: now))
  }

  /// A connection of the same client endpoint to the same real server by another virtual service.
  ///
  /// The server cannot tell the two apart, and its replies belong to either. With other methods it can:
  /// they leave it the virtual service's endpoint, or give each connection a source of its own.
  private func twin(of key: ConnectionKey, record: RecordIndex) -> Int? {
    guard forwarding[record].method == .nat else { return nil }
    let real = forwarding[record].real
    return find(key, where: { $0.takesReplies(from: real) })
  }

  /// The place of the scheduler's server for a new connection, or of the next one that it would choose
  /// if the client endpoint has a connection to that server by another service; `nil` if there is none.
  private mutating func place(for key: ConnectionKey, service: Int) -> Int? {
    guard let chosen = services[service].schedule() else { return nil }
    guard twin(of: key, record: services[service].destinations[chosen].record) != nil
    else { return chosen }
    var passedOver = [chosen]
    services[service].destinations[chosen].isOverloaded = true
    var result = chosen
    while let next = services[service].schedule() {
      if twin(of: key, record: services[service].destinations[next].record) == nil {
        result = next
        break
      }
      passedOver.append(next)
      services[service].destinations[next].isOverloaded = true
    }
    for place in passedOver { services[service].destinations[place].isOverloaded = false }
    return result
  }
}

extension TCPFlags {
  /// Whether a segment may open a connection: with SYN, with or without ACK, but without RST.
  var isOpening: Bool { contains(.syn) && !contains(.rst) }
}
