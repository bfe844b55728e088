import Frames
import Wire

/// Where a packet goes next.
struct NextHop: Hashable, Sendable {
  let port: PortIndex
  /// The router, or the destination itself on a connected network.
  let address: IPv4Address
  /// The router's place in the neighbour table; `nil` on a connected network.
  let neighbor: Int?
  /// The largest IP packet that may be sent this way, in bytes.
  let mtu: Int
}

/// The routes of all ports: connected networks, static routes, gateways.
struct RoutingTable: Sendable {
  struct Route: Sendable {
    let prefix: IPv4Prefix
    let port: PortIndex
    /// The router; `nil` for a connected network.
    let via: IPv4Address?
    /// The largest IP packet that may be sent this way, in bytes.
    let mtu: Int
    /// The router's place in the neighbour table.
    var neighbor: Int?
  }

  /// Longest prefix first; of equals, the first of the configuration.
  private(set) var routes: [Route]

  init(_ configuration: DirectorConfiguration) {
    var routes: [Route] = []
    for (index, port) in configuration.ports.enumerated() {
      let place = PortIndex(index)
      routes += port.addresses.map {
        Route(prefix: $0.prefix, port: place, via: nil, mtu: port.mtu)
      }
      routes += port.routes.map {
        Route(
          prefix: $0.destination, port: place, via: $0.via, mtu: min($0.mtu ?? port.mtu, port.mtu))
      }
      if let gateway = port.gateway {
        routes.append(Route(prefix: .everything, port: place, via: gateway, mtu: port.mtu))
      }
    }
    // A stable order: sorted(by:) alone does not promise to keep equals in place.
    self.routes = routes.enumerated()
      .sorted { ($1.element.prefix.length, $0.offset) < ($0.element.prefix.length, $1.offset) }
      .map(\.element)
  }

  /// The routers, and the next hops of the servers of `services`, each once.
  func nextHops(of services: [DirectorConfiguration.Service]) -> Set<NextHop> {
    let routers = routes.compactMap { route in
      route.via.map { NextHop(port: route.port, address: $0, neighbor: nil, mtu: route.mtu) }
    }
    let servers = services.flatMap(\.servers).compactMap { nextHop(to: $0.address) }
    return Set(routers + servers)
  }

  /// Gives the routers their places in the neighbour table.
  mutating func setNeighbors(_ neighbor: (PortIndex, IPv4Address) -> Int?) {
    for index in routes.indices {
      if let via = routes[index].via {
        routes[index].neighbor = neighbor(routes[index].port, via)
      }
    }
  }

  /// The next hop towards `address` by the longest prefix; `nil` without a route.
  ///
  /// Cost: one compare for each route.
  @inline(__always)
  func nextHop(to address: IPv4Address) -> NextHop? {
    for route in routes where route.prefix.contains(address) {
      return NextHop(
        port: route.port, address: route.via ?? address, neighbor: route.neighbor, mtu: route.mtu)
    }
    return nil
  }
}
