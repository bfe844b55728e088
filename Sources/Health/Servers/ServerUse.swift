package import Director

/// How a real server stands in the list of its virtual service.
package enum ServerUse: Hashable, Sendable {
  /// It is in the list; with 0 it takes no new connections and keeps those it has.
  case weight(Int)
  /// It is not in the list; its connections go the way of the service's `when-removed`.
  case removed

  /// Whether new connections may go there.
  package var takesConnections: Bool {
    switch self {
    case .weight(let weight): weight > 0
    case .removed: false
    }
  }
}

/// What the director has to change: a real server's or sorry server's place in its service's list.
package struct ServerChange: Hashable, Sendable {
  package let service: ServiceName
  package let server: Endpoint
  package let use: ServerUse

  package init(_ service: ServiceName, _ server: Endpoint, _ use: ServerUse) {
    self.service = service
    self.server = server
    self.use = use
  }
}
