import Wire

extension ConfigurationReader {
  /// Refuses ports that cannot be beside each other, and ways that lead nowhere.
  mutating func check(_ ports: [PortDraft]) {
    checkDevices(of: ports)
    checkMACAddresses(of: ports)
    checkOwnAddresses(of: ports)
    checkNetworks(of: ports)
    checkGateways(of: ports)
    checkRoutes(of: ports)
    for port in ports { checkCreation(of: port) }
  }

  private mutating func checkDevices(of ports: [PortDraft]) {
    var places: [String: Position] = [:]
    for port in ports {
      guard let tap = port.tap else { continue }
      let key = "\(namespacePath(of: port)) \(tap.value)"
      if let first = places[key] {
        refuse(
          "TAP `\(tap.value)` is already used at \(first)", at: tap.position,
          wanted: "a TAP of its own for each port is wanted")
      } else {
        places[key] = tap.position
      }
    }
  }

  /// The namespace in the one form in which equal ones are equal.
  private func namespacePath(of port: PortDraft) -> String {
    guard let namespace = port.namespace?.value else { return "" }
    let runtime = ["/run/netns/", "/var/run/netns/"].first { namespace.hasPrefix($0) }
    return runtime.map { String(namespace.dropFirst($0.count)) } ?? namespace
  }

  private mutating func checkMACAddresses(of ports: [PortDraft]) {
    var places: [MACAddress: Position] = [:]
    for port in ports {
      guard let address = port.macAddress else { continue }
      if let first = places[address.value] {
        refuse(
          "`mac` \(address.value) is already used at \(first)", at: address.position,
          wanted: "a MAC address of its own for each port is wanted")
      } else {
        places[address.value] = address.position
      }
    }
  }

  private mutating func checkOwnAddresses(of ports: [PortDraft]) {
    var places: [IPv4Address: Position] = [:]
    for port in ports {
      for address in port.addresses {
        if let first = places[address.value.address] {
          refuse(
            "\(address.value.address) is already an own address at \(first)", at: address.position,
            wanted: "each own address once is wanted")
        } else {
          places[address.value.address] = address.position
        }
      }
    }
  }

  /// Refuses networks of different ports that overlap: which one is meant could not be told.
  ///
  /// An address given twice is refused as such only.
  private mutating func checkNetworks(of ports: [PortDraft]) {
    for (index, port) in ports.enumerated() {
      for address in port.addresses {
        let prefix = address.value.prefix
        for other in ports[..<index] {
          let overlapping = other.addresses.first {
            $0.value.prefix.overlaps(prefix) && $0.value.address != address.value.address
          }
          guard let overlapping else { continue }
          refuse(
            "\(prefix) overlaps \(overlapping.value.prefix) of port `\(other.name.value)` at "
              + "\(overlapping.position)", at: address.position,
            wanted: "each network at one port only is wanted")
        }
      }
    }
  }

  private mutating func checkGateways(of ports: [PortDraft]) {
    var first: Position?
    let plan = NetworkPlan(ports)
    for port in ports {
      guard let gateway = port.gateway else { continue }
      if let first {
        refuse(
          "a second `gateway`, after the one at \(first)", at: gateway.position,
          wanted: "one default route is wanted: use `routes` for the other networks")
      }
      first = first ?? gateway.position
      checkRouter(gateway, "gateway", of: port, in: plan)
    }
  }

  /// Refuses a router that cannot be one of the port's neighbours.
  mutating func checkRouter(
    _ router: Located<IPv4Address>, _ what: String, of port: PortDraft, in plan: NetworkPlan
  ) {
    let prefixes = port.addresses.map(\.value.prefix)
    if let own = plan.ownAddresses[router.value] {
      refuse(
        "`\(what)` is \(router.value), an own address (\(own))", at: router.position,
        wanted: "the address of another host is wanted")
    } else if let (prefix, role) = plan.reserving(router.value) {
      refuse(
        "`\(what)` is \(router.value), the \(role) address of \(prefix)", at: router.position,
        wanted: "the address of a host is wanted")
    } else if port.hasAllAddresses, !prefixes.contains(where: { $0.contains(router.value) }) {
      let list = prefixes.map(\.description).joined(separator: ", ")
      refuse(
        "`\(what)` is \(router.value), outside the networks of port `\(port.name.value)`",
        at: router.position, wanted: "an address in \(list) is wanted")
    }
  }

  private mutating func checkCreation(of port: PortDraft) {
    guard let creation = port.creation else { return }
    let largest = creation.mtu ?? Self.largestTAPMTU
    guard port.effectiveMTU > largest else { return }
    refuse(
      "`create` makes a TAP with an MTU of at most \(largest), and the port sends packets of "
        + "\(port.effectiveMTU) bytes", at: creation.position,
      wanted: "at least the port's `mtu` is wanted")
  }
}

extension IPv4Prefix {
  /// Whether some address is in both.
  fileprivate func overlaps(_ other: Self) -> Bool {
    contains(other.network) || other.contains(network)
  }
}
