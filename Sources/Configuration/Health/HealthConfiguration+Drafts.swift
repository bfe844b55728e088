import Director
import Health

extension HealthConfiguration {
  /// What is checked, of drafts in which nothing was wrong; and what each text of a check asks.
  static func make(_ services: [ServiceDraft]) -> (Self, [String: CheckProbe]) {
    var probes: [String: CheckProbe] = [:]
    var texts: [CheckProbe: String] = [:]
    func make(_ checks: [Located<CheckDraft>]) -> [Check] {
      checks.map { check in
        let text = texts[check.value.probe] ?? check.value.probe.description
        texts[check.value.probe] = text
        probes[text] = check.value.probe
        return Check(text, check.value.settings)
      }
    }
    let made = services.compactMap { draft -> Service? in
      guard let port = draft.port?.value, let transport = draft.protocol else { return nil }
      let name = ServiceName(transport, Endpoint(draft.address.value, port))
      // Servers that say nothing share one list.
      let common = make(draft.health.checks)
      let servers = draft.servers.compactMap { server -> Server? in
        guard let port = server.port?.value, let weight = server.weight else { return nil }
        var made = Server(
          Endpoint(server.address.value, port), weight: weight,
          checks: server.health.checks.map(make) ?? common)
        made.inhibitsOnFailure =
          server.health.inhibitsOnFailure ?? draft.health.inhibitsOnFailure
        return made
      }
      var service = Service(name, servers: servers)
      service.quorum = draft.health.quorum.value
      service.hysteresis = draft.health.hysteresis?.value ?? 0
      service.slowStart = draft.health.slowStart
      if let sorry = draft.health.sorryServer, let port = sorry.server.port?.value {
        service.sorryServer = SorryServer(
          Endpoint(sorry.server.address.value, port), weight: sorry.server.weight ?? 1)
        service.sorryServer?.inhibits = sorry.inhibits
      }
      return service
    }
    return (Self(services: made), probes)
  }
}
