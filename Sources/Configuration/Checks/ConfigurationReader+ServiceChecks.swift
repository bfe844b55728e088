import Director
import Wire

extension ConfigurationReader {
  /// Refuses services and servers that cannot work with each other and with the ports.
  mutating func check(_ services: [ServiceDraft], in plan: NetworkPlan) {
    let taken = ServicePlan(services)
    checkDuplicates(services)
    checkLocalPorts(of: services)
    for service in services {
      checkVirtualAddress(service.address, in: plan)
      checkClamp(of: service)
      checkMethodKeys(of: service)
      checkLocalAddresses(of: service, beside: taken, in: plan)
      checkDuplicates(service.servers)
      for server in service.servers + (service.health.sorryServer.map { [$0.server] } ?? []) {
        checkAddress(of: server, beside: taken, in: plan)
        checkMethod(of: server, in: service)
      }
    }
  }

  private struct ServiceKey: Hashable {
    let address: IPv4Address
    let port: UInt16
    let `protocol`: ServiceProtocol
  }

  private mutating func checkDuplicates(_ services: [ServiceDraft]) {
    var places: [ServiceKey: Position] = [:]
    for service in services {
      guard let port = service.port?.value, let transport = service.protocol else { continue }
      let position = service.address.position
      let key = ServiceKey(address: service.address.value, port: port, protocol: transport)
      if let first = places[key] {
        refuse(
          "\(transport.rawValue) \(key.address):\(port) is already a service at \(first)",
          at: position, wanted: "each address, port and protocol once is wanted")
      } else {
        places[key] = position
      }
    }
  }

  private struct ServerKey: Hashable {
    let address: IPv4Address
    let port: UInt16
  }

  private mutating func checkDuplicates(_ servers: [ServerDraft]) {
    var places: [ServerKey: Position] = [:]
    for server in servers {
      guard let port = server.port?.value else { continue }
      let key = ServerKey(address: server.address.value, port: port)
      if let first = places[key] {
        refuse(
          "\(key.address):\(port) is already a server of this service at \(first)",
          at: server.address.position, wanted: "each server once, with its `weight`, is wanted")
      } else {
        places[key] = server.address.position
      }
    }
  }

  private mutating func checkVirtualAddress(_ address: Located<IPv4Address>, in plan: NetworkPlan) {
    if let own = plan.ownAddresses[address.value] {
      refuse(
        "the service's `address` is \(address.value), an own address of a port (\(own))",
        at: address.position, wanted: "another address is wanted for the service")
    } else if let router = plan.routers[address.value] {
      refuse(
        "the service's `address` is \(address.value), a router's (\(router))",
        at: address.position, wanted: "an address that no other host has is wanted")
    } else if let (prefix, role) = plan.reserving(address.value) {
      refuse(
        "the service's `address` is \(address.value), the \(role) address of \(prefix)",
        at: address.position, wanted: "an address that a host can have is wanted")
    }
  }

  private mutating func checkClamp(of service: ServiceDraft) {
    guard let clamp = service.segmentSizeClamp, service.protocol == .udp else { return }
    refuse(
      "`mss-clamp` in a service of `udp`", at: clamp.position,
      wanted: "only TCP announces a segment size: leave it out")
  }

  private mutating func checkAddress(
    of server: ServerDraft, beside taken: ServicePlan, in plan: NetworkPlan
  ) {
    let address = server.address
    if let service = taken.virtualAddresses[address.value] {
      refuse(
        "the server's `address` is \(address.value), a virtual service's (\(service))",
        at: address.position, wanted: "the real server's own address is wanted")
    } else if let own = plan.ownAddresses[address.value] {
      refuse(
        "the server's `address` is \(address.value), an own address of a port (\(own))",
        at: address.position, wanted: "the address of another host is wanted")
    } else if let (prefix, role) = plan.reserving(address.value) {
      refuse(
        "the server's `address` is \(address.value), the \(role) address of \(prefix)",
        at: address.position, wanted: "an address that a host can have is wanted")
    } else if plan.isComplete {
      checkWay(to: server, in: plan)
    }
  }

  private mutating func checkWay(to server: ServerDraft, in plan: NetworkPlan) {
    let address = server.address
    switch plan.way(to: address.value) {
    case .onLink:
      break
    case .router where server.method == .dr:
      refuse(
        "the server \(address.value) is behind a router, and its method is `dr`",
        at: address.position,
        wanted: "a server on a port's own network is wanted: only the MAC address says where a "
          + "packet goes")
    case .router:
      break
    case nil:
      refuse(
        "no route leads to the server \(address.value)", at: address.position,
        wanted: "an own address in its network, one of `routes` or a `gateway` is wanted")
    }
  }
}
