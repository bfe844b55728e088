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
  /// What the MSS of SYNs is lowered to, a number of bytes or `auto`; `nil` when it is left alone.
  package var mssClamp: String?
  package var whenRemoved: String
  /// Whether the living servers have the weight that the service needs.
  package var hasQuorum: Bool
  /// Whether the sorry server serves instead of the others.
  package var isSorry: Bool

  package init(
    address: String, port: Int, protocol: String, scheduler: String,
    connections: ConnectionCounts, traffic: TrafficReport? = nil, servers: [ServerReport],
    mssClamp: String? = nil, whenRemoved: String, hasQuorum: Bool = true, isSorry: Bool = false
  ) {
    self.hasQuorum = hasQuorum
    self.isSorry = isSorry
    self.address = address
    self.port = port
    self.protocol = `protocol`
    self.scheduler = scheduler
    self.connections = connections
    self.traffic = traffic
    self.servers = servers
    self.mssClamp = mssClamp
    self.whenRemoved = whenRemoved
  }

  private enum CodingKeys: String, CodingKey {
    case address
    case port
    case `protocol`
    case scheduler
    case connections
    case traffic
    case servers
    case mssClamp = "mss-clamp"
    case whenRemoved = "when-removed"
    case hasQuorum = "quorum"
    case isSorry = "sorry"
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
  /// Connections since the start.
  package var opened: UInt64
  /// `nil` with another method than `tunnel`.
  package var tunnel: TunnelReport?
  package var health: HealthReport?

  package init(
    address: String, port: Int, method: String, weight: Int, active: Int, inactive: Int,
    opened: UInt64 = 0, tunnel: TunnelReport? = nil, health: HealthReport? = nil
  ) {
    self.opened = opened
    self.health = health
    self.address = address
    self.port = port
    self.method = method
    self.weight = weight
    self.active = active
    self.inactive = inactive
    self.tunnel = tunnel
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
