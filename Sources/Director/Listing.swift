package import Frames
package import Neighbors
package import Wire

/// One connection as it stands.
package struct ConnectionSnapshot: Equatable, Sendable {
  package var `protocol`: ServiceProtocol
  package var client: Endpoint
  package var virtual: Endpoint
  package var destination: Endpoint
  package var state: ConnectionState
  /// How long the state lasts after a packet.
  package var timeout: Duration
  /// How long the connection lives if nothing comes.
  package var remaining: Duration
  /// The server's side, when it is not the client's.
  package var translation: TranslationSnapshot?
  package var isActive: Bool { state.isActive }

  package init(
    protocol: ServiceProtocol, client: Endpoint, virtual: Endpoint, destination: Endpoint,
    state: ConnectionState, timeout: Duration? = nil, remaining: Duration? = nil,
    translation: TranslationSnapshot? = nil
  ) {
    self.translation = translation
    self.protocol = `protocol`
    self.client = client
    self.virtual = virtual
    self.destination = destination
    self.state = state
    self.timeout = timeout ?? state.defaultTimeout
    self.remaining = remaining ?? self.timeout
  }
}

/// What FullNAT makes of a connection.
package struct TranslationSnapshot: Equatable, Sendable {
  /// The source that the real server sees.
  package var local: Endpoint
  /// What is added to the client's sequence numbers, modulo 2^32; 0 for UDP.
  package var sequenceShift: UInt32
  /// What is added to the client's timestamps, modulo 2^32; 0 when it has none.
  package var timestampShift: UInt32
  /// The client's first sequence number; `nil` for UDP.
  package var clientSequence: UInt32?
  /// The real server's first sequence number, once it has told it.
  package var serverSequence: UInt32?
  /// How many datagrams have carried the client's address.
  package var toldCount: Int

  package init(
    local: Endpoint, sequenceShift: UInt32 = 0, timestampShift: UInt32 = 0,
    clientSequence: UInt32? = nil, serverSequence: UInt32? = nil, toldCount: Int = 0
  ) {
    self.local = local
    self.sequenceShift = sequenceShift
    self.timestampShift = timestampShift
    self.clientSequence = clientSequence
    self.serverSequence = serverSequence
    self.toldCount = toldCount
  }
}

/// One neighbour as it stands.
package struct NeighborSnapshot: Equatable, Sendable {
  package let address: IPv4Address
  package let port: PortIndex
  package let state: NeighborState
  /// The link address, if one is known.
  package let mac: MACAddress?
}

/// A real server as it stands.
package struct DestinationSnapshot: Sendable {
  package let real: Endpoint
  package let method: ForwardingMethod
  package let weight: Int
  package let activeCount: Int
  package let inactiveCount: Int
  /// Connections since the start.
  package let openedCount: UInt64
  /// Packets and bytes from clients.
  package let inbound: PacketCount
  /// Packets and bytes to clients.
  package let outbound: PacketCount
}

/// A virtual service as it stands.
package struct ServiceSnapshot: Sendable {
  package let virtual: Endpoint
  package let `protocol`: ServiceProtocol
  package let scheduler: SchedulerKind
  /// In the order of the configuration.
  package let destinations: [DestinationSnapshot]
  package let segmentSizeClamp: SegmentSizeClamp?
  package let whenRemoved: RemovalPolicy
}

extension Director {
  /// The number of connections.
  package var connectionCount: Int { connections.count }

  /// Claims of our addresses by other stations.
  package var addressConflictCount: UInt64 { arp.conflictCount }

  /// The stations that claim our addresses, the one heard of last first; at most 16.
  package var addressConflicts: [AddressConflict] { arp.conflicts }

  /// What happened to addresses since the last call: claims of ours, and gateways and real servers
  /// whose link address changed.
  package mutating func takeAddressNotices() -> [AddressNotice] { arp.takeNotices() }

  /// The services in the order of the configuration.
  package var serviceSnapshots: [ServiceSnapshot] {
    configuration.services.compactMap { configured in
      let virtual = Endpoint(configured.address, configured.port)
      guard let place = services.place(configured.protocol.ipProtocol, virtual) else { return nil }
      let service = services[place]
      let available = service.destinations.filter { forwarding[$0.record].isAvailable }
      return ServiceSnapshot(
        virtual: service.endpoint, protocol: service.protocol,
        scheduler: configured.scheduler,
        destinations: available.reversed().map { destination in
          let record = forwarding[destination.record]
          return DestinationSnapshot(
            real: record.real, method: record.method, weight: destination.weight,
            activeCount: destination.activeCount,
            inactiveCount: destination.inactiveCount, openedCount: destination.openedCount,
            inbound: record.inbound, outbound: record.outbound)
        },
        segmentSizeClamp: configured.segmentSizeClamp, whenRemoved: configured.whenRemoved)
    }
  }

