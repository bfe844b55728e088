// Servers that go and come back, as far as their connections are concerned.

extension Director {
  /// Ends the connections of a server that the service has and that failed, as `policy` says; until
  /// `restoreServer` it gets no others.
  ///
  /// With `keep` and `ignore` nothing changes: they go on, and what is sent is passed on. Answers
  /// whether the service has the server.
  package mutating func endConnections(
    ofServer real: Endpoint, in protocol: ServiceProtocol, _ virtual: Endpoint,
    by policy: RemovalPolicy
  ) -> Bool {
    guard let service = services.place(`protocol`.ipProtocol, virtual),
      let place = place(of: real, in: service), isAvailable(place, in: service)
    else { return false }
    guard policy.endsConnections else { return true }
    services[service].destinations[place].isFailed = true
    setDeparture(policy, of: services[service].destinations[place].record)
    return true
  }

  /// Lets a server that failed have what is left of its connections, and new ones.
  ///
  /// Answers whether the service has the server.
  package mutating func restoreServer(
    _ real: Endpoint, in protocol: ServiceProtocol, _ virtual: Endpoint
  ) -> Bool {
    guard let service = services.place(`protocol`.ipProtocol, virtual),
      let place = place(of: real, in: service), isAvailable(place, in: service)
    else { return false }
    services[service].destinations[place].isFailed = false
    setDeparture(nil, of: services[service].destinations[place].record)
    return true
  }

  /// Lets the connections of `record` be dealt with by `policy`, or go on with `nil`.
  ///
  /// The table is gone through for those to reset, and for what was noted of those that are not reset
  /// any more.
  mutating func setDeparture(_ policy: RemovalPolicy?, of record: RecordIndex) {
    let old = forwarding[record].departure
    guard policy != old else { return }
    forwarding[record].departure = policy
    guard policy == .reset || old?.endsConnections ?? false else { return }
    sweep.begin()
    hasNews = true
  }
}

extension Director {
  /// The connections of a server that are not over: those in an active state, and all of UDP.
  ///
  /// One that both ends have closed, or the client alone, waits for its time without being used.
  package func connectionsLeft(
    of real: Endpoint, in protocol: ServiceProtocol, _ virtual: Endpoint
  ) -> Int {
    guard let service = services.place(`protocol`.ipProtocol, virtual),
      let place = place(of: real, in: service)
    else { return 0 }
    let destination = services[service].destinations[place]
    return destination.activeCount + (`protocol` == .udp ? destination.inactiveCount : 0)
  }
}
