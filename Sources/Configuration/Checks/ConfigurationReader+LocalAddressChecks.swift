import Director
import Wire

extension ConfigurationReader {
  /// Refuses local addresses to which replies would not come, or not as replies.
  ///
  /// An own address may be one, and several services may share one. One outside of every connected
  /// network may be routed to us.
  mutating func checkLocalAddresses(
    of service: ServiceDraft, beside taken: ServicePlan, in plan: NetworkPlan
  ) {
    var places: [IPv4Address: Position] = [:]
    for address in service.fullNAT.localAddresses?.value ?? [] {
      if let first = places[address.value] {
        refuse(
          "\(address.value) is already a local address of this service at \(first)",
          at: address.position, wanted: "each local address once is wanted")
        continue
      }
      places[address.value] = address.position
      checkLocalAddress(address, beside: taken, in: plan)
    }
  }

  private struct SharedKey: Hashable {
    let address: IPv4Address
    let `protocol`: ServiceProtocol?
  }

  /// Refuses different ports of one local address: services of one protocol share its ports.
  mutating func checkLocalPorts(of services: [ServiceDraft]) {
    var ranges: [SharedKey: (ports: ClosedRange<UInt16>, position: Position)] = [:]
    for service in services {
      let ports = service.fullNAT.localPorts?.value ?? FullNATSettings.defaultPorts
      for address in service.fullNAT.localAddresses?.value ?? [] {
        let key = SharedKey(address: address.value, protocol: service.protocol)
        if let first = ranges[key], first.ports != ports {
          refuse(
            "local address \(address.value) with ports \(ports.lowerBound)-\(ports.upperBound), and "
              + "with \(first.ports.lowerBound)-\(first.ports.upperBound) at \(first.position)",
            at: address.position, wanted: "the same `local-ports` for a shared address are wanted")
        } else if ranges[key] == nil {
          ranges[key] = (ports, address.position)
        }
      }
    }
  }

  private mutating func checkLocalAddress(
    _ address: Located<IPv4Address>, beside taken: ServicePlan, in plan: NetworkPlan
  ) {
    let owner: String
    if let service = taken.virtualAddresses[address.value] {
      owner = "a virtual service's (\(service))"
    } else if let server = taken.realServers[address.value] {
      owner = "a real server's (\(server))"
    } else if let router = plan.routers[address.value] {
      owner = "a router's (\(router))"
    } else if let (prefix, role) = plan.reserving(address.value) {
      owner = "the \(role) address of \(prefix)"
    } else {
      return
    }
    refuse(
      "`local-addresses` has \(address.value), \(owner)", at: address.position,
      wanted: "an address of the director's alone is wanted")
  }
}
