package import Wire

/// What this server is to be: what an operator says, checked.
package struct WantedServer: Codable, Equatable, Sendable {
  package let mode: ServerMode
  package let virtualAddresses: [IPv4Address]
  /// NAT: the director, which is the way to all clients.
  package let gateway: IPv4Address?
  /// Tunnel and FullNAT: from where the director sends.
  package let directors: [LocalAddresses]
  /// Tunnel: how packets come.
  package let tunnel: WantedTunnel?

  /// Throws `usage` where things do not go together.
  package init(
    mode: ServerMode, virtualAddresses: [IPv4Address] = [], gateway: IPv4Address? = nil,
    directors: [LocalAddresses] = [], tunnel: WantedTunnel? = nil
  ) throws(ServerError) {
    self.mode = mode
    self.virtualAddresses = virtualAddresses
    self.gateway = gateway
    self.directors = directors
    self.tunnel = tunnel
    try refuseWhatLacks()
    try refuseWhatDoesNotBelong()
    for address in virtualAddresses {
      guard address.isUnicastHost else {
        throw ServerError(.usage, "--vip is \(address); an address of a host is wanted")
      }
      guard virtualAddresses.count(where: { $0 == address }) == 1 else {
        throw ServerError(.usage, "--vip \(address) is given twice")
      }
    }
    try tunnel?.check(directors: directors)
  }

  private func refuseWhatLacks() throws(ServerError) {
    switch mode {
    case .nat:
      guard gateway != nil else {
        throw ServerError(.usage, "--mode nat without --gateway; the director's address is wanted")
      }
    case .dr, .tunnel:
      guard !virtualAddresses.isEmpty else {
        throw ServerError(.usage, "--mode \(mode.rawValue) without --vip; one or more are wanted")
      }
    case .fullnat:
      guard !directors.isEmpty else {
        throw ServerError(
          .usage, "--mode fullnat without --from; the directors' local addresses are wanted")
      }
    }
  }

  private func refuseWhatDoesNotBelong() throws(ServerError) {
    if gateway != nil, mode != .nat {
      throw ServerError(.usage, "--gateway is for --mode nat, not \(mode.rawValue)")
    }
    if !directors.isEmpty, mode != .tunnel, mode != .fullnat {
      throw ServerError(.usage, "--from is for --mode tunnel and fullnat, not \(mode.rawValue)")
    }
    guard (tunnel != nil) == (mode == .tunnel) else {
      throw ServerError(.usage, "how packets are encapsulated is for --mode tunnel alone")
    }
  }

  /// All that such a server needs, in the order in which it is to be made.
  package var needs: [any Need] {
    switch mode {
    case .nat:
      [AbsentAddresses(virtualAddresses)] + (gateway.map { [DefaultGateway($0)] } ?? [])
    case .dr: [NeighborSilence()] + held(on: "lo")
    case .tunnel: tunnel.map { tunnelNeeds($0) } ?? []
    case .fullnat: [AbsentAddresses(virtualAddresses), LocalRoutes(directors)]
    }
  }

  private func tunnelNeeds(_ tunnel: WantedTunnel) -> [any Need] {
    var needs: [any Need] = [NeighborSilence()]
    if let device = tunnel.kernelDevice {
      needs.append(TunnelDevice(name: device.name, kind: device.kind))
      needs.append(ReversePath(device: device.name))
      needs += held(on: device.name)
    } else {
      needs += held(on: "lo")
    }
    return needs + [SegmentSize(routes: tunnel.routes, overhead: tunnel.overhead)]
  }

  private func held(on device: String) -> [any Need] {
    [DeviceUp(name: device), HeldAddresses(virtualAddresses, on: device)]
  }
}
