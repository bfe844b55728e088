import Wire

/// What the ports together reach, for the checks of everything that needs a way.
struct NetworkPlan {
  /// A network that a port is in.
  struct Connected {
    let prefix: IPv4Prefix
    let portName: String
    let position: Position
  }

  private(set) var connected: [Connected] = []

  /// The appliance's own addresses, and where they were given.
  private(set) var ownAddresses: [IPv4Address: Position] = [:]

  /// The routers: gateways and `via`.
  private(set) var routers: [IPv4Address: Position] = [:]

  /// How the next hop towards an address is reached.
  enum Way {
    /// It is the address itself.
    case onLink
    case router
  }

  /// Connected networks and routes, by the longest prefix.
  private var ways: [IPv4Prefix: Way] = [:]

  /// Whether everything could be read: what is missing can be told only then.
  private(set) var isComplete: Bool

  init(_ ports: [PortDraft]) {
    isComplete = !ports.isEmpty
    for port in ports {
      for address in port.addresses {
        let prefix = address.value.prefix
        connected.append(
          Connected(prefix: prefix, portName: port.name.value, position: address.position))
        ways[prefix] = .onLink
        ownAddresses[address.value.address] =
          ownAddresses[address.value.address] ?? address.position
      }
      for route in port.routes {
        ways[route.destination.value] = route.via == nil ? .onLink : .router
        if let via = route.via { routers[via.value] = routers[via.value] ?? via.position }
      }
      if let gateway = port.gateway {
        ways[.everything] = .router
        routers[gateway.value] = routers[gateway.value] ?? gateway.position
      }
      if !port.hasAllAddresses || !port.hasAllRoutes { isComplete = false }
    }
  }

  /// The way that a packet to `address` takes; `nil` without one.
  ///
  /// Cost: at most 33 look-ups.
  func way(to address: IPv4Address) -> Way? {
    (0...32).reversed().lazy.compactMap { ways[IPv4Prefix(address, length: $0)] }.first
  }

  /// The connected network that `address` is the network or broadcast address of.
  func reserving(_ address: IPv4Address) -> (prefix: IPv4Prefix, role: String)? {
    for network in connected {
      if let role = network.prefix.reservedRole(of: address) { return (network.prefix, role) }
    }
    return nil
  }
}
