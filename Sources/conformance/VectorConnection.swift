import Director
import Wire

/// A vector's `conn`: the connection that exists before the input.
struct VectorConnection {
  let snapshot: ConnectionSnapshot
  let method: ForwardingMethod

  /// The keys that say which connection it is and where it stands.
  static let keys: Set<String> = [
    "proto", "caddr", "cport", "vaddr", "vport", "daddr", "dport", "fwd", "state",
  ]

  /// Those that only vectors of a SYN proxy have.
  static let features: [String: String] = [
    "cookie": "a SYN proxy", "held": "a SYN proxy", "held_packets": "a SYN proxy",
    "sp_delta": "a SYN proxy",
  ]

  init(_ object: JSONObject) throws(VectorError) {
    try object.check(
      known: Self.keys.union(VectorTranslation.keys), needing: Self.features)
    method = try object.required("fwd", VectorServer.forwardingMethod)
    snapshot = ConnectionSnapshot(
      protocol: try object.required("proto", Self.serviceProtocol),
      client: try Self.endpoint("c", of: object), virtual: try Self.endpoint("v", of: object),
      destination: try Self.endpoint("d", of: object),
      state: try object.required("state", Self.state),
      translation: try VectorTranslation(object).snapshot(method, object))
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

  static func state(_ value: JSONValue, _ path: String) throws(VectorError) -> ConnectionState {
    let name = try Read.string(value, path)
    guard let found = ConnectionState.allCases.first(where: { $0.name == name }) else {
      throw VectorError.needs("connection state \(name) (\(path))")
    }
    return found
  }
}

extension Vector {
  /// Throws when `connection` is said to reach its real server by another method than the service does.
  func expectMethod(of connection: VectorConnection) throws(VectorError) {
    let destination = connection.snapshot.destination
    for server in configuration.service?.servers ?? []
    where Endpoint(server.address, server.port) == destination {
      guard server.method != connection.method else { continue }
      throw VectorError.malformed("conn.fwd is not what config.real_servers say of \(destination)")
    }
  }
}
