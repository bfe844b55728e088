package import Frames

extension HealthMonitor {
  /// Takes another configuration.
  ///
  /// What is still there keeps what is known of it: services by name, servers by endpoint, checks by
  /// probe. Phase, counts, told weights, drains, rising weights, places in intervals and runs go on; a
  /// check gets another place only with another interval, and its counts meet the new bounds at the next
  /// result. New servers answer their first use. Servers and services that are gone answer nothing
  /// but the end of their runs: whoever removed them knows.
  package mutating func apply(
    _ configuration: HealthConfiguration, at now: Instant
  ) -> HealthUpdate {
    var update = HealthUpdate()
    var former = services.map(Optional.some)
    let formerPlaces = servicePlaces
    services = []
    services.reserveCapacity(configuration.services.count)
    servicePlaces = [:]
    ramps = DueHeap()
    for definition in configuration.services {
      let place = services.count
      servicePlaces[definition.name] = place
      let formerPlace = formerPlaces[definition.name]
      if let formerPlace, let service = former[formerPlace] {
        former[formerPlace] = nil
        carry(service, over: definition, from: formerPlace, at: now, update: &update)
      } else {
        let servers = definition.servers.enumerated().map {
          newServer($1, service: place, server: $0, at: now)
        }
        services.append(ServiceHealth(definition, servers: servers))
        settle(place, at: now, update: &update)
      }
    }
    for case let service? in former {
      for server in service.servers { release(server.checks, update: &update) }
    }
    return update
  }

  /// Takes a service over into the list that is being made, as `definition` has it now.
  private mutating func carry(
    _ former: ServiceHealth, over definition: HealthConfiguration.Service, from formerPlace: Int,
    at now: Instant, update: inout HealthUpdate
  ) {
    let place = services.count
    if former.definition == definition {
      services.append(former)
      if formerPlace != place { for server in former.servers { renumber(server, service: place) } }
      if let step = former.nextStep(after: now) { ramps.set(place, due: step) }
      return
    }
    var service = former
    var rest: [ServerHealth?] = former.servers
    let formerPlaces = Dictionary(
      former.servers.indices.map { (former.servers[$0].definition.endpoint, $0) },
      uniquingKeysWith: { first, _ in first })
    let servers = definition.servers.enumerated().map { index, server in
      guard let formerIndex = formerPlaces[server.endpoint], let kept = rest[formerIndex] else {
        return newServer(server, service: place, server: index, at: now)
      }
      rest[formerIndex] = nil
      return carry(
        kept, over: server, service: place, server: index, at: now, update: &update)
    }
    service.redefine(definition, servers: servers)
    for case let server? in rest { release(server.checks, update: &update) }
    let dropped = service.dropSorryServer(of: former.definition)
    services.append(service)
    for index in service.servers.indices {
      refresh(index, of: place, at: now, update: &update)
    }
    settle(place, at: now, update: &update)
    if let dropped { update.changes.append(dropped) }
  }

  /// A server with its checks as `definition` has them now.
  private mutating func carry(
    _ former: ServerHealth, over definition: HealthConfiguration.Server, service: Int, server: Int,
    at now: Instant, update: inout HealthUpdate
  ) -> ServerHealth {
    var carried = former
    carried.definition = definition
    if former.definition.checks != definition.checks {
      var rest = Array(zip(former.definition.checks, former.checks))
      carried.checks = definition.checks.map { check in
        guard let index = rest.firstIndex(where: { $0.0.probe == check.probe }) else {
          return newCheck(check, at: now)
        }
        let (old, place) = rest.remove(at: index)
        if old.settings.interval != check.settings.interval {
          schedule.retune(Int(place), interval: check.settings.interval, at: now)
        }
        return place
      }
      release(rest.map(\.1), update: &update)
    }
    renumber(carried, service: service, server: server)
    return carried
  }

  private mutating func newServer(
    _ definition: HealthConfiguration.Server, service: Int, server: Int, at now: Instant
  ) -> ServerHealth {
    let checks = definition.checks.map { newCheck($0, at: now) }
    let made = ServerHealth(definition, checks: checks)
    renumber(made, service: service, server: server)
    return ServerHealth(definition, checks: checks, summary(made))
  }

  /// Begins a check; `renumber` says later to whom it belongs.
  private mutating func newCheck(_ check: HealthConfiguration.Check, at now: Instant) -> Int32 {
    let record = Record(service: 0, server: 0, check: 0, state: CheckState(at: now))
    let place: Int32
    if let free = freePlaces.popLast() {
      place = free
      records[Int(place)] = record
    } else {
      place = Int32(records.count)
      records.append(record)
    }
    schedule.add(
      Int(place), interval: check.settings.interval, startDelay: check.settings.startDelay, at: now)
    return place
  }

  /// Tells the checks of `server` where it stands.
  private mutating func renumber(_ server: ServerHealth, service: Int, server index: Int? = nil) {
    for (check, place) in server.checks.enumerated() {
      records[Int(place)].service = Int32(service)
      if let index { records[Int(place)].server = Int32(index) }
      records[Int(place)].check = Int32(check)
    }
  }

  /// Ends checks and their runs.
  private mutating func release(_ places: [Int32], update: inout HealthUpdate) {
    for place in places {
      let run = records[Int(place)].run
      if run != 0 { update.orders.append(.cancel(CheckRun(place: place, number: run))) }
      records[Int(place)].run = 0
      schedule.remove(Int(place))
      freePlaces.append(place)
    }
  }
}
