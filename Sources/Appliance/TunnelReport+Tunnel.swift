package import Control
package import Director

extension TunnelReport {
  /// What is told of `tunnel`; a port only where it is used.
  package init(_ tunnel: Tunnel) {
    self.init(
      encapsulation: tunnel.encapsulation.rawValue, checksum: tunnel.hasChecksum,
      port: tunnel.encapsulation == .gue ? Int(tunnel.port) : nil)
  }
}

/// How the servers of a configuration are reached whose method is `tunnel`.
struct TunnelList {
  private struct Key: Hashable {
    let `protocol`: ServiceProtocol
    let virtual: Endpoint
    let real: Endpoint
  }

  private var tunnels: [Key: TunnelReport] = [:]

  init(_ configuration: DirectorConfiguration) {
    for service in configuration.services {
      for server in service.servers where server.method == .tunnel {
        let key = Key(
          protocol: service.protocol, virtual: Endpoint(service.address, service.port),
          real: Endpoint(server.address, server.port))
        tunnels[key] = TunnelReport(server.tunnel)
      }
    }
  }

  /// The tunnel of a server; `nil` when its method is another.
  subscript(service: ServiceSnapshot, server: DestinationSnapshot) -> TunnelReport? {
    guard server.method == .tunnel else { return nil }
    return tunnels[
      Key(protocol: service.protocol, virtual: service.virtual, real: server.real)]
  }
}
