/// How a director is doing.
package struct StatusReport: Codable, Equatable, Sendable {
  /// As given with `--name`.
  package var name: String?
  package var pid: Int
  package var version: String
  /// Whole seconds since the director began to work.
  package var uptimeSeconds: Int
  package var configurationFile: String
  package var services: [ServiceReport]
  package var connections: TableReport
  package var counters: CountersReport

  package init(
    name: String?, pid: Int, version: String, uptimeSeconds: Int, configurationFile: String,
    services: [ServiceReport], connections: TableReport, counters: CountersReport
  ) {
    self.name = name
    self.pid = pid
    self.version = version
    self.uptimeSeconds = uptimeSeconds
    self.configurationFile = configurationFile
    self.services = services
    self.connections = connections
    self.counters = counters
  }

  private enum CodingKeys: String, CodingKey {
    case name
    case pid
    case version
    case uptimeSeconds = "uptime-seconds"
    case configurationFile = "configuration-file"
    case services
    case connections
    case counters
  }
}

/// A virtual service and its real servers.
package struct ServiceReport: Codable, Equatable, Sendable {
  package var address: String
  package var port: Int
  package var `protocol`: String
  package var scheduler: String
  package var connections: ConnectionCounts
  /// Packets and bytes since the start; `nil` when they are not counted.
  package var traffic: TrafficReport?
  package var servers: [ServerReport]

  package init(
    address: String, port: Int, protocol: String, scheduler: String,
    connections: ConnectionCounts, traffic: TrafficReport? = nil, servers: [ServerReport]
  ) {
    self.address = address
    self.port = port
    self.protocol = `protocol`
    self.scheduler = scheduler
    self.connections = connections
    self.traffic = traffic
    self.servers = servers
  }
}

/// A real server of a virtual service.
package struct ServerReport: Codable, Equatable, Sendable {
  package var address: String
  package var port: Int
  package var method: String
  package var weight: Int
  /// Connections now: established, or about to be.
  package var active: Int
  /// Connections now: the others, closing ones and datagrams of UDP.
  package var inactive: Int

  package init(
    address: String, port: Int, method: String, weight: Int, active: Int, inactive: Int
  ) {
    self.address = address
    self.port = port
    self.method = method
    self.weight = weight
    self.active = active
    self.inactive = inactive
  }
}

/// Connections of a service.
package struct ConnectionCounts: Codable, Equatable, Sendable {
  /// All since the start.
  package var total: UInt64
  /// Now.
  package var active: Int
  package var inactive: Int

  package init(total: UInt64, active: Int, inactive: Int) {
    self.total = total
    self.active = active
    self.inactive = inactive
  }
}

/// Packets and bytes in both directions.
package struct TrafficReport: Codable, Equatable, Sendable {
  package var packetsIn: UInt64
  package var packetsOut: UInt64
  package var bytesIn: UInt64
  package var bytesOut: UInt64

  package init(packetsIn: UInt64, packetsOut: UInt64, bytesIn: UInt64, bytesOut: UInt64) {
    self.packetsIn = packetsIn
    self.packetsOut = packetsOut
    self.bytesIn = bytesIn
    self.bytesOut = bytesOut
  }

  private enum CodingKeys: String, CodingKey {
    case packetsIn = "packets-in"
    case packetsOut = "packets-out"
    case bytesIn = "bytes-in"
    case bytesOut = "bytes-out"
  }
}

/// How full the connection table is.
package struct TableReport: Codable, Equatable, Sendable {
  package var count: Int
  package var limit: Int

  package init(count: Int, limit: Int) {
    self.count = count
    self.limit = limit
  }
}

/// What became of frames since the start.
package struct CountersReport: Codable, Equatable, Sendable {
  package var received: UInt64
  package var transmitted: UInt64
  package var held: UInt64
  package var absorbed: UInt64
  package var originated: UInt64
  package var fastPath: UInt64
  /// Among those originated: answers and pieces by kind.
  package var answers: AnswersReport
  package var dropped: UInt64
  /// Drops by reason; reasons that never came up may be left out.
  package var drops: [String: UInt64]

  package init(
    received: UInt64, transmitted: UInt64, held: UInt64, absorbed: UInt64, originated: UInt64,
    fastPath: UInt64, answers: AnswersReport = AnswersReport(), dropped: UInt64,
    drops: [String: UInt64]
  ) {
    self.received = received
    self.transmitted = transmitted
    self.held = held
    self.absorbed = absorbed
    self.originated = originated
    self.fastPath = fastPath
    self.answers = answers
    self.dropped = dropped
    self.drops = drops
  }

  private enum CodingKeys: String, CodingKey {
    case received
    case transmitted
    case held
    case absorbed
    case originated
    case fastPath = "fast-path"
    case answers
    case dropped
    case drops
  }
}

/// What the director said of its own since the start, and datagrams that came or went in pieces.
package struct AnswersReport: Codable, Equatable, Sendable {
  package var errorsSent: UInt64 = 0
  /// ICMP errors that the limits on them kept back.
  package var errorsSuppressed: UInt64 = 0
  package var resetsSent: UInt64 = 0
  package var datagramsReassembled: UInt64 = 0
  package var datagramsFragmented: UInt64 = 0

  package init() {}

  private enum CodingKeys: String, CodingKey {
    case errorsSent = "icmp-errors-sent"
    case errorsSuppressed = "icmp-errors-suppressed"
    case resetsSent = "resets-sent"
    case datagramsReassembled = "datagrams-reassembled"
    case datagramsFragmented = "datagrams-fragmented"
  }
}
