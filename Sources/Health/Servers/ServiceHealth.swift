import Director
import Frames

/// A virtual service: its real servers' health, its quorum, and who serves.
package struct ServiceHealth: Sendable {
  package internal(set) var definition: HealthConfiguration.Service

  /// The real servers, in the order of the definition.
  package internal(set) var servers: [ServerHealth]

  package private(set) var quorum = Quorum()

  /// Whether the sorry server serves.
  package private(set) var isSorry = false

  /// The weight of all living servers together.
  package private(set) var weight: Int

  /// The servers whose weight rises.
  private var rampCount: Int

  /// How the sorry server stands in the list; `nil` before the first settling, or without one.
  private var sorryUse: ServerUse?

  /// Whether it has not been settled yet.
  private var isNew = true

  init(_ definition: HealthConfiguration.Service, servers: [ServerHealth]) {
    self.definition = definition
    self.servers = servers
    weight = 0
    rampCount = 0
    count()
  }

  /// Takes another definition, and servers that go with it.
  mutating func redefine(_ definition: HealthConfiguration.Service, servers: [ServerHealth]) {
    self.definition = definition
    self.servers = servers
    count()
  }

  private mutating func count() {
    weight = servers.reduce(0) { $0 + $1.countedWeight }
    rampCount = servers.count { $0.isRising }
  }

  /// When the weight of a server rises next; `nil` when none does.
  ///
  /// Cost: one look at each server while one rises.
  func nextStep(after now: Instant) -> Instant? {
    guard rampCount > 0 else { return nil }
    return servers.lazy.compactMap { $0.nextStep(after: now) }.min()
  }

  /// Adds what happened to the server at `index`.
  func log(
    _ kinds: [HealthEvent.Kind], ofServer index: Int, at now: Instant, to update: inout HealthUpdate
  ) {
    guard !kinds.isEmpty else { return }
    update.events += kinds.map {
      HealthEvent(at: now, definition.name, server: servers[index].definition.endpoint, $0)
    }
  }

  /// Lets `change` change the server at `index`, and adds what it tells.
  mutating func change(
    _ index: Int, at now: Instant, update: inout HealthUpdate,
    _ change: (inout ServerHealth) -> [HealthEvent.Kind]
  ) {
    weight -= servers[index].countedWeight
    rampCount -= servers[index].isRising ? 1 : 0
    let kinds = change(&servers[index])
    weight += servers[index].countedWeight
    rampCount += servers[index].isRising ? 1 : 0
    log(kinds, ofServer: index, at: now, to: &update)
  }

  /// Decides who serves after a change of the server at `changed`, or of anything when that is `nil`,
  /// and adds what changes by it.
  ///
  /// Those that begin to take connections come before those that end: there is no moment without a
  /// server. Cost: O(1) for one server as long as the quorum stays; else one look at each.
  mutating func settle(_ changed: Int? = nil, at now: Instant, update: inout HealthUpdate) {
    let isTurned = settleQuorum(at: now, update: &update)
    if let changed, !isTurned {
      settleServer(changed, at: now, update: &update)
      return
    }
    for index in servers.indices where servers[index].isRising {
      change(index, at: now, update: &update) { $0.endRamp(at: now) }
    }
    for takesConnections in [true, false] {
      for index in servers.indices {
        settleServer(index, onlyIf: takesConnections, at: now, update: &update)
      }
      settleSorryServer(takesConnections, update: &update)
    }
    isNew = false
  }

  /// Changes a server's place in the list if it is to be changed and, unless `onlyIf` is `nil`, takes
  /// connections or none then as that says.
  private mutating func settleServer(
    _ index: Int, onlyIf takesConnections: Bool? = nil, at now: Instant,
    update: inout HealthUpdate
  ) {
    let use = wantedUse(ofServer: index, at: now)
    guard use != servers[index].use,
      use.takesConnections == takesConnections ?? use.takesConnections
    else { return }
    servers[index].use = use
    change(servers[index].definition.endpoint, to: use, update: &update)
  }

  /// Decides on the quorum; answers whether the sorry server begins or ends to serve.
  private mutating func settleQuorum(at now: Instant, update: inout HealthUpdate) -> Bool {
    let name = definition.name
    let change = quorum.update(
      weight: weight, quorum: definition.quorum, hysteresis: definition.hysteresis)
    switch change {
    case .gained(let needed) where !isNew:
      update.events.append(
        HealthEvent(at: now, name, .quorumGained(weight: weight, needed: needed)))
    case .lost(let needed):
      update.events.append(HealthEvent(at: now, name, .quorumLost(weight: weight, needed: needed)))
    case nil where isNew:
      let needed = definition.quorum + definition.hysteresis
      update.events.append(HealthEvent(at: now, name, .quorumLost(weight: weight, needed: needed)))
    case .gained, nil:
      break
    }
    let wasSorry = isSorry
    isSorry = !quorum.isHeld && definition.sorryServer != nil
    guard isSorry != wasSorry else { return false }
    update.events.append(
      HealthEvent(
        at: now, name, server: definition.sorryServer?.endpoint,
        isSorry ? .sorryServerBegan : .sorryServerEnded))
    return true
  }

  private func wantedUse(ofServer index: Int, at now: Instant) -> ServerUse {
    if isSorry, let sorry = definition.sorryServer,
      sorry.endpoint == servers[index].definition.endpoint
    {
      return .weight(sorry.weight)
    }
    return servers[index].wantedUse(isRelieved: isSorry, at: now)
  }

  /// Changes the sorry server's place if it is to be changed and has one of its own.
  private mutating func settleSorryServer(_ takesConnections: Bool, update: inout HealthUpdate) {
    guard let sorry = definition.sorryServer, !isServer(sorry.endpoint) else { return }
    let use: ServerUse =
      isSorry ? .weight(sorry.weight) : sorry.inhibits ? .weight(0) : .removed
    guard use != sorryUse ?? .removed, use.takesConnections == takesConnections else { return }
    sorryUse = use
    change(sorry.endpoint, to: use, update: &update)
  }

  /// Removes a sorry server that `definition` has no more.
  mutating func dropSorryServer(of former: HealthConfiguration.Service) -> ServerChange? {
    guard let sorry = former.sorryServer, sorry.endpoint != definition.sorryServer?.endpoint else {
      return nil
    }
    defer { sorryUse = nil }
    guard let sorryUse, sorryUse != .removed, !isServer(sorry.endpoint) else { return nil }
    return ServerChange(definition.name, sorry.endpoint, .removed)
  }

  private func isServer(_ endpoint: Endpoint) -> Bool {
    servers.contains { $0.definition.endpoint == endpoint }
  }

  private func change(_ server: Endpoint, to use: ServerUse, update: inout HealthUpdate) {
    update.changes.append(ServerChange(definition.name, server, use))
  }
}
