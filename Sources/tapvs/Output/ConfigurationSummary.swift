import Configuration
import Director
import LinkIO
import Wire

/// What a configuration would run, as `check -o json` prints it.
struct ConfigurationSummary: Encodable {
  let valid = true
  let file: String
  let ports: [Port]
  let services: [Service]
  let connectionLimit: Int
  /// By state, as in the file.
  let timeouts: [String: String]
  let natICMPSend: Bool
  let pmtuDiscovery: Bool

  struct Port: Encodable {
    let name: String
    let tap: String
    let netns: String?
    let mac: String
    let mtu: Int
    let addresses: [String]
    let gateway: String?
    let routes: [Route]
    let create: Creation?
    let offloads: String?
  }

  struct Route: Encodable {
    let to: String
    let via: String?
    /// `nil` for the port's.
    let mtu: Int?
  }

  struct Creation: Encodable {
    let bridge: String?
    let mtu: Int
  }

  private enum CodingKeys: String, CodingKey {
    case valid
    case file
    case ports
    case services
    case connectionLimit = "connection-limit"
    case timeouts
    case natICMPSend = "nat-icmp-send"
    case pmtuDiscovery = "pmtu-discovery"
  }
}

extension ConfigurationSummary {
  init(_ configuration: ApplianceConfiguration, file: String) {
    self.file = file
    let director = configuration.director
    ports = zip(director.ports, configuration.bindings).map { Port($0, $1) }
    services = director.services.map { Service($0) }
    connectionLimit = director.connectionLimit
    timeouts = director.timeouts.configurationText
    natICMPSend = director.sendsNATUnreachable
    pmtuDiscovery = director.discoversTunnelMTU
  }
}

extension ConfigurationSummary.Port {
  init(_ port: DirectorConfiguration.Port, _ binding: PortBinding) {
    name = port.name
    tap = binding.tap
    netns = binding.namespace
    mac = port.macAddress.description
    mtu = port.mtu
    addresses = port.addresses.map(\.description)
    gateway = port.gateway?.description
    routes = port.routes.map {
      .init(to: $0.destination.description, via: $0.via?.description, mtu: $0.mtu)
    }
    create = binding.creation.map { .init(bridge: $0.bridge, mtu: $0.mtu) }
    offloads = binding.offloads?.rawValue
  }
}
