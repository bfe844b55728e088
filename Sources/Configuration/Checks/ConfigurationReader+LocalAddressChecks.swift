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
