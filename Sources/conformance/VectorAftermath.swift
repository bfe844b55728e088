import Director
import Wire

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
  let method: ForwardingMethod?
  let translation: VectorTranslation
  let state: ConnectionState?
  /// In seconds.
  let timeout: Int?
  let isActive: Bool?
  let connectionCount: Int?
  /// Link addresses; `nil` for a station that must not be known.
  let neighbors: [IPv4Address: MACAddress?]

  private static let features = ["down_timer_ms": "VRRP"]

  init(_ object: JSONObject) throws(VectorError) {
    let own: Set<String> = ["timeout", "active_counted", "neigh", "connections"]
    try object.check(
      known: VectorConnection.keys.union(VectorTranslation.keys).union(own),
      needing: VectorConnection.features.merging(Self.features) { first, _ in first })
    method = try object.optional("fwd", VectorServer.forwardingMethod)
    translation = try VectorTranslation(object)
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
    identity != nil || method != nil || state != nil || timeout != nil || isActive != nil
      || !translation.isEmpty
  }
}
