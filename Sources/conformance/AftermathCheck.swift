import Director
import Frames
import Wire

/// Compares what the director remembers with a vector's `conn_after`.
struct AftermathCheck {
  private(set) var failures: [String] = []

  init(
    _ after: VectorAftermath, _ vector: Vector, _ topology: Topology, _ run: borrowing EngineRun
  ) {
    if after.concernsConnection { checkConnection(after, vector, run) }
    if let count = after.connectionCount {
      expect("connections", run.director.connectionCount, count)
    }
    for (address, mac) in after.neighbors {
      guard let port = topology.portIndex(reaching: address) else {
        failures.append("conn_after.neigh: no port reaches \(address)")
        continue
      }
      let found = run.director.neighbor(address, port: port)?.mac
      expect("neigh \(address)", found?.description ?? "none", mac?.description ?? "none")
    }
  }

  private mutating func checkConnection(
    _ after: VectorAftermath, _ vector: Vector, _ run: borrowing EngineRun
  ) {
    let known = vector.connection?.snapshot
    guard let `protocol` = after.identity?.protocol ?? known?.protocol,
      let client = after.identity?.client ?? known?.client,
      let virtual = after.identity?.virtual ?? known?.virtual
    else {
      failures.append("conn_after does not say which connection it means")
      return
    }
    guard
      let found = run.director.connection(
        protocol: `protocol`, client: client, virtual: virtual, at: run.now)
    else {
      failures.append("conn_after: no connection of \(client) to \(virtual)")
      return
    }
    if let destination = after.identity?.destination {
      expect("real server", found.destination, destination)
    }
    if let method = after.method {
      let methods = run.director.serviceSnapshots.filter { $0.virtual == found.virtual }
        .flatMap(\.destinations).filter { $0.real == found.destination }.map(\.method)
      expect("forwarding method", methods, [method])
    }
    for difference in after.translation.differences(
      found.translation, hasHeardServer: vector.hasHeardServer)
    {
      expect(difference.key, difference.found, difference.wanted)
    }
    if let length = after.translation.prefixLength, length > 0 {
      expect(
        "client address", vector.configuration.service?.fullNAT.clientAddress, .proxyV2)
    }
    if let state = after.state { expect("state", found.state.name, state.name) }
    if let timeout = after.timeout {
      expect("timeout", found.timeout, .seconds(timeout))
      let age = vector.configuration.clockAdvance
      expect("remaining time", found.remaining, .seconds(timeout) - age)
    }
    if let isActive = after.isActive {
      expect("active_counted", found.isActive, isActive)
      let servers = run.director.serviceSnapshots.flatMap(\.destinations)
        .filter { $0.real == found.destination }
      let counts = servers.map { [$0.activeCount, $0.inactiveCount] }
      expect("active and inactive connections", counts, [isActive ? [1, 0] : [0, 1]])
    }
  }

  private mutating func expect<Value: Equatable>(_ what: String, _ found: Value, _ wanted: Value) {
    if found != wanted { failures.append("conn_after: \(what) is \(found), expected \(wanted)") }
  }
}
