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

  struct Service: Encodable {
    let address: String
    let port: Int
    let `protocol`: String
    let scheduler: String
    /// A number of bytes or `auto`.
    let mssClamp: String?
    let whenRemoved: String
    let servers: [Server]

    private enum CodingKeys: String, CodingKey {
      case address
      case port
      case `protocol`
      case scheduler
      case mssClamp = "mss-clamp"
      case whenRemoved = "when-removed"
      case servers
    }
  }

  struct Server: Encodable {
    let address: String
    let port: Int
    let method: String
    let weight: Int
  }

  private enum CodingKeys: String, CodingKey {
    case valid
    case file
    case ports
    case services
    case connectionLimit = "connection-limit"
    case timeouts
    case natICMPSend = "nat-icmp-send"
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

extension ConfigurationSummary.Service {
  init(_ service: DirectorConfiguration.Service) {
    address = service.address.description
    port = Int(service.port)
    `protocol` = service.protocol.rawValue
    scheduler = service.scheduler.rawValue
    mssClamp = service.segmentSizeClamp?.configurationText
    whenRemoved = service.whenRemoved.rawValue
    servers = service.servers.map {
      .init(
        address: $0.address.description, port: Int($0.port), method: $0.method.rawValue,
        weight: $0.weight)
    }
  }
}
