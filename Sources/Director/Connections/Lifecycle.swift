import Frames
import Wire

// The only place where a connection is opened, changes its state, or ends: what must know of that
// hangs here.

extension Director {
  /// The state that a connection's first packet leaves it in.
  ///
  /// It begins there, so that its timer is right from the start, whichever path opens it.
  func openingState(_ protocol: IPProtocol) -> ConnectionState {
    `protocol` == .udp ? .udp : transitions.next(.none, on: .syn, .inbound)
  }

  /// Opens a connection to the server at `place` of the service at `service`; `nil` when the table is
  /// full.
  mutating func open(
    _ key: ConnectionKey, state: ConnectionState, service: Int, place: Int, at now: Instant
  ) -> Int? {
    let record = services[service].destinations[place].record
    guard
      let index = connections.insert(
        key, state: state, destination: record, stamp: now.milliseconds)
    else { return nil }
    services[service].noteOpened(state, at: place)
    timers.add(index, in: timeouts.milliseconds(state), at: now)
    counters.connectionsOpened &+= 1
    if let patience = services[service].synSuspect, state != .udp,
      Int32(bitPattern: now.milliseconds &- forwarding[record].nextSample) >= 0
    {
      watchOpening(index, of: record, within: patience, at: now)
    }
    return index
  }

  /// Moves the connection at `index` to `state` for a packet that went in `direction`.
  @inline(never)
  mutating func change(
    _ index: Int, to state: ConnectionState, by direction: Direction, at now: Instant
  ) {
    let old = connections[index].state
    guard old != state else { return }
    connections[index].state = state
    let record = connections[index].destination
    if state.allowsReuse, forwarding[record].method == .fullnat { noteEnded(index) }
    // Without the server's half, a client's reset ends only what its own acknowledgement established.
    if state == .close && direction == .inbound {
      connections[index].flags.insert(.resetByClient)
    } else {
      connections[index].flags.remove(.resetByClient)
    }
    let service = forwarding[record].service
    let place = forwarding[record].place
    services[service].destinations[place].note(-1, in: old)
    services[service].destinations[place].note(1, in: state)
    // A timer that is due too early looks at the stamp and goes on; only a shorter time needs it.
    if timeouts.milliseconds(state) < timeouts.milliseconds(old) {
      timers.remove(index)
      timers.add(index, in: timeouts.milliseconds(state), at: now)
    }
  }

  /// Lets the local port of the connection at `index` be taken when there is no other.
  private mutating func noteEnded(_ index: Int) {
    guard let list = forwarding[connections[index].destination].pools else { return }
    let translation = translations[index]
    localPorts.noteEnded(translation.port.byteSwapped, at: Int(translation.lease), of: list)
  }

  /// Makes the new connection at `index` the one that the server's replies find, rather than the
  /// older one at `twin`, as `ip_vs` does; answers where it is from then on.
  ///
  /// An older one that has ended for both sides, or is being ended, is forgotten.
  mutating func supersede(_ twin: Int, by index: Int, at now: Instant) -> Int {
    if connections[twin].state.allowsReuse
      || forwarding[connections[twin].destination].endsConnections
    {
      expireNow(twin)
      return index
    }
    connections.exchange(twin, index)
    for place in [twin, index] {
      timers.remove(place)
      let left = max(0, remainingMilliseconds(of: place, at: now))
      timers.add(place, in: UInt32(left), at: now)
    }
    return twin
  }

  /// Ends the connection at `index`, whose timer is no longer in the wheel.
  private mutating func end(_ index: Int) {
    let entry = connections[index]
    let record = entry.destination
    services[forwarding[record].service].destinations[forwarding[record].place]
      .note(-1, in: entry.state)
    if forwarding[record].pools != nil { unlink(index) }
    connections.remove(at: index)
    counters.connectionsEnded &+= 1
  }

  /// Ends the connection at `index` before its time.
  mutating func expireNow(_ index: Int) {
    timers.remove(index)
    end(index)
  }

  /// Ends connections whose time is over; a bounded number at a time, the rest follows.
  mutating func expireConnections(at now: Instant) {
    var remaining = Self.expiryBudget
    while remaining > 0, let index = timers.removeDue(at: now) {
      remaining -= 1
      let left = remainingMilliseconds(of: index, at: now)
      if left > 0 {
        timers.add(index, in: UInt32(left), at: now)
      } else {
        end(index)
      }
    }
    isExpiryBehind = remaining == 0
  }

  /// Timers looked at in one call: about a millisecond's work.
  private static let expiryBudget = 8192

  /// How long the connection at `index` lives if nothing comes; 0 or less when its time is over.
  func remainingMilliseconds(of index: Int, at now: Instant) -> Int32 {
    let entry = connections[index]
    return Int32(bitPattern: entry.stamp &+ timeouts.milliseconds(entry.state) &- now.milliseconds)
  }
}

extension ConnectionEntry {
  /// Whether a SYN of the same client endpoint opens a new connection in place of this one.
  ///
  /// When the client reset what the server had not accepted, the server's end was still busy with an
  /// earlier connection of these endpoints, and said so. The reset has ended that one, and the SYN
  /// that comes is the same one repeated: another server might be busy, too, and the next repetition
  /// comes after a second.
  @inline(__always)
  var allowsReuse: Bool {
    state.allowsReuse && flags.subtracting(.ending) != .resetByClient
  }
}

extension ConnectionState {
  /// Whether a SYN of the same client endpoint opens a new connection in place of this one
  /// (`ip_vs_core.c`, `is_new_conn_expected`, with the default `conn_reuse_mode`).
  var allowsReuse: Bool { self == .timeWait || self == .close }
}
