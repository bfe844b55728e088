package import Director

/// What is checked, and what the checks decide: an immutable value, already checked.
///
/// The monitor trusts it: nothing is in `violations`.
package struct HealthConfiguration: Equatable, Sendable {
  package var services: [Service]

  package init(services: [Service] = []) {
    self.services = services
  }
}

/// What names a virtual service.
package struct ServiceName: Hashable, Sendable, CustomStringConvertible {
  package let `protocol`: ServiceProtocol
  package let endpoint: Endpoint

  package init(_ protocol: ServiceProtocol, _ endpoint: Endpoint) {
    self.protocol = `protocol`
    self.endpoint = endpoint
  }

  /// As commands take it: `192.0.2.100:80/tcp`.
  package var description: String { "\(endpoint)/\(`protocol`.rawValue)" }
}

extension HealthConfiguration {
  /// A virtual service, its real servers, and when it counts as served.
  package struct Service: Equatable, Sendable {
    package var name: ServiceName

    /// The real servers, each endpoint once.
    package var servers: [Server]

    /// The weight of all living servers together that the service needs (`quorum`).
    package var quorum = 1

    /// How far above `quorum` the weight must be to gain it, and below to lose it (`hysteresis`).
    package var hysteresis = 0

    /// Who serves while the quorum is lost (`sorry-server`); `nil` for whoever is left.
    package var sorryServer: SorryServer?

    /// How long the weight of a server that returns takes to its full height (`slow-start`); zero for
    /// full weight at once.
    package var slowStart = Duration.zero

    package init(_ name: ServiceName, servers: [Server] = []) {
      self.name = name
      self.servers = servers
    }
  }

  /// A real server of one virtual service.
  package struct Server: Equatable, Sendable {
    package var endpoint: Endpoint

    /// The configured weight.
    package var weight: Int

    /// Whether the server is given weight 0 when it fails, and keeps its connections, instead of being
    /// removed (`inhibit-on-failure`).
    package var inhibitsOnFailure = false

    /// What must pass; a server without checks is always up.
    ///
    /// Servers that share a list share its memory.
    package var checks: [Check]

    package init(_ endpoint: Endpoint, weight: Int = 1, checks: [Check] = []) {
      self.endpoint = endpoint
      self.weight = weight
      self.checks = checks
    }
  }

  /// A check of a real server.
  package struct Check: Hashable, Sendable {
    /// What is asked, in a text that says all of it, as `http :8080/health 200-299`.
    ///
    /// Unique within a server. A check that has the same text after a reload is the same check and
    /// keeps its state.
    package var probe: String

    package var settings: CheckSettings

    package init(_ probe: String, _ settings: CheckSettings = CheckSettings()) {
      self.probe = probe
      self.settings = settings
    }
  }

  /// Who serves while the quorum is lost.
  package struct SorryServer: Hashable, Sendable {
    /// May be one of the service's real servers.
    package var endpoint: Endpoint
    package var weight: Int
    /// Whether it stays in the list with weight 0 while it is not needed (`sorry-server-inhibit`).
    package var inhibits = false

    package init(_ endpoint: Endpoint, weight: Int = 1) {
      self.endpoint = endpoint
      self.weight = weight
    }
  }
}

extension HealthConfiguration {
  /// The most checks of all servers together; they take about 40 MB.
  package static let checkLimit = 131_072

  /// What is out of range or there twice, checks left out; empty if nothing is.
  package var violations: [SettingViolation] {
    var list = ViolationList()
    if Set(services.map(\.name)).count < services.count { list.add("services", wanted: .unique) }
    let count = services.reduce(0) { $0 + $1.servers.reduce(0) { $0 + $1.checks.count } }
    list.check(count, "checks", in: 0...Self.checkLimit)
    return list.violations + services.flatMap(\.violations)
  }
}

extension HealthConfiguration.Service {
  package static let quorumRange = 1...65_535
  package static let slowStartRange = Duration.zero...Duration.seconds(3600)

  /// What is out of range or there twice, the settings of checks left out; empty if nothing is.
  package var violations: [SettingViolation] {
    var list = ViolationList()
    list.check(quorum, "quorum", in: Self.quorumRange)
    list.check(hysteresis, "hysteresis", in: 0...max(0, quorum - 1))
    list.check(slowStart, "slow-start", in: Self.slowStartRange)
    let weights = DirectorConfiguration.Server.weightRange
    if let sorryServer { list.check(sorryServer.weight, "sorry-server", in: weights) }
    if Set(servers.map(\.endpoint)).count < servers.count { list.add("servers", wanted: .unique) }
    for server in servers {
      list.check(server.weight, "weight", in: weights)
      if Set(server.checks.map(\.probe)).count < server.checks.count {
        list.add("checks", wanted: .unique)
      }
    }
    return list.violations
  }
}
