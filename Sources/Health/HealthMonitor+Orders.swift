package import Director
package import Frames
package import Wire

/// Which servers are meant.
package struct ServerSelection: Hashable, Sendable {
  package var address: IPv4Address
  /// `nil` for every port.
  package var port: UInt16?
  /// `nil` for every service.
  package var service: ServiceName?

  package init(_ address: IPv4Address, port: UInt16? = nil, service: ServiceName? = nil) {
    self.address = address
    self.port = port
    self.service = service
  }
}

extension HealthMonitor {
  /// Takes note that the traffic of a service makes one of its servers doubtful.
  ///
  /// Its checks that know suspicion are made at once, one that runs is given less time. Nothing follows
  /// for a server that is not known, has failed already or is being looked at.
  package mutating func suspect(
    _ server: Endpoint, of service: ServiceName, _ suspicion: Suspicion, at now: Instant
  ) -> HealthUpdate {
    var update = HealthUpdate()
    guard let place = servicePlaces[service],
      let index = services[place].servers.firstIndex(where: { $0.definition.endpoint == server })
    else { return update }
    let suspected = services[place].servers[index]
    var isTaken = false
    for (check, record) in zip(suspected.definition.checks, suspected.checks)
    where records[Int(record)].state.suspect(check.settings, at: now) {
      isTaken = true
      hasten(Int(record), check.settings, at: now, update: &update)
    }
    if isTaken {
      services[place].log([.suspected(suspicion)], ofServer: index, at: now, to: &update)
    }
    return update
  }

  /// Makes a suspected check due, or gives its run less time.
  private mutating func hasten(
    _ place: Int, _ settings: CheckSettings, at now: Instant, update: inout HealthUpdate
  ) {
    guard !schedule.hasten(place, to: now) else { return }
    let deadline = now.advanced(by: records[place].state.timeout(settings))
    guard !records[place].isLost, deadline < records[place].deadline else { return }
    records[place].deadline = deadline
    schedule.watch(place, until: deadline.advanced(by: Self.resultGrace))
    update.orders.append(
      .shorten(CheckRun(place: Int32(place), number: records[place].run), to: deadline))
  }

  /// Keeps new connections away from servers, or no longer, whatever their health.
  ///
  /// Answers `nil` when no server is meant. A drain outlasts reloads as long as the server is there.
  package mutating func setDrained(
    _ drained: Bool, _ selection: ServerSelection, at now: Instant
  ) -> HealthUpdate? {
    var update = HealthUpdate()
    var isFound = false
    let places = selection.service.map { servicePlaces[$0].map { [$0] } ?? [] }
    for place in places ?? Array(services.indices) {
      var isMeant = false
      for index in services[place].servers.indices {
        let endpoint = services[place].servers[index].definition.endpoint
        guard endpoint.address == selection.address,
          selection.port == nil || endpoint.port == selection.port
        else { continue }
        isMeant = true
        let slowStart = services[place].definition.slowStart
        services[place].change(index, at: now, update: &update) {
          $0.setDrained(drained, slowStart: slowStart, at: now)
        }
      }
      if isMeant { settle(place, at: now, update: &update) }
      isFound = isFound || isMeant
    }
    return isFound ? update : nil
  }
}

extension HealthMonitor {
  /// The health of a service; `nil` if there is none of that name.
  package func service(_ name: ServiceName) -> ServiceHealth? {
    servicePlaces[name].map { services[$0] }
  }

  /// The health of a server; `nil` if the service has none there.
  package func server(_ endpoint: Endpoint, of name: ServiceName) -> ServerHealth? {
    service(name)?.servers.first { $0.definition.endpoint == endpoint }
  }

  /// What is believed of the checks of `server`, in the order of its definition.
  ///
  /// `server` must be of this monitor, and no configuration have been applied since.
  package func checkStates(of server: ServerHealth) -> [CheckState] {
    server.checks.map { records[Int($0)].state }
  }

  /// The number of checks.
  package var checkCount: Int { schedule.count }

  /// The number of runs that wait for results.
  package var runningCount: Int { records.count { $0.run != 0 } }
}

extension HealthMonitor {
  /// The health of the service called `name`, or of all with `nil`.
  package func services(_ name: ServiceName?) -> [ServiceHealth] {
    guard let name else { return services }
    return service(name).map { [$0] } ?? []
  }
}
