import Frames
import Neighbors
import Wire

extension DirectorConfiguration {
  /// Every virtual address once.
  var allVirtualAddresses: [IPv4Address] {
    var seen: Set<IPv4Address> = []
    return (virtualAddresses + services.map(\.address) + localAddresses)
      .filter { seen.insert($0).inserted }
  }

  /// The sources of FullNAT, to which real servers reply.
  var localAddresses: [IPv4Address] { services.flatMap(\.fullNAT.localAddresses) }

  /// The number of local ports towards all real servers together, at most.
  var localPortCount: Int {
    services.reduce(0) { sum, service in
      let servers = service.servers.filter { $0.method == .fullnat }.count
      return sum + servers * service.fullNAT.localAddresses.count * service.fullNAT.localPorts.count
    }
  }

  /// Whether some server is reached by FullNAT.
  var hasFullNAT: Bool { !localAddresses.isEmpty }

  /// An address of the port's own: one of the same network as `address`, if there is one.
  func ownAddress(of port: PortIndex, towards address: IPv4Address) -> IPv4Address? {
    let addresses = ports[port.index].addresses
    return (addresses.first { $0.prefix.contains(address) } ?? addresses.first)?.address
  }

  /// What wraps packets to `server` when `nextHop` leads there; `nil` without a tunnel, or without an
  /// address of our own to send from.
  func outerHeader(_ server: Server, by nextHop: NextHop) -> OuterHeader? {
    guard server.method == .tunnel,
      let source = ownAddress(of: nextHop.port, towards: nextHop.address)
    else { return nil }
    return OuterHeader(
      server.tunnel, from: source, to: server.address, copiesDontFragment: discoversTunnelMTU)
  }

  /// The ports as ARP sees them.
  ///
  /// A virtual address is answered for on the first port whose connected networks hold it, so that
  /// two ports of one segment do not both answer; on all ports when it belongs to none of theirs. One
  /// that is also a port's own address stays with that port.
  var arpPorts: [ARPHost.Port] {
    var addresses = [[IPv4Address]](repeating: [], count: ports.count)
    let own = Set(ports.flatMap { $0.addresses.map(\.address) })
    for virtual in allVirtualAddresses where !own.contains(virtual) {
      let home = ports.firstIndex { port in
        port.addresses.contains { $0.prefix.contains(virtual) }
      }
      for index in home.map({ $0..<$0 + 1 }) ?? 0..<ports.count {
        addresses[index].append(virtual)
      }
    }
    return zip(ports, addresses).map {
      ARPHost.Port(
        macAddress: $0.macAddress, addresses: $0.addresses, virtualAddresses: $1,
        sharedAddresses: addressesShared(on: $0))
    }
  }

  /// The virtual addresses that real servers on the port's connected networks have, too, since they
  /// answer clients themselves.
  private func addressesShared(on port: Port) -> [IPv4Address] {
    let shared = services.filter { service in
      service.servers.contains { server in
        !server.method.seesReplies
          && port.addresses.contains { $0.prefix.contains(server.address) }
      }
    }
    var seen: Set<IPv4Address> = []
    return shared.map(\.address).filter { seen.insert($0).inserted }
  }
}

/// The services of a configuration and the forwarding records of their servers.
struct ServiceParts {
  var services: [VirtualService] = []
  var records: [ForwardingRecord] = []
  var localPorts: LocalPorts

  /// Makes services and records, and pins gateways and real servers in the neighbour table.
  init(
    _ configuration: DirectorConfiguration, routes: inout RoutingTable, arp: inout ARPHost,
    localPorts: LocalPorts, at now: Instant
  ) {
    self.localPorts = localPorts
    // A closure cannot borrow `arp`, which cannot be copied: collect first, then store.
    var gateways: [NextHop] = []
    for route in routes.routes {
      if let via = route.via {
        gateways.append(
          NextHop(
            port: route.port, address: via,
            neighbor: arp.pin(via, port: route.port, at: now), mtu: route.mtu))
      }
    }
    routes.setNeighbors { port, via in
      gateways.first { $0.port == port && $0.address == via }?.neighbor
    }
    for service in configuration.services {
      let virtual = Endpoint(service.address, service.port)
      var destinations: [Destination] = []
      // New servers are put at the head of the list: the file's last one is walked first.
      for server in service.servers.reversed() {
        guard let nextHop = routes.nextHop(to: server.address) else { continue }
        let place = destinations.count
        destinations.append(
          Destination(record: RecordIndex(records.count), weight: server.weight))
        let neighbor = arp.pin(nextHop.address, port: nextHop.port, at: now)
        var record = ForwardingRecord(
          virtual: virtual, real: Endpoint(server.address, server.port),
          protocol: service.protocol.ipProtocol, method: server.method, service: services.count,
          place: place, rules: ForwardingRules(service, server.method), nextHop: nextHop,
          neighbor: neighbor, outer: configuration.outerHeader(server, by: nextHop))
        if server.method == .fullnat {
          record.pools = self.localPorts.add(service.fullNAT, record.real, record.protocol)
        }
        records.append(record)
      }
      services.append(VirtualService(service, destinations: destinations))
    }
  }
}
