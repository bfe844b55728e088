import Frames
import Neighbors
import Wire

extension Director {
  /// Opens a connection for the frame at `index`, a candidate that belongs to none, if it is the first
  /// of a flow and nothing about it is unusual; answers whether the fast path can forward it.
  ///
  /// What it leaves alone, the slow path decides. A connection whose first frame the fast path cannot
  /// forward is opened as the slow path would have, which goes on with it.
  @inline(never)
  mutating func openConnection(
    forCandidate index: Int, _ offload: VirtioNetHeader, at now: Instant
  ) -> Bool {
    let candidate = candidates[index]
    guard candidate.key != 0, candidate.isInbound, !candidate.isTCP || candidate.flags.isOpening
    else { return false }
    let key = ConnectionKey(rawValue: candidate.key)
    let client = key.client
    let virtual = candidate.peer.endpoint
    // A client endpoint that has a connection already may have one to the same server.
    guard connections.find(key, home: candidate.home, accepting: { _ in true }) == nil,
      connections.count < connections.limit, client.port != Self.activeFTPDataPort,
      client.address.isUnicastHost, !ownAddresses.contains(client.address),
      !broadcastAddresses.contains(client.address),
      let service = services.place(candidate.isTCP ? .tcp : .udp, virtual),
      services[service].opensPlainly, let place = services[service].schedule()
    else { return false }
    let canForward = canForward(
      candidate, offload, to: services[service].destinations[place].record)
    _ = open(
      key, state: openingState(candidate.isTCP ? .tcp : .udp), service: service, place: place,
      at: now)
    // The first connection of all begins the time that is looked at for their ends.
    if connections.count == 1 { hasNews = true }
    return canForward
  }

  /// Whether the next hop towards a real server is known and takes the packet.
  @inline(__always)
  private func canForward(
    _ candidate: Candidate, _ offload: VirtioNetHeader, to record: RecordIndex
  ) -> Bool {
    let neighbor = forwarding[record].neighbor
    return neighbor >= 0 && arp.neighbors.adjacencies[neighbor].isUsable
      && candidate.fits(forwarding[record].requestMTU, offload)
      && (forwarding[record].method != .tunnel || forwarding[record].canWrap(candidate, offload))
  }
}
