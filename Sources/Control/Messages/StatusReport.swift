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
  /// Stations that claim the director's addresses, the one heard last first.
  package var conflicts: [ConflictReport]
  /// How long a connection is kept in each state, as in the configuration's file.
  package var timeouts: [String: String]
  /// Whether `nat-icmp-send` is on.
  package var natICMPSend: Bool
  package var reloads: ReloadReport

  package init(
    name: String?, pid: Int, version: String, uptimeSeconds: Int, configurationFile: String,
    services: [ServiceReport], connections: TableReport, counters: CountersReport,
    conflicts: [ConflictReport] = [], timeouts: [String: String] = [:], natICMPSend: Bool = false,
    reloads: ReloadReport = ReloadReport()
  ) {
    self.name = name
    self.pid = pid
    self.version = version
    self.uptimeSeconds = uptimeSeconds
    self.configurationFile = configurationFile
    self.services = services
    self.connections = connections
    self.counters = counters
    self.conflicts = conflicts
    self.timeouts = timeouts
    self.natICMPSend = natICMPSend
    self.reloads = reloads
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
    case conflicts
    case timeouts
    case natICMPSend = "nat-icmp-send"
    case reloads
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

/// What the director said and heard of its own since the start, and datagrams that came or went in pieces.
package struct AnswersReport: Codable, Equatable, Sendable {
  package var errorsSent: UInt64 = 0
  /// ICMP errors that the limits on them kept back.
  package var errorsSuppressed: UInt64 = 0
  package var resetsSent: UInt64 = 0
  /// Segments that asked the ends of connections whose server is gone for their numbers.
  package var probesSent: UInt64 = 0
  /// Connections whose server is gone: with ends that were reset, with one that gave no answer, and
  /// those in whose place a new one was opened.
  package var connectionsReset: UInt64 = 0
  package var connectionsAbandoned: UInt64 = 0
  package var connectionsReplaced: UInt64 = 0
  /// How often traffic made a real server doubtful.
  package var serversSuspected: UInt64 = 0
  /// Frames of many segments that went into a tunnel whole.
  package var tunnelSuperframes: UInt64 = 0
  /// Errors of real servers that take nothing out of tunnels.
  package var tunnelsRefused: UInt64 = 0
  /// Segments without room to tell the client's address.
  package var clientAddressesUntold: UInt64 = 0
  package var datagramsReassembled: UInt64 = 0
  package var datagramsFragmented: UInt64 = 0

  package init() {}

  private enum CodingKeys: String, CodingKey {
    case errorsSent = "icmp-errors-sent"
    case errorsSuppressed = "icmp-errors-suppressed"
    case resetsSent = "resets-sent"
    case probesSent = "probes-sent"
    case connectionsReset = "connections-reset"
    case connectionsAbandoned = "connections-abandoned"
    case connectionsReplaced = "connections-replaced"
    case serversSuspected = "servers-suspected"
    case tunnelSuperframes = "tunnel-superframes"
    case tunnelsRefused = "tunnels-refused"
    case clientAddressesUntold = "client-addresses-untold"
    case datagramsReassembled = "datagrams-reassembled"
    case datagramsFragmented = "datagrams-fragmented"
  }
}
