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

  private var routes: Set<IPv4Prefix> = []
  private var hasGateway = false

  /// Whether everything could be read: what is missing can be told only then.
  private(set) var isComplete: Bool

  init(_ ports: [PortDraft]) {
    isComplete = !ports.isEmpty
    for port in ports {
      for address in port.addresses {
        let prefix = address.value.prefix
        connected.append(
          Connected(prefix: prefix, portName: port.name.value, position: address.position))
        ownAddresses[address.value.address] =
          ownAddresses[address.value.address] ?? address.position
      }
      for route in port.routes {
        routes.insert(route.destination.value)
        if let via = route.via { routers[via.value] = routers[via.value] ?? via.position }
      }
      if let gateway = port.gateway {
        hasGateway = true
        routers[gateway.value] = routers[gateway.value] ?? gateway.position
      }
      if !port.hasAllAddresses || !port.hasAllRoutes { isComplete = false }
    }
  }

  /// Whether a packet to `address` finds its way.
  func reaches(_ address: IPv4Address) -> Bool {
    hasGateway || connected.contains { $0.prefix.contains(address) }
      || (0...32).contains { routes.contains(IPv4Prefix(address, length: $0)) }
  }

  /// The connected network that `address` is the network or broadcast address of.
  func reserving(_ address: IPv4Address) -> (prefix: IPv4Prefix, role: String)? {
    for network in connected {
      if let role = network.prefix.reservedRole(of: address) { return (network.prefix, role) }
    }
    return nil
  }
}
