import Configuration
import Control
import Director
import Frames
import Health

/// Joins what is believed of servers with what the director does and what checks say.
extension EventLoop {
  /// The most checks that one turn begins: others wait for the next.
  private static let startLimit = 64

  /// Begins to check what the configuration says.
  func beginHealth() {
    noteServicePlaces()
    follow(monitor.apply(configuration.health, at: now))
  }

  /// Notes where services stand in the director's configuration.
  func noteServicePlaces() {
    servicePlaces = [:]
    for (place, service) in director.configuration.services.enumerated() {
      let name = ServiceName(service.protocol, Endpoint(service.address, service.port))
      servicePlaces[name] = place
    }
  }

  /// Does what is due for health.
  func advanceHealth() {
    guard let deadline = monitor.nextDeadline, deadline <= now else { return }
    follow(monitor.advance(to: now, limit: Self.startLimit))
  }

  /// Takes what traffic makes doubtful.
  func takeSuspicions() {
    for suspicion in director.takeSuspicions() {
      let name = ServiceName(suspicion.protocol, suspicion.virtual)
      let kind: Suspicion =
        switch suspicion.kind {
        case .silence: .silence
        case .repetition: .repetition
        case .reset: .reset
        }
      follow(monitor.suspect(suspicion.real, of: name, kind, at: now))
    }
  }

  /// Does what is ordered of the checks that go the way of the packets.
  private func probe(_ orders: [CheckOrder]) {
    for order in orders {
      switch order {
      case .start(let start) where configuration.probes[start.probe] == .path:
        lastProbe += 1
        probeRuns[lastProbe] = start.run
        probeNumbers[start.run] = lastProbe
        let isBegun = director.beginPathProbe(
          lastProbe, ofServer: start.server, in: start.service.protocol, start.service.endpoint,
          deadline: start.deadline, outbox: &outbox, at: now)
        if !isBegun { failedProbes.append(lastProbe) }
        send()
      case .shorten(let run, let deadline):
        if let number = probeNumbers[run] { director.shortenPathProbe(number, to: deadline) }
      case .cancel(let run):
        if let number = probeNumbers.removeValue(forKey: run) {
          probeRuns[number] = nil
          director.cancelPathProbe(number)
        }
      case .start:
        break
      }
    }
  }

  /// Takes what checks have found that go the way of the packets.
  func takePathResults() {
    let failed = failedProbes
    failedProbes = []
    let results =
      failed.map { ($0, CheckResult.failure(.unreachable)) }
      + director.takePathResults().map { ($0.id, CheckResult($0.outcome)) }
    for (number, result) in results {
      guard let run = probeRuns.removeValue(forKey: number) else { continue }
      probeNumbers[run] = nil
      follow(monitor.note(result, of: run, at: now))
    }
  }

  /// Takes what checks have found.
  func takeCheckResults() {
    for (run, result) in runner?.takeResults() ?? [] {
      follow(monitor.note(result, of: run, at: now))
    }
  }

  /// Does what follows from something that health was told.
  func follow(_ update: HealthUpdate) {
    for change in update.changes { use(change) }
    if !update.orders.isEmpty {
      runner?.run(update.orders)
      probe(update.orders)
    }
    for event in update.events { tell(EventReport(event, at: now)) }
    noteChange()
  }

  /// Lets a server stand in its service's list as health wants it.
  private func use(_ change: ServerChange) {
    let (transport, virtual) = (change.service.protocol, change.service.endpoint)
    switch change.use {
    case .removed:
      _ = director.removeServer(change.server, from: transport, virtual)
    case .weight(let weight):
      if director.setWeight(weight, ofServer: change.server, in: transport, virtual) { return }
      guard var server = definition(of: change.server, in: change.service) else { return }
      server.weight = weight
      _ = director.addServer(server, to: transport, virtual, at: now)
    }
  }

  /// What the configuration says of a server or sorry server.
  func definition(
    of server: Endpoint, in name: ServiceName?
  ) -> DirectorConfiguration.Server? {
    guard let place = name.flatMap({ servicePlaces[$0] }) else { return nil }
    let service = director.configuration.services[place]
    return (service.servers + (service.sorryServer.map { [$0] } ?? [])).first {
      Endpoint($0.address, $0.port) == server
    }
  }

  /// What is known of a server's health, for those who ask.
  func healthReport(_ server: ServerHealth) -> HealthReport {
    let states = monitor.checkStates(of: server)
    let failure = states.first { $0.phase == .down }?.lastFailure
    let state: HealthReport.State =
      !server.isAlive ? .down : server.isDrained ? .drained : states.isEmpty ? .unchecked : .up
    return HealthReport(
      state, isSuspected: states.contains { $0.isSuspected }, failure: failure?.name,
      reason: failure.map { $0.text }, configuredWeight: server.definition.weight)
  }
}

extension CheckFailure {
  /// Why, in a sentence.
  var text: String {
    switch self {
    case .timedOut: "no answer, or no whole one, in time"
    case .refused: "the server refuses the connection"
    case .unreachable: "nothing leads there"
    case .closed: "the connection ended before the answer was whole"
    case .status(let status): "the answer's status is \(status)"
    case .content: "the answer's content is not what is wanted"
    case .malformed: "the answer breaks its protocol"
    case .tooLong: "the answer is longer than is read"
    case .certificate: "the certificate does not hold"
    case .wrongGateway:
      "it answers its own network, but not by the director: is the director its gateway?"
    case .noVirtualAddress:
      "it answers at its own address, but not at the VIP: is the VIP on its `lo`?"
    case .noDecapsulation:
      "it answers at its own address, but not through its tunnel: does it take packets out, and is the "
        + "VIP on its `lo`?"
    case .exited(let code): "the script ended with \(code)"
    case .signaled(let number): "the script was ended by signal \(number)"
    case .system(let number): "the check could not be made: error \(number) of the system"
    case .lost: "the check told no result"
    }
  }
}

extension CheckResult {
  fileprivate init(_ outcome: PathOutcome) {
    self =
      switch outcome {
      case .answered: .success
      case .refused: .failure(.refused)
      case .silent: .failure(.timedOut)
      case .wrongGateway: .failure(.wrongGateway)
      case .noVirtualAddress: .failure(.noVirtualAddress)
      case .noDecapsulation: .failure(.noDecapsulation)
      }
  }
}
