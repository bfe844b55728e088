import Configuration
import Control
import Director
import Frames
import Glibc
import Health
import LinkIO
import Neighbors

/// What the appliance tells those who ask.
extension EventLoop: ControlProvider {
  /// Places of the connection table looked at for one piece of a listing: some 100 microseconds.
  private static let listingSpan = 65_536

  func status() -> StatusReport {
    let counters = director.counters
    let tunnels = TunnelList(director.configuration)
    var drops: [String: UInt64] = [:]
    for reason in DropReason.allCases where counters[reason] > 0 {
      drops[reason.name] = counters[reason]
    }
    return StatusReport(
      name: invocation.name.name, pid: Int(getpid()), version: invocation.version,
      uptimeSeconds: Int(started.duration(to: now).components.seconds),
      configurationFile: invocation.file,
      services: director.serviceSnapshots.map { report($0, tunnels) },
      connections: TableReport(
        count: director.connectionCount, limit: director.configuration.connectionLimit),
      counters: CountersReport(
        received: counters.received, transmitted: counters.transmitted, held: counters.held,
        absorbed: counters.absorbed, originated: counters.originated,
        fastPath: counters.fastPath, answers: Self.answers(counters), dropped: counters.dropped,
        drops: drops),
      conflicts: director.addressConflicts.map { report($0) },
      timeouts: director.configuration.timeouts.configurationText,
      natICMPSend: director.configuration.sendsNATUnreachable, reloads: reloads)
  }

  private static func answers(_ counters: DirectorCounters) -> AnswersReport {
    var answers = AnswersReport()
    answers.errorsSent = counters.errorsSent
    answers.errorsSuppressed = counters.errorsSuppressed
    answers.clientAddressesUntold = counters.clientAddressesUntold
    answers.resetsSent = counters.resetsSent
    answers.probesSent = counters.probesSent
    answers.connectionsReset = counters.connectionsReset
    answers.connectionsAbandoned = counters.connectionsAbandoned
    answers.connectionsReplaced = counters.connectionsReplaced
    answers.serversSuspected = counters.serversSuspected
    answers.tunnelSuperframes = counters.tunnelSuperframes
    answers.tunnelsRefused = counters.tunnelsRefused
    answers.datagramsReassembled = counters.datagramsReassembled
    answers.datagramsFragmented = counters.datagramsFragmented
    return answers
  }

  private func report(_ conflict: AddressConflict) -> ConflictReport {
    ConflictReport(
      address: "\(conflict.address)", mac: "\(conflict.claimant)",
      port: director.configuration.ports[conflict.port.index].name, count: conflict.count,
      lastSeenSeconds: Int(conflict.lastSeen.duration(to: now).components.seconds))
  }

  private func report(
    _ service: ServiceSnapshot, _ tunnels: TunnelList
  ) -> ServiceReport {
    let servers = service.destinations
    let health = monitor.service(ServiceName(service.protocol, service.virtual))
    return ServiceReport(
      address: "\(service.virtual.address)", port: Int(service.virtual.port),
      protocol: service.protocol.rawValue, scheduler: service.scheduler.rawValue,
      connections: ConnectionCounts(
        total: servers.reduce(0) { $0 &+ $1.openedCount },
        active: servers.reduce(0) { $0 + $1.activeCount },
        inactive: servers.reduce(0) { $0 + $1.inactiveCount }),
      traffic: TrafficReport(
        packetsIn: servers.reduce(0) { $0 &+ $1.inbound.packets },
        packetsOut: servers.reduce(0) { $0 &+ $1.outbound.packets },
        bytesIn: servers.reduce(0) { $0 &+ $1.inbound.bytes },
        bytesOut: servers.reduce(0) { $0 &+ $1.outbound.bytes }),
      servers: reports(of: servers, in: service, health, tunnels),
      mssClamp: service.segmentSizeClamp?.configurationText,
      whenRemoved: service.whenRemoved.rawValue, hasQuorum: health?.quorum.isHeld ?? true,
      isSorry: health?.isSorry ?? false)
  }

  /// The servers in the list, and behind them those that failed checks keep out of it.
  private func reports(
    of servers: [DestinationSnapshot], in service: ServiceSnapshot, _ health: ServiceHealth?,
    _ tunnels: TunnelList
  ) -> [ServerReport] {
    var known: [Endpoint: ServerHealth] = [:]
    for server in health?.servers ?? [] { known[server.definition.endpoint] = server }
    var reports = servers.map { server in
      ServerReport(
        address: "\(server.real.address)", port: Int(server.real.port),
        method: server.method.rawValue, weight: server.weight, active: server.activeCount,
        inactive: server.inactiveCount, opened: server.openedCount,
        tunnel: tunnels[service, server],
        health: known.removeValue(forKey: server.real).map { healthReport($0) })
    }
    for server in health?.servers ?? [] where known[server.definition.endpoint] != nil {
      let endpoint = server.definition.endpoint
      reports.append(
        ServerReport(
          address: "\(endpoint.address)", port: Int(endpoint.port),
          method: definition(of: endpoint, in: health?.definition.name)?.method.rawValue ?? "",
          weight: 0, active: 0, inactive: 0, health: healthReport(server)))
    }
    return reports
  }

  func ports() -> PortsReport {
    PortsReport(
      ports: links.map { report($0) },
      neighbors: director.neighborSnapshots.map { neighbor in
        NeighborReport(
          address: "\(neighbor.address)", mac: neighbor.mac.map { "\($0)" },
          state: neighbor.state.name,
          port: director.configuration.ports[neighbor.port.index].name)
      })
  }

  private func report(_ link: PortLink) -> PortReport {
    let port = director.configuration.ports[link.index.index]
    let binding = invocation.configuration.bindings[link.index.index]
    let state: LinkReport = link.device == nil ? .missing : link.isRunning ? .up : .down
    return PortReport(
      name: link.name, tap: binding.tap, netns: binding.namespace, mac: "\(port.macAddress)",
      mtu: port.mtu, addresses: port.addresses.map { "\($0)" }, link: state,
      offloads: link.opened?.level.rawValue,
      queues: link.opened.map { $0.isMultiQueue ? .multi : .single },
      framesIn: link.received.frames, framesOut: link.sent.frames,
      bytesIn: link.received.bytes, bytesOut: link.sent.bytes,
      transmitErrors: link.refusedCount)
  }

  func connections(
    from cursor: Int, limit: Int
  ) -> (connections: [ConnectionReport], next: Int?) {
    let piece = director.connectionSnapshots(
      from: cursor, limit: limit, span: Self.listingSpan, at: now)
    let reports = piece.connections.map { connection in
      ConnectionReport(
        protocol: connection.protocol.rawValue, client: "\(connection.client)",
        virtual: "\(connection.virtual)", destination: "\(connection.destination)",
        state: connection.state.name,
        expires: max(0, Int(connection.remaining.components.seconds)))
    }
    return (reports, piece.next)
  }
}
