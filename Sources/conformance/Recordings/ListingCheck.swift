import Director
import Frames
import Wire

/// Compares what a director remembers with what the kernel listed.
struct ListingCheck {
  private let services: [ServiceSnapshot]
  private let connections: [ConnectionSnapshot]
  /// When the director's side was read, since the beginning of the recording.
  private let time: Duration
  /// When the kernel's side may have been read.
  private let window: ClosedRange<Duration>

  /// How coarse the clocks of both are.
  private static let tolerance = Duration.milliseconds(250)

  init(_ engine: borrowing ReplayEngine, readWithin window: ClosedRange<Duration>) {
    services = engine.director.serviceSnapshots
    var connections: [ConnectionSnapshot] = []
    var cursor: Int? = 0
    while let place = cursor {
      let page = engine.director.connectionSnapshots(
        from: place, limit: 1024, span: .max, at: engine.now)
      connections += page.connections
      cursor = page.next
    }
    self.connections = connections
    time = engine.time
    self.window = window
  }

  /// What differs from `-Ln` and `-Lnc`.
  func failures(_ recorded: RecordedListing) -> [String] {
    var rows: [String] = []
    for service in services {
      rows.append("\(service.name) \(service.scheduler.rawValue)")
      for server in service.destinations {
        let counts = "\(server.weight) \(server.activeCount) \(server.inactiveCount)"
        rows.append("\(service.name) -> \(server.real) \(server.method.title) \(counts)")
      }
    }
    let lines = connections.map(\.line)
    let recordedLines = recorded.connections.map(\.line)
    return Self.difference(rows, recorded.rows) + Self.difference(lines, recordedLines)
      + remainingFailures(recorded)
  }

  /// What differs from `--stats`; a service counts what its servers count.
  ///
  /// Of the services `exceptions` lines of their own are not compared.
  func counterFailures(
    _ recorded: RecordedListing, withoutSumsOf exceptions: Set<DirectorCommand.VirtualServer>
  ) -> [String] {
    var rows: [String] = []
    var ignored: [String] = []
    for service in services {
      let servers = service.destinations.map { Counts($0) }
      let virtual = DirectorCommand.VirtualServer(
        protocol: service.protocol, endpoint: service.virtual)
      if exceptions.contains(virtual) {
        ignored.append("\(service.name) ")
      } else {
        rows.append("\(service.name) \(servers.reduce(Counts(), +))")
      }
      for (server, counts) in zip(service.destinations, servers) {
        rows.append("\(service.name) -> \(server.real) \(counts)")
      }
    }
    let wanted = recorded.rows.filter { row in
      row.contains("->") || !ignored.contains { row.hasPrefix($0) }
    }
    return Self.difference(rows, wanted)
  }

  /// There must be a moment at which all remaining times are what was listed.
  private func remainingFailures(_ recorded: RecordedListing) -> [String] {
    var earliest = window.lowerBound - Self.tolerance
    var latest = window.upperBound + Self.tolerance
    for entry in recorded.connections {
      guard let connection = connections.first(where: { $0.line == entry.line }) else { continue }
      let end = time + connection.remaining
      latest = min(latest, end - .seconds(entry.remaining) + Self.tolerance)
      earliest = max(earliest, end - .seconds(entry.remaining + 1) - Self.tolerance)
    }
    guard earliest > latest else { return [] }
    let seen = connections.map { "\($0.line) \($0.remaining) at \(time)" }
    let listed = recorded.connections.map { "\($0.line) \($0.remaining) s" }
    return ["remaining times are \(seen), recorded \(listed) within \(window)"]
  }

  private static func difference(_ seen: [String], _ recorded: [String]) -> [String] {
    let missing = recorded.filter { !seen.contains($0) }.map { "recorded, not seen: \($0)" }
    let extra = seen.filter { !recorded.contains($0) }.map { "seen, not recorded: \($0)" }
    if missing.isEmpty && extra.isEmpty && seen.count != recorded.count {
      return ["\(seen.count) lines seen, \(recorded.count) recorded"]
    }
    return missing + extra
  }
}

/// The columns of `--stats`.
private struct Counts: CustomStringConvertible {
  var connections: UInt64 = 0
  var inbound = PacketCount()
  var outbound = PacketCount()

  init() {}

  init(_ server: DestinationSnapshot) {
    connections = server.openedCount
    inbound = server.inbound
    outbound = server.outbound
  }

  static func + (left: Self, right: Self) -> Self {
    var sum = left
    sum.connections += right.connections
    sum.inbound.packets += right.inbound.packets
    sum.inbound.bytes += right.inbound.bytes
    sum.outbound.packets += right.outbound.packets
    sum.outbound.bytes += right.outbound.bytes
    return sum
  }

  var description: String {
    "\(connections) \(inbound.packets) \(outbound.packets) \(inbound.bytes) \(outbound.bytes)"
  }
}

extension ServiceSnapshot {
  /// `TCP 192.168.10.100:8000`.
  fileprivate var name: String { "\(`protocol`.rawValue.uppercased()) \(virtual)" }
}

extension ConnectionSnapshot {
  /// The connection as in `RecordedListing`.
  fileprivate var line: String {
    "\(`protocol`.rawValue.uppercased()) \(state.name) \(client) \(virtual) \(destination)"
  }
}

extension ForwardingMethod {
  /// As ipvsadm(8) lists it.
  fileprivate var title: String {
    switch self {
    case .nat: "Masq"
    case .dr: "Route"
    case .tunnel: "Tunnel"
    case .fullnat: "FullNAT"
    }
  }
}