  /// All neighbours by port and address.
  package var neighborSnapshots: [NeighborSnapshot] {
    arp.neighbors.allIndices.map { neighborSnapshot(at: $0) }.sorted {
      ($0.port.rawValue, $0.address.rawValue) < ($1.port.rawValue, $1.address.rawValue)
    }
  }

  /// The neighbour, if it is known.
  package func neighbor(_ address: IPv4Address, port: PortIndex) -> NeighborSnapshot? {
    arp.neighbors.index(of: address, port: port).map { neighborSnapshot(at: $0) }
  }

  private func neighborSnapshot(at index: Int) -> NeighborSnapshot {
    let neighbor = arp.neighbors[index]
    return NeighborSnapshot(
      address: neighbor.address, port: neighbor.port, state: neighbor.state,
      mac: neighbor.mac == .zero ? nil : neighbor.mac)
  }

  /// The connection of `client` to `virtual`, if there is one.
  package func connection(
    protocol: ServiceProtocol, client: Endpoint, virtual: Endpoint, at now: Instant
  ) -> ConnectionSnapshot? {
    let key = ConnectionKey(client.address, client.port, `protocol`.ipProtocol)
    return find(key, where: { $0.virtual == virtual }).map { snapshot(of: $0, at: now) }
  }

  /// Up to `limit` connections from the place `cursor` of the table on, and the place to go on
  /// from; `nil` when the table is at its end.
  ///
  /// Looks at no more than `span` places, so that a listing of a large table can be told in pieces.
  package func connectionSnapshots(
    from cursor: Int, limit: Int, span: Int, at now: Instant
  ) -> (connections: [ConnectionSnapshot], next: Int?) {
    var found: [ConnectionSnapshot] = []
    var index = min(max(0, cursor), connections.placeCount)
    let end = index + min(max(0, span), connections.placeCount - index)
    while index < end && found.count < limit {
      if !connections[index].isFree { found.append(snapshot(of: index, at: now)) }
      index += 1
    }
    return (found, index < connections.placeCount ? index : nil)
  }

  private func snapshot(of index: Int, at now: Instant) -> ConnectionSnapshot {
    let entry = connections[index]
    let record = forwarding[entry.destination]
    return ConnectionSnapshot(
      protocol: entry.key.protocol == .udp ? .udp : .tcp, client: entry.key.client,
      virtual: record.virtual, destination: record.real, state: entry.state,
      timeout: timeouts[entry.state],
      remaining: .milliseconds(Int64(remainingMilliseconds(of: index, at: now))),
      translation: translationSnapshot(of: index))
  }

  /// Takes over a connection; `false` when there is one, no service has its server, or the table is full.
  package mutating func installConnection(
    _ connection: ConnectionSnapshot, at now: Instant
  ) -> Bool {
    let `protocol` = connection.protocol.ipProtocol
    guard let service = services.place(`protocol`, connection.virtual),
      let place = services[service].destinations.firstIndex(where: {
        forwarding[$0.record].real == connection.destination
      })
    else { return false }
    let key = ConnectionKey(connection.client.address, connection.client.port, `protocol`)
    guard find(key, where: { $0.virtual == connection.virtual }) == nil else { return false }
    let record = services[service].destinations[place].record
    let lease = connection.translation.flatMap { leaseLocalPort($0.local, of: record) }
    guard (lease != nil) == (forwarding[record].method == .fullnat) else { return false }
    guard
      let index = open(
        key, state: connection.state, service: service, place: place, at: now)
    else {
      if let lease { giveBack(lease, of: record) }
      return false
    }
    if let lease, let translation = connection.translation {
      translate(index, by: lease, as: translation)
    }
    return true
  }

  /// Takes `mac` for a neighbour's link address as if it had just answered.
  package mutating func installNeighbor(
    _ address: IPv4Address, mac: MACAddress, port: PortIndex, at now: Instant
  ) {
    arp.install(address, mac: mac, port: port, at: now)
  }

  /// Counts frames that were to be sent and could not be.
  package mutating func note(_ reason: DropReason, count: Int) {
    counters.drops[reason] &+= UInt64(count)
  }

  /// Announces the addresses of `port`, whose segment may have forgotten them.
  package mutating func announce(port: PortIndex, at now: Instant) {
    arp.announce(port: port, at: now)
  }
}
