import Director
package import Frames

/// The health of all services: which checks are due, what their results mean, and what follows.
///
/// Pure: it is told the time, runs no check, and changes no server; every call answers what is to be
/// done. The same calls in the same order give the same answers. A result costs O(log n) of the checks,
/// and one look at each server of the service when its sorry server begins or ends to serve.
/// Memory: about 300 bytes a check.
package struct HealthMonitor: Sendable {
  /// A check: what it belongs to, what is believed, and its run.
  struct Record: Sendable {
    var service: Int32
    var server: Int32
    /// The place in the server's definition.
    var check: Int32
    /// Whether the run began after the suspicion.
    var isShort = false
    /// Whether the run was counted as failed for want of a result.
    var isLost = false
    /// The number of the run; 0 while none is.
    var run: UInt64 = 0
    var begin = Instant.zero
    var deadline = Instant.zero
    var state: CheckState
  }

  /// How long after a run's deadline its result is waited for.
  package static let resultGrace = Duration.seconds(1)

  var services: [ServiceHealth] = []
  var servicePlaces: [ServiceName: Int] = [:]
  var records: [Record] = []
  /// Places of `records` without a check.
  var freePlaces: [Int32] = []
  var schedule = CheckSchedule()
  /// The services in which a weight rises.
  var ramps = DueHeap()
  private var runCount: UInt64 = 0

  /// Results of runs that were cancelled, counted as lost, or never were.
  package private(set) var staleResultCount: UInt64 = 0

  package init() {}

  /// When `advance` has work; `nil` when there is nothing to wait for.
  package var nextDeadline: Instant? {
    guard let check = schedule.nextDue else { return ramps.first?.due }
    return ramps.first.map { min($0.due, check) } ?? check
  }

  /// Does what is due: starts checks, at most `limit` of them, gives up on results, lets weights rise.
  ///
  /// Checks beyond the limit stay due.
  package mutating func advance(to now: Instant, limit: Int = .max) -> HealthUpdate {
    var update = HealthUpdate()
    var startCount = 0
    while startCount < limit, let due = schedule.takeDue(at: now) {
      switch due {
      case .start(let place):
        update.orders.append(.start(start(place, at: now)))
        startCount += 1
      case .late(let place):
        noteLost(place, at: now, update: &update)
      }
    }
    while let first = ramps.first, first.due <= now {
      settle(first.place, at: now, update: &update)
    }
    return update
  }

  private mutating func start(_ place: Int, at now: Instant) -> CheckStart {
    let record = records[place]
    let server = services[Int(record.service)].servers[Int(record.server)].definition
    let check = server.checks[Int(record.check)]
    let deadline = now.advanced(by: record.state.timeout(check.settings))
    runCount += 1
    records[place].run = runCount
    records[place].isShort = record.state.isSuspected
    records[place].isLost = false
    records[place].begin = now
    records[place].deadline = deadline
    schedule.watch(place, until: deadline.advanced(by: Self.resultGrace))
    return CheckStart(
      run: CheckRun(place: Int32(place), number: runCount),
      service: services[Int(record.service)].definition.name, server: server.endpoint,
      probe: check.probe, deadline: deadline)
  }

  /// Takes the result of a run.
  ///
  /// A run that was counted as lost only becomes free by it; a run that is not known changes nothing.
  package mutating func note(
    _ result: CheckResult, of run: CheckRun, at now: Instant
  ) -> HealthUpdate {
    var update = HealthUpdate()
    let place = Int(run.place)
    guard records.indices.contains(place), run.number != 0, records[place].run == run.number else {
      staleResultCount += 1
      return update
    }
    records[place].run = 0
    guard !records[place].isLost else {
      staleResultCount += 1
      schedule.finish(place, next: records[place].state.isSuspected ? .at(now) : .regular, at: now)
      return update
    }
    let next = apply(result, to: place, at: now, update: &update)
    schedule.finish(place, next: next, at: now)
    return update
  }

  /// Counts a run without a result as failed; it is still waited for, and counts again each interval.
  private mutating func noteLost(_ place: Int, at now: Instant, update: inout HealthUpdate) {
    records[place].isLost = true
    _ = apply(.failure(.lost), to: place, at: now, update: &update)
    let pause = max(settings(of: place).interval, Self.resultGrace)
    schedule.watch(place, until: now.advanced(by: pause))
  }

  private func settings(of place: Int) -> CheckSettings {
    let record = records[place]
    return services[Int(record.service)].servers[Int(record.server)]
      .definition.checks[Int(record.check)].settings
  }

  /// Gives `result` to the check at `place`, and what follows to its server and service.
  private mutating func apply(
    _ result: CheckResult, to place: Int, at now: Instant, update: inout HealthUpdate
  ) -> CheckOutcome.Next {
    let record = records[place]
    let service = Int(record.service)
    let server = services[service].servers[Int(record.server)].definition
    let check = server.checks[Int(record.check)]
    var state = record.state
    let wasPassing = state.isPassing(check.settings)
    let shift = state.weightShift(check.settings, configured: server.weight)
    let outcome = state.note(
      result, isShort: record.isShort, after: record.begin.duration(to: now), check.settings,
      at: now)
    records[place].state = state

    if let kind = kind(of: outcome, state, check.probe, wasPassing: wasPassing) {
      services[service].log([kind], ofServer: Int(record.server), at: now, to: &update)
    }
    // A check that counted as failed and fails now makes its server one that has failed.
    let isChanged =
      wasPassing != state.isPassing(check.settings) || outcome.entered == .down
      || shift != state.weightShift(check.settings, configured: server.weight)
    if isChanged {
      refresh(Int(record.server), of: service, at: now, update: &update)
      settle(service, changed: Int(record.server), at: now, update: &update)
    }
    return outcome.next
  }

  /// What there is to tell of a result; `nil` for one that changes nothing.
  private func kind(
    of outcome: CheckOutcome, _ state: CheckState, _ probe: String, wasPassing: Bool
  ) -> HealthEvent.Kind? {
    switch outcome.entered {
    case .up where !wasPassing: .checkUp(probe: probe)
    case .down: .checkDown(probe: probe, state.lastFailure ?? .lost)
    case .starting, .up, nil: outcome.isCleared ? .cleared(probe: probe) : nil
    }
  }

  /// Tells a server what its checks say.
  mutating func refresh(
    _ server: Int, of service: Int, at now: Instant, update: inout HealthUpdate
  ) {
    let summary = summary(services[service].servers[server])
    let slowStart = services[service].definition.slowStart
    services[service].change(server, at: now, update: &update) {
      $0.note(summary, slowStart: slowStart, at: now)
    }
  }

  /// What the checks of `server` say together.
  func summary(_ server: ServerHealth) -> CheckSummary {
    var summary = CheckSummary()
    for (check, place) in zip(server.definition.checks, server.checks) {
      let state = records[Int(place)].state
      summary.weightShift += state.weightShift(
        check.settings, configured: server.definition.weight)
      guard !state.isPassing(check.settings) else { continue }
      summary.failedCount += 1
      guard state.phase == .down else { continue }
      if !summary.isDown { summary.failure = state.lastFailure }
      summary.isDown = true
    }
    return summary
  }

  /// Decides anew who serves in a service, of which the server at `changed` or, when that is `nil`,
  /// anything has changed, and when its weights rise next.
  mutating func settle(
    _ service: Int, changed: Int? = nil, at now: Instant, update: inout HealthUpdate
  ) {
    services[service].settle(changed, at: now, update: &update)
    if let step = services[service].nextStep(after: now) {
      ramps.set(service, due: step)
    } else {
      ramps.remove(service)
    }
  }
}
