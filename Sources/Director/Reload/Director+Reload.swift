package import Frames
import Neighbors
import Wire

// Another configuration while traffic flows. What it does not change is not touched: connections,
// schedulers' positions, counters, and weights and removals by health.

extension Director {
  /// Does what `new` says from now on; answers why not, and changes nothing then.
  ///
  /// Servers that a service keeps keep their weight and whether they are removed, too: health tells
  /// those by `setWeight`, `removeServer` and `addServer`. Servers and services that are gone leave by their
  /// `whenRemoved`; one that is reached in another way is a new one. Cost: one look at each service and at each
  /// server of those that changed.
  package mutating func reconfigure(
    _ new: DirectorConfiguration, at now: Instant
  ) -> ReloadObstacle? {
    if let obstacle = Self.obstacles(from: configuration, to: new).first { return obstacle }
    guard hasRoom(for: new) else { return .tooManyServers }
    let old = configuration
    configuration = new
    let kept = Set(new.services.map(\.key))
    for service in old.services where !kept.contains(service.key) {
      _ = removeService(service.protocol, Endpoint(service.address, service.port))
    }
    for service in new.services {
      let virtual = Endpoint(service.address, service.port)
      if let place = services.place(service.protocol.ipProtocol, virtual) {
        if services[place].definition != service { change(place, to: service, at: now) }
      } else {
        begin(service, at: now)
      }
    }
    if old.arpPorts != new.arpPorts || old.localAddresses != new.localAddresses {
      readdress(at: now)
    }
    timeouts = new.timeouts
    hasNews = true
    return nil
  }

  /// Whether there is a record for each server that is new; asked before anything is changed.
  private func hasRoom(for new: DirectorConfiguration) -> Bool {
    let former = Dictionary(
      configuration.services.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    var count = 0
    for service in new.services where former[service.key] != service {
      count += service.servers.count + 1
    }
    return forwarding.count + count <= ForwardingTable.limit
  }

  /// Changes a service that goes on.
  private mutating func change(
    _ place: Int, to new: DirectorConfiguration.Service, at now: Instant
  ) {
    let old = services[place].definition
    let rest = Self.unchanged(old, new)
    for server in old.servers where !rest.contains(server.endpoint) {
      dismiss(server.endpoint, of: place, isReplaced: new.holds(server.endpoint))
    }
    services[place].redefine(new)
    retellRules(of: place)
    renumber(place)
    for server in new.servers where !rest.contains(server.endpoint) {
      _ = addServer(server, to: new.protocol, Endpoint(new.address, new.port), at: now)
    }
  }

  /// Begins a service that was not there, or was there before.
  private mutating func begin(_ new: DirectorConfiguration.Service, at now: Instant) {
    let virtual = Endpoint(new.address, new.port)
    if let place = services.hiddenPlace(new.protocol.ipProtocol, virtual) {
      let rest = Self.unchanged(services[place].definition, new)
      for index in services[place].destinations.indices {
        services[place].destinations[index].weight = 0
        let record = services[place].destinations[index].record
        if !rest.contains(forwarding[record].real) { forwarding[record].isSuperseded = true }
      }
      services[place].redefine(new)
      retellRules(of: place)
      services.show(place)
      renumber(place)
    } else {
      _ = services.append(VirtualService(new))
    }
    // One by one, as `ip_vs` gets them.
    for server in new.servers { _ = addServer(server, to: new.protocol, virtual, at: now) }
  }

  /// The servers that both definitions of a service have and reach in the same way.
  private static func unchanged(
    _ old: DirectorConfiguration.Service, _ new: DirectorConfiguration.Service
  ) -> Set<Endpoint> {
    let hasSamePorts =
      old.fullNAT.localAddresses == new.fullNAT.localAddresses
      && old.fullNAT.localPorts == new.fullNAT.localPorts
    let former = Dictionary(
      old.servers.map { ($0.endpoint, $0) }, uniquingKeysWith: { first, _ in first })
    let same = new.servers.filter { server in
      guard let other = former[server.endpoint] else { return false }
      return other.method == server.method && other.tunnel == server.tunnel
        && (server.method != .fullnat || hasSamePorts)
    }
    return Set(same.map(\.endpoint))
  }

  /// Takes a server from a service's list, whether health has done so before or not.
  private mutating func dismiss(_ real: Endpoint, of service: Int, isReplaced: Bool) {
    guard let place = place(of: real, in: service) else { return }
    let record = services[service].destinations[place].record
    if isAvailable(place, in: service) { retire(place, in: service) }
    forwarding[record].isSuperseded = isReplaced
  }

  /// Tells the records of a service what holds for its packets now.
  private mutating func retellRules(of service: Int) {
    for destination in services[service].destinations {
      let record = destination.record
      forwarding[record].rules = ForwardingRules(
        services[service].definition, forwarding[record].method)
    }
  }

  /// Lets the addresses be those of the configuration.
  private mutating func readdress(at now: Instant) {
    let own =
      configuration.allVirtualAddresses
      + configuration.ports.flatMap { $0.addresses.map(\.address) }
    let local = Set(configuration.localAddresses)
    ownAddresses = AddressSet(own)
    localAddresses = AddressSet(local)
    hasLocalAddresses = !local.isEmpty
    requestAddresses = AddressSet(own.filter { !local.contains($0) })
    arp.setVirtualAddresses(of: configuration.arpPorts, at: now)
  }
}

extension DirectorConfiguration.Service {
  /// What tells services apart.
  fileprivate struct Key: Hashable {
    let `protocol`: ServiceProtocol
    let endpoint: Endpoint
  }

  fileprivate var key: Key { Key(protocol: `protocol`, endpoint: Endpoint(address, port)) }

  fileprivate func holds(_ real: Endpoint) -> Bool {
    servers.contains { $0.endpoint == real }
  }
}

extension DirectorConfiguration.Server {
  fileprivate var endpoint: Endpoint { Endpoint(address, port) }
}
