import Configuration
import Control
import Director
import Health

/// What changes from one configuration to another, and what it does to connections that live.
struct ConfigurationPlan {
  private(set) var items: [ChangeReport.Item] = []

  /// What a director that works cannot take.
  private(set) var restart: [String]

  init(from old: ApplianceConfiguration, to new: ApplianceConfiguration) {
    restart = Director.obstacles(from: old.director, to: new.director).map(\.description)
    if old.bindings != new.bindings { restart.append("another TAP, or another way to open it") }
    let former = Dictionary(
      zip(old.director.services, old.health.services).map { ($1.name, ($0, $1)) },
      uniquingKeysWith: { first, _ in first })
    var kept: Set<ServiceName> = []
    for (service, health) in zip(new.director.services, new.health.services) {
      kept.insert(health.name)
      if let (oldService, oldHealth) = former[health.name] {
        guard oldService != service || oldHealth != health else { continue }
        compare(oldService, service)
        compare(oldHealth, health)
        compareServers(oldService, service, oldHealth, health)
      } else {
        items.append(.init(.added, service: "\(health.name)"))
      }
    }
    for (service, health) in zip(old.director.services, old.health.services)
    where !kept.contains(health.name) {
      items.append(
        .init(.removed, service: "\(health.name)", effect: Self.effect(service.whenRemoved)))
    }
    compareDirectors(old.director, new.director)
  }

  /// What becomes of the connections of what is removed.
  private static func effect(_ policy: RemovalPolicy) -> String {
    switch policy {
    case .reset: "its connections are reset"
    case .reschedule: "its connections end with their next packet"
    case .keep: "its connections go on"
    case .ignore: "its connections are left in silence"
    }
  }

  private mutating func note(
    _ key: String, _ from: String?, _ to: String?, service: String? = nil, server: String? = nil,
    effect: String? = nil
  ) {
    guard from != to else { return }
    items.append(
      .init(
        .changed, service: service, server: server, key: key, from: from, to: to, effect: effect))
  }

  private mutating func compare(
    _ old: DirectorConfiguration.Service, _ new: DirectorConfiguration.Service
  ) {
    let name = "\(ServiceName(new.protocol, Endpoint(new.address, new.port)))"
    let stay = "connections stay where they are"
    note("scheduler", old.scheduler.rawValue, new.scheduler.rawValue, service: name, effect: stay)
    note(
      "mss-clamp", old.segmentSizeClamp?.configurationText,
      new.segmentSizeClamp?.configurationText, service: name, effect: "new connections only")
    note("when-removed", old.whenRemoved.rawValue, new.whenRemoved.rawValue, service: name)
    note(
      "syn-suspect", old.synSuspect.map(DurationText.text), new.synSuspect.map(DurationText.text),
      service: name)
    note(
      "local-addresses", list(old.fullNAT.localAddresses), list(new.fullNAT.localAddresses),
      service: name, effect: "servers of FullNAT are begun anew: " + Self.effect(old.whenRemoved))
    note(
      "local-ports", old.fullNAT.localPortsText, new.fullNAT.localPortsText, service: name,
      effect: "servers of FullNAT are begun anew: " + Self.effect(old.whenRemoved))
    note(
      "client-address", old.fullNAT.clientAddress.rawValue, new.fullNAT.clientAddress.rawValue,
      service: name)
    note(
      "option-kind", "\(old.fullNAT.optionKind)", "\(new.fullNAT.optionKind)", service: name)
    note(
      "tcp-timestamps", old.fullNAT.timestamps.rawValue, new.fullNAT.timestamps.rawValue,
      service: name)
    note(
      "strip-client-toa", "\(old.stripsClientOption)", "\(new.stripsClientOption)", service: name)
  }

  private func list(_ addresses: [some CustomStringConvertible]) -> String {
    addresses.map { "\($0)" }.joined(separator: ", ")
  }

  private mutating func compare(
    _ old: HealthConfiguration.Service, _ new: HealthConfiguration.Service
  ) {
    let name = "\(new.name)"
    note("quorum", "\(old.quorum)", "\(new.quorum)", service: name)
    note("hysteresis", "\(old.hysteresis)", "\(new.hysteresis)", service: name)
    note(
      "slow-start", DurationText.text(old.slowStart), DurationText.text(new.slowStart),
      service: name)
    note(
      "sorry-server", old.sorryServer.map { "\($0.endpoint)" },
      new.sorryServer.map { "\($0.endpoint)" }, service: name)
  }

  private mutating func compareServers(
    _ old: DirectorConfiguration.Service, _ new: DirectorConfiguration.Service,
    _ oldHealth: HealthConfiguration.Service, _ newHealth: HealthConfiguration.Service
  ) {
    let name = "\(newHealth.name)"
    let former = Dictionary(
      zip(old.servers, oldHealth.servers).map { ($1.endpoint, ($0, $1)) },
      uniquingKeysWith: { first, _ in first })
    var kept: Set<Endpoint> = []
    for (server, health) in zip(new.servers, newHealth.servers) {
      kept.insert(health.endpoint)
      let endpoint = "\(health.endpoint)"
      guard let (oldServer, oldHealth) = former[health.endpoint] else {
        items.append(
          .init(.added, service: name, server: endpoint, effect: "it gets new connections"))
        continue
      }
      note(
        "weight", "\(oldServer.weight)", "\(server.weight)", service: name, server: endpoint,
        effect: server.weight == 0
          ? "it gets no new connections, and keeps those it has"
          : "connections stay where they are")
      let effect = Self.effect(old.whenRemoved)
      note(
        "method", oldServer.method.rawValue, server.method.rawValue, service: name,
        server: endpoint, effect: effect)
      if oldServer.tunnel != server.tunnel {
        note(
          "tunnel", oldServer.tunnel.encapsulation.rawValue + " before",
          server.tunnel.encapsulation.rawValue, service: name, server: endpoint, effect: effect)
      }
      note(
        "inhibit-on-failure", "\(oldHealth.inhibitsOnFailure)", "\(health.inhibitsOnFailure)",
        service: name, server: endpoint)
      if oldHealth.checks != health.checks {
        note(
          "checks", oldHealth.checks.map(\.probe).joined(separator: ", "),
          health.checks.map(\.probe).joined(separator: ", ")
            + (oldHealth.checks.map(\.probe) == health.checks.map(\.probe)
              ? " (other settings)" : ""),
          service: name, server: endpoint)
      }
    }
    for server in oldHealth.servers where !kept.contains(server.endpoint) {
      items.append(
        .init(
          .removed, service: name, server: "\(server.endpoint)",
          effect: Self.effect(new.whenRemoved)))
    }
  }

  private mutating func compareDirectors(
    _ old: DirectorConfiguration, _ new: DirectorConfiguration
  ) {
    let former = old.timeouts.configurationText
    for (key, value) in new.timeouts.configurationText.sorted(by: { $0.key < $1.key }) {
      note(
        "timeouts: \(key)", former[key], value,
        effect: "connections have it from their next packet on")
    }
    note("nat-icmp-send", "\(old.sendsNATUnreachable)", "\(new.sendsNATUnreachable)")
    note("pmtu-discovery", "\(old.discoversTunnelMTU)", "\(new.discoversTunnelMTU)")
  }
}
