package import Frames
package import Wire

extension ARPHost {
  /// The index of a neighbour that is never forgotten: a gateway or a real server.
  ///
  /// `nil` when the table holds nothing but such neighbours.
  package mutating func pin(_ address: IPv4Address, port: PortIndex, at now: Instant) -> Int? {
    guard let index = neighbors.insert(address, port: port, at: now) else { return nil }
    neighbors[index].isPinned = true
    return index
  }

  /// Takes `mac` for the neighbour's link address as if it had just answered.
  package mutating func install(
    _ address: IPv4Address, mac: MACAddress, port: PortIndex, at now: Instant
  ) {
    guard let index = neighbors.insert(address, port: port, at: now) else { return }
    neighbors[index].mac = mac
    neighbors[index].updated = now
    let end = now.advanced(by: NeighborTiming.reachable)
    neighbors.enter(.reachable, at: index, until: end)
    schedule(end)
  }

  /// Addresses the frame at `index`, which is complete but for its link addresses, to the neighbour
  /// `nextHop` of `port`; or keeps a copy and asks.
  package mutating func use(
    _ nextHop: IPv4Address, port: PortIndex, index: Int, of batch: inout FrameBatch,
    outbox: inout FrameBatch, drops: inout DropCounters, at now: Instant
  ) -> Verdict {
    guard let neighbor = neighbors.insert(nextHop, port: port, at: now)
    else { return .drop(.neighborTableFull) }
    neighbors.adjacencies.markUsed(neighbor)
    ports[port.index].macAddress.store(into: &batch, frame: index, at: 6)
    let adjacency = neighbors.adjacencies[neighbor]
    if adjacency.isUsable {
      adjacency.mac.store(into: &batch, frame: index, at: 0)
      return .transmit(port)
    }
    switch neighbors[neighbor].state {
    case .failed:
      return .drop(.neighborUnreachable)
    case .idle:
      ask(neighbor, outbox: &outbox, drops: &drops, at: now)
    default:
      break
    }
    guard
      let displaced = neighbors.hold(
        batch.readBytes(at: index), offload: batch[index].offload, forNeighborAt: neighbor)
    else { return .drop(.neighborQueueFull) }
    drops[.neighborQueueFull] += UInt64(displaced)
    return .hold
  }

  /// Begins to ask for the neighbour's link address.
  private mutating func ask(
    _ neighbor: Int, outbox: inout FrameBatch, drops: inout DropCounters, at now: Instant
  ) {
    let next = now.advanced(by: NeighborTiming.retransmission)
    neighbors.enter(.incomplete, at: neighbor, until: next)
    schedule(next)
    request(neighbor, to: .broadcast, outbox: &outbox, drops: &drops)
  }

  /// Sends one request for the neighbour's link address to `destination` and counts it.
  mutating func request(
    _ neighbor: Int, to destination: MACAddress, outbox: inout FrameBatch,
    drops: inout DropCounters
  ) {
    neighbors[neighbor].requestCount += 1
    let port = neighbors[neighbor].port
    let target = neighbors[neighbor].address
    let fields = ARPFields(
      operation: .request, senderMAC: ports[port.index].macAddress,
      senderAddress: ports[port.index].senderAddress(for: target) ?? .unspecified,
      targetMAC: .zero, targetAddress: target)
    if !send(fields, to: destination, port: port, outbox: &outbox) {
      drops[.outboxFull] += 1
    }
  }
}

extension MACAddress {
  /// Stores the address at `offset` of the frame at `index` of `batch`.
  fileprivate func store(into batch: inout FrameBatch, frame index: Int, at offset: Int) {
    var bytes = batch.bytes(at: index)
    store(into: &bytes, at: offset)
  }
}
