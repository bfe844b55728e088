import Director
import Frames
import Wire

extension VectorConfiguration {
  /// A small table is made faster, and a vector has one connection.
  private static let connectionLimit = 1024

  /// The director's configuration in `topology`.
  func directorConfiguration(_ topology: Topology) -> DirectorConfiguration {
    let ports = topology.ports.enumerated().map { index, port in
      DirectorConfiguration.Port(
        name: port.name, macAddress: port.mac, mtu: mtu[port.name] ?? port.mtu,
        addresses: [port.address], routes: routes(of: PortIndex(index), topology),
        gateway: index == 0 ? topology.gateway : nil)
    }
    var configuration = DirectorConfiguration(
      ports: ports, services: service.map { [$0] } ?? [], virtualAddresses: virtualAddresses,
      connectionLimit: Self.connectionLimit)
    configuration.sendsNATUnreachable = sendsNATUnreachable
    configuration.discoversTunnelMTU = discoversTunnelMTU
    return configuration
  }

  /// The ways with an MTU of their own: by `port` itself, or by the gateway, which is behind the first.
  private func routes(of port: PortIndex, _ topology: Topology) -> [DirectorConfiguration.Route] {
    pathMTU.sorted { $0.key.rawValue < $1.key.rawValue }.compactMap { address, mtu in
      let home = topology.portIndex(reaching: address)
      guard home ?? PortIndex(0) == port else { return nil }
      return DirectorConfiguration.Route(
        to: IPv4Prefix(address, length: 32), via: home == nil ? topology.gateway : nil, mtu: mtu)
    }
  }

  /// The stations that are resolved before the input, in the order of their addresses.
  ///
  /// Throws when a real server on a connected network has no link address and is not said to be
  /// unresolved.
  func resolvedNeighbors(
    _ topology: Topology
  ) throws(VectorError) -> [(address: IPv4Address, mac: MACAddress, port: PortIndex)] {
    let stations = topology.neighbors.mapValues(Optional.some)
      .merging(neighbors) { _, vectorsOwn in vectorsOwn }
    for server in service?.servers ?? [] where stations[server.address] == nil {
      guard topology.portIndex(reaching: server.address) == nil else {
        throw VectorError.malformed("real server \(server.address) has no link address")
      }
    }
    return stations.sorted { $0.key.rawValue < $1.key.rawValue }.compactMap { address, mac in
      guard let mac, let port = topology.portIndex(reaching: address) else { return nil }
      return (address, mac, port)
    }
  }
}
