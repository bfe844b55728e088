package import Frames
import Wire

/// An announcement that is still to be sent.
struct Announcement: Sendable {
  let address: IPv4Address
  let port: PortIndex
  var due: Instant
  var remaining: Int
}

extension ARPHost {
  /// Announces every address of `port`: at once and again two seconds later.
  ///
  /// Those that real servers share are asked for from then on.
  package mutating func announce(port: PortIndex, at now: Instant) {
    announcements.removeAll { $0.port == port }
    let host = ports[port.index]
    let own = host.addresses.map(\.address)
    // A virtual address may be an own one, too.
    for address in own + host.virtualAddresses.filter({ !own.contains($0) }) {
      announcements.append(
        Announcement(
          address: address, port: port, due: now, remaining: NeighborTiming.announcementCount))
    }
    beginProbing(port: port, at: now)
  }

  /// What tells everybody on the segment that `address` is ours: a request for itself, with the
  /// target link address that keepalived and RFC 5944 section 4.6 use.
  func announcement(of address: IPv4Address, port: PortIndex) -> ARPFields {
    ARPFields(
      operation: .request, senderMAC: ports[port.index].macAddress, senderAddress: address,
      targetMAC: .broadcast, targetAddress: address)
  }

  /// Does what is due: announcements, probes, defences, notices, requests, and the ends of states.
  package mutating func advance(
    to now: Instant, outbox: inout FrameBatch, drops: inout DropCounters
  ) {
    sendAnnouncements(to: now, outbox: &outbox)
    sendProbes(to: now, outbox: &outbox)
    repeatDefences(to: now, outbox: &outbox)
    if let due = notices.nextDeadline, due <= now { notices.publish(to: now) }
    guard let due = nextSweep, due <= now else { return }
    nextSweep = nil
    for index in neighbors.allIndices {
      sweep(index, outbox: &outbox, drops: &drops, at: now)
    }
  }

  /// Sends the announcements that are due, as far as `outbox` has room.
  private mutating func sendAnnouncements(to now: Instant, outbox: inout FrameBatch) {
    guard !announcements.isEmpty else { return }
    for index in announcements.indices where announcements[index].due <= now {
      let entry = announcements[index]
      let fields = announcement(of: entry.address, port: entry.port)
      guard send(fields, to: .broadcast, port: entry.port, outbox: &outbox) else { break }
      announcements[index].remaining -= 1
      announcements[index].due = now.advanced(by: NeighborTiming.announcement)
    }
    announcements.removeAll { $0.remaining == 0 }
  }

  private mutating func sweep(
    _ index: Int, outbox: inout FrameBatch, drops: inout DropCounters, at now: Instant
  ) {
    noticeUse(of: index, at: now)
    if let deadline = neighbors[index].deadline, deadline <= now {
      endState(of: index, outbox: &outbox, drops: &drops, at: now)
    }
    let neighbor = neighbors[index]
    if !neighbor.isPinned && neighbor.pending.count == 0
      && neighbor.lastUsed.duration(to: now) > NeighborTiming.unused
    {
      neighbors.remove(at: index)
      return
    }
    if let deadline = neighbor.deadline { schedule(deadline) }
    if neighbor.state == .stale || !neighbor.isPinned {
      schedule(now.advanced(by: NeighborTiming.sweep))
    }
  }

  /// Moves a stale neighbour that is in use on to `delay`.
  private mutating func noticeUse(of index: Int, at now: Instant) {
    guard neighbors.adjacencies[index].wasUsed else { return }
    neighbors.adjacencies[index].wasUsed = false
    neighbors[index].lastUsed = now
    if neighbors[index].state == .stale {
      neighbors.enter(.delay, at: index, until: now.advanced(by: NeighborTiming.delay))
    }
  }

  /// Leaves the state whose time is over.
  private mutating func endState(
    of index: Int, outbox: inout FrameBatch, drops: inout DropCounters, at now: Instant
  ) {
    let neighbor = neighbors[index]
    let next = now.advanced(by: NeighborTiming.retransmission)
    switch neighbor.state {
    case .incomplete where neighbor.requestCount < NeighborTiming.broadcastRequestCount:
      neighbors[index].deadline = next
      request(index, to: .broadcast, outbox: &outbox, drops: &drops)
    case .reachable:
      neighbors.enter(.stale, at: index, until: nil)
    case .delay:
      neighbors.enter(.probe, at: index, until: next)
      request(index, to: neighbor.mac, outbox: &outbox, drops: &drops)
    case .probe where neighbor.requestCount < NeighborTiming.unicastRequestCount:
      neighbors[index].deadline = next
      request(index, to: neighbor.mac, outbox: &outbox, drops: &drops)
    case .probe
    where neighbor.requestCount
      < NeighborTiming.unicastRequestCount + NeighborTiming.broadcastRequestCount:
      neighbors[index].deadline = next
      request(index, to: .broadcast, outbox: &outbox, drops: &drops)
    case .incomplete, .probe:
      let frames = neighbors.takePending(index)
      drops[.neighborUnreachable] += UInt64(frames.count)
      undelivered += frames.prefix(Self.undeliveredLimit)
      neighbors.enter(.failed, at: index, until: now.advanced(by: NeighborTiming.failed))
    case .failed:
      neighbors.enter(.idle, at: index, until: nil)
    case .idle, .stale:
      break
    }
  }
}
