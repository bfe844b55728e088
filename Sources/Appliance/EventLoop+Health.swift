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

  /// Takes what checks have found.
  func takeCheckResults() {
    for (run, result) in runner?.takeResults() ?? [] {
      follow(monitor.note(result, of: run, at: now))
    }
  }

  /// Does what follows from something that health was told.
  func follow(_ update: HealthUpdate) {
    for change in update.changes { use(change) }
    if !update.orders.isEmpty { runner?.run(update.orders) }
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
    case .exited(let code): "the script ended with \(code)"
    case .signaled(let number): "the script was ended by signal \(number)"
    case .system(let number): "the check could not be made: error \(number) of the system"
    case .lost: "the check told no result"
    }
  }
}
