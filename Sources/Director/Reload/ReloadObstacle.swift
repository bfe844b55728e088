/// Why a director cannot take another configuration while it works: it has to be started again.
package enum ReloadObstacle: Equatable, Sendable, CustomStringConvertible {
  /// A port came, went, or has another name or another place in the list.
  case portList
  /// The port of this name has another MAC address, MTU, address, route or gateway.
  case port(String)
  /// The connection table has another size.
  case connectionLimit
  /// FullNAT is used for the first time: its tables are made at the start.
  case firstFullNAT
  /// There are more real servers than records for them, those counted that are gone and still have
  /// connections.
  case tooManyServers

  package var description: String {
    switch self {
    case .portList: "other ports"
    case .port(let name): "another MAC address, MTU, address, route or gateway of port \(name)"
    case .connectionLimit: "another `connections: limit`"
    case .firstFullNAT: "the first service with `method: fullnat`"
    case .tooManyServers: "more real servers than there is room for"
    }
  }
}

extension Director {
  /// What keeps a director that does `old` from doing `new`; empty if nothing does.
  package static func obstacles(
    from old: DirectorConfiguration, to new: DirectorConfiguration
  ) -> [ReloadObstacle] {
    var obstacles: [ReloadObstacle] = []
    if old.ports.map(\.name) != new.ports.map(\.name) {
      obstacles.append(.portList)
    } else {
      for (old, new) in zip(old.ports, new.ports) where old != new {
        obstacles.append(.port(old.name))
      }
    }
    if old.connectionLimit != new.connectionLimit { obstacles.append(.connectionLimit) }
    if new.hasFullNAT && !old.hasFullNAT { obstacles.append(.firstFullNAT) }
    return obstacles
  }
}
