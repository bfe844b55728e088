package import Frames
import Neighbors

// What may change while traffic flows. Connections of servers that go are dealt with by the policy of
// their service.

extension Director {
  /// Gives a real server another weight; with 0 it takes no new connections, and the others go on.
  ///
  /// Answers whether the virtual service has the server.
  package mutating func setWeight(
    _ weight: Int, ofServer real: Endpoint, in protocol: ServiceProtocol, _ virtual: Endpoint
  ) -> Bool {
    guard let service = services.place(`protocol`.ipProtocol, virtual),
      let place = place(of: real, in: service), isAvailable(place, in: service)
    else { return false }
    guard services[service].destinations[place].weight != weight else { return true }
    services[service].destinations[place].weight = weight
    services[service].destinationsChanged()
    return true
  }

  /// Takes a real server from its virtual service.
  ///
  /// What becomes of its connections is the service's `whenRemoved`. Answers whether the service had
  /// the server.
  package mutating func removeServer(
    _ real: Endpoint, from protocol: ServiceProtocol, _ virtual: Endpoint
  ) -> Bool {
    guard let service = services.place(`protocol`.ipProtocol, virtual),
      let place = place(of: real, in: service), isAvailable(place, in: service)
    else { return false }
    retire(place, in: service)
    renumber(service)
    return true
  }

  /// Gives a virtual service a real server, newest of all; one that was removed comes back with those
  /// of its connections that are left, whatever was to become of them.
  ///
  /// Answers `false` when there is no such service, it has the server, no route leads there, or there
  /// is no room.
  package mutating func addServer(
    _ server: DirectorConfiguration.Server, to protocol: ServiceProtocol, _ virtual: Endpoint,
    at now: Instant
  ) -> Bool {
    guard let service = services.place(`protocol`.ipProtocol, virtual) else { return false }
    let real = Endpoint(server.address, server.port)
    var destination: Destination
    if let place = place(of: real, in: service) {
      guard !isAvailable(place, in: service) else { return false }
      destination = services[service].destinations.remove(at: place)
      destination.weight = server.weight
      destination.isFailed = false
      forwarding[destination.record].isAvailable = true
      setDeparture(nil, of: destination.record)
    } else {
      guard let nextHop = routes.nextHop(to: server.address),
        let record = append(
          ForwardingRecord(
            virtual: virtual, real: real, protocol: `protocol`.ipProtocol, method: server.method,
            service: service, place: 0,
            rules: ForwardingRules(services[service].definition, server.method),
            nextHop: nextHop,
            neighbor: arp.pin(nextHop.address, port: nextHop.port, at: now),
            outer: configuration.outerHeader(server, by: nextHop)))
      else { return false }
      noteTunnel(of: record)
      noteSuperframes(of: record)
      destination = Destination(record: record, weight: server.weight)
    }
    services[service].destinations.insert(destination, at: 0)
    renumber(service)
    return true
  }

  /// Adds a record, with FullNAT its pools, too; `nil` when the table is full.
  private mutating func append(_ record: ForwardingRecord) -> RecordIndex? {
    guard record.method == .fullnat else { return forwarding.append(record) }
    let settings = services[record.service].definition.fullNAT
    var record = record
    let list = localPorts.add(settings, record.real, record.protocol)
    for pool in localPorts.ranges(of: list) {
      guard replies.add(pool.ports, of: pool.key) else { return nil }
    }
    record.pools = list
    return forwarding.append(record)
  }

  /// Takes a virtual service with all its servers away, whose connections are dealt with as if the
  /// servers were removed; answers whether there was one.
  package mutating func removeService(
    _ protocol: ServiceProtocol, _ virtual: Endpoint
  ) -> Bool {
    guard let service = services.place(`protocol`.ipProtocol, virtual) else { return false }
    for destination in services[service].destinations {
      forwarding[destination.record].isAvailable = false
      setDeparture(services[service].definition.whenRemoved, of: destination.record)
    }
    services.hide(service)
    return true
  }

  /// The place of a server in its service's list, removed ones included.
  func place(of real: Endpoint, in service: Int) -> Int? {
    services[service].destinations.firstIndex {
      forwarding[$0.record].real == real && !forwarding[$0.record].isSuperseded
    }
  }

  /// Whether the server at `place` was not removed.
  func isAvailable(_ place: Int, in service: Int) -> Bool {
    forwarding[services[service].destinations[place].record].isAvailable
  }

  /// Moves the server at `place` behind the others, where nothing chooses it.
  mutating func retire(_ place: Int, in service: Int) {
    var destination = services[service].destinations.remove(at: place)
    destination.weight = 0
    forwarding[destination.record].isAvailable = false
    setDeparture(services[service].definition.whenRemoved, of: destination.record)
    services[service].destinations.append(destination)
  }

  /// Tells records and scheduler of a list that has changed.
  mutating func renumber(_ service: Int) {
    for (place, destination) in services[service].destinations.enumerated() {
      forwarding[destination.record].place = place
    }
    services[service].destinationsChanged()
  }
}
