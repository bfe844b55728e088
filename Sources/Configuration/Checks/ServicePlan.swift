import Wire

/// The addresses that services take, for the checks of those that must be others.
struct ServicePlan {
  /// The addresses of services, and where each was first given.
  private(set) var virtualAddresses: [IPv4Address: Position] = [:]

  /// The addresses of real servers, and where each was first given.
  private(set) var realServers: [IPv4Address: Position] = [:]

  init(_ services: [ServiceDraft]) {
    for service in services {
      let address = service.address
      virtualAddresses[address.value] = virtualAddresses[address.value] ?? address.position
      for server in service.servers {
        let address = server.address
        realServers[address.value] = realServers[address.value] ?? address.position
      }
    }
  }
}
