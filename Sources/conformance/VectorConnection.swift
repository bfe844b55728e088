import Director
import Wire

/// A vector's `conn`: the connection that exists before the input.
struct VectorConnection {
  let snapshot: ConnectionSnapshot

  /// The keys that say which connection it is and where it stands.
  static let keys: Set<String> = [
    "proto", "caddr", "cport", "vaddr", "vport", "daddr", "dport", "fwd", "state",
  ]

  private static let features: [String: String] = [
    "client_isn": "FullNAT", "cookie": "a SYN proxy", "delta": "FullNAT", "fdata_ack": "FullNAT",
    "held": "a SYN proxy", "laddr": "FullNAT", "local_isn": "FullNAT", "lport": "FullNAT",
    "pp_len": "PROXY protocol", "rs_isn": "FullNAT", "sp_delta": "a SYN proxy",
    "uoa_sent": "client addresses in UDP",
  ]

  init(_ object: JSONObject) throws(VectorError) {
    try object.check(known: Self.keys, needing: Self.features)
    _ = try object.required("fwd", Self.forwardingMethod)
    snapshot = ConnectionSnapshot(
      protocol: try object.required("proto", Self.serviceProtocol),
      client: try Self.endpoint("c", of: object), virtual: try Self.endpoint("v", of: object),
      destination: try Self.endpoint("d", of: object),
      state: try object.required("state", Self.state))
  }

  /// The endpoint of the keys `Xaddr` and `Xport`.
  static func endpoint(_ letter: String, of object: JSONObject) throws(VectorError) -> Endpoint {
    Endpoint(
      try object.required(letter + "addr", Read.address),
      try object.required(letter + "port", Read.port))
  }

  static func serviceProtocol(
    _ value: JSONValue, _ path: String
  ) throws(VectorError) -> ServiceProtocol {
    let name = try Read.string(value, path)
    guard let found = ServiceProtocol(rawValue: name) else {
      throw VectorError.needs("protocol \(name) (\(path))")
    }
    return found
  }

  static func forwardingMethod(
    _ value: JSONValue, _ path: String
  ) throws(VectorError) -> ForwardingMethod {
    let name = try Read.string(value, path)
    guard let found = ForwardingMethod(rawValue: name), found == .nat || found == .dr else {
      throw VectorError.needs("forwarding method \(name) (\(path))")
    }
    return found
  }

  static func state(_ value: JSONValue, _ path: String) throws(VectorError) -> ConnectionState {
    let name = try Read.string(value, path)
    guard let found = ConnectionState.allCases.first(where: { $0.name == name }) else {
      throw VectorError.needs("connection state \(name) (\(path))")
    }
    return found
  }
}

/// A vector's `conn_after`: what must be remembered when all is done; what is `nil` may be anything.
struct VectorAftermath {
  /// The connection that is meant, if the vector says so here: protocol, client, virtual, server.
  struct Identity {
    var `protocol`: ServiceProtocol
    var client: Endpoint
    var virtual: Endpoint
    var destination: Endpoint
  }

  let identity: Identity?
  let state: ConnectionState?
  /// In seconds.
  let timeout: Int?
  let isActive: Bool?
  let connectionCount: Int?
  /// Link addresses; `nil` for a station that must not be known.
  let neighbors: [IPv4Address: MACAddress?]

  private static let features: [String: String] = [
    "client_isn": "FullNAT", "delta": "FullNAT", "down_timer_ms": "VRRP", "fdata_ack": "FullNAT",
    "held_packets": "a SYN proxy", "laddr": "FullNAT", "local_isn": "FullNAT", "lport": "FullNAT",
    "rs_isn": "FullNAT", "sp_delta": "a SYN proxy",
  ]

  init(_ object: JSONObject) throws(VectorError) {
    let own: Set<String> = ["timeout", "active_counted", "neigh", "connections"]
    try object.check(known: VectorConnection.keys.union(own), needing: Self.features)
    _ = try object.optional("fwd", VectorConnection.forwardingMethod)
    state = try object.optional("state", VectorConnection.state)
    timeout = try object.optional("timeout", Read.integer)
    isActive = try object.optional("active_counted", Read.bool)
    connectionCount = try object.optional("connections", Read.integer)
    var neighbors: [IPv4Address: MACAddress?] = [:]
    if let list = try object.optional("neigh", Read.object) {
      for text in list.members.keys.sorted() {
        let address = try Read.address(.string(text), list.path)
        neighbors[address] = .some(try list.optional(text, Read.mac))
      }
    }
    self.neighbors = neighbors
    let naming = ["proto", "caddr", "cport", "vaddr", "vport", "daddr", "dport"]
    guard naming.contains(where: { object.members[$0] != nil }) else {
      identity = nil
      return
    }
    identity = Identity(
      protocol: try object.required("proto", VectorConnection.serviceProtocol),
      client: try VectorConnection.endpoint("c", of: object),
      virtual: try VectorConnection.endpoint("v", of: object),
      destination: try VectorConnection.endpoint("d", of: object))
  }

  /// Whether anything is said about one connection.
  var concernsConnection: Bool {
    identity != nil || state != nil || timeout != nil || isActive != nil
  }
}
