import Wire

extension ConfigurationReader {
  /// Refuses routes that lead nowhere, or that another one hides.
  mutating func checkRoutes(of ports: [PortDraft]) {
    let plan = NetworkPlan(ports)
    var places: [IPv4Prefix: Position] = [:]
    for port in ports {
      for route in port.routes {
        let destination = route.destination
        if let via = route.via { checkRouter(via, "via", of: port, in: plan) }
        checkDestination(of: route, at: port, in: plan)
        checkMTU(of: route, at: port)
        if let first = places[destination.value] {
          refuse(
            "a second route to \(destination.value), after the one at \(first)",
            at: destination.position, wanted: "one route for each network is wanted")
        } else {
          places[destination.value] = destination.position
        }
      }
    }
  }

  /// Refuses a destination for which there is another word, or no host, or no way without a router.
  private mutating func checkDestination(
    of route: RouteDraft, at port: PortDraft, in plan: NetworkPlan
  ) {
    let destination = route.destination
    let prefixes = port.addresses.map(\.value.prefix)
    if destination.value == .everything {
      refuse(
        "a route to 0.0.0.0/0", at: destination.position,
        wanted: "`gateway: ADDRESS` of the port is wanted")
    } else if let kind = destination.value.network.kindOfNoHost {
      refuse(
        "a route to \(destination.value), beginning with \(kind)", at: destination.position,
        wanted: "a network of hosts is wanted")
    } else if let connected = plan.connected.first(where: { $0.prefix == destination.value }) {
      let wanted =
        route.via == nil
        ? "a part of that network, or the port's `mtu`," : "a network behind a router"
      refuse(
        "a route to \(destination.value), to which port `\(connected.portName)` is connected",
        at: destination.position, wanted: "\(wanted) is wanted")
    } else if route.via == nil, port.hasAllAddresses,
      !prefixes.contains(where: { $0.contains(destination.value) })
    {
      let list = prefixes.map(\.description).joined(separator: ", ")
      refuse(
        "a route to \(destination.value) without `via`, outside the networks of port "
          + "`\(port.name.value)`", at: destination.position,
        wanted: "`via`, or a part of \(list), is wanted")
    }
  }

  private mutating func checkMTU(of route: RouteDraft, at port: PortDraft) {
    guard let mtu = route.mtu, port.isMTUKnown, mtu.value > port.effectiveMTU else { return }
    refuse(
      "`mtu` is \(mtu.value), and the port sends packets of at most \(port.effectiveMTU) bytes",
      at: mtu.position, wanted: "at most the port's `mtu` is wanted")
  }
}

extension IPv4Prefix {
  /// Whether all of `other` lies in this network.
  fileprivate func contains(_ other: Self) -> Bool {
    other.length >= length && contains(other.network)
  }
}
