import Appliance
import Configuration
import Control
import Director
import Wire

extension ConfigurationSummary {
  struct Service: Encodable {
    let address: String
    let port: Int
    let `protocol`: String
    let scheduler: String
    /// A number of bytes or `auto`.
    let mssClamp: String?
    let whenRemoved: String
    /// These three are `nil` in a service without FullNAT.
    let localAddresses: [String]?
    let localPorts: String?
    let clientAddress: String?
    /// `nil` in a service that neither writes nor looks for the option.
    let optionKind: Int?
    let stripClientTOA: Bool
    /// `nil` in a service of UDP or without FullNAT.
    let tcpTimestamps: String?
    let servers: [Server]

    private enum CodingKeys: String, CodingKey {
      case address
      case port
      case `protocol`
      case scheduler
      case mssClamp = "mss-clamp"
      case whenRemoved = "when-removed"
      case localAddresses = "local-addresses"
      case localPorts = "local-ports"
      case clientAddress = "client-address"
      case optionKind = "option-kind"
      case stripClientTOA = "strip-client-toa"
      case tcpTimestamps = "tcp-timestamps"
      case servers
    }
  }

  struct Server: Encodable {
    let address: String
    let port: Int
    let method: String
    let weight: Int
    /// `nil` with another method.
    let tunnel: TunnelReport?
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
    let fullNAT = service.fullNAT.localAddresses.isEmpty ? nil : service.fullNAT
    localAddresses = fullNAT?.localAddresses.map(\.description)
    localPorts = fullNAT?.localPortsText
    clientAddress = fullNAT?.clientAddress.rawValue
    let hasOption = service.protocol == .tcp && (fullNAT != nil || service.stripsClientOption)
    optionKind = hasOption ? Int(service.fullNAT.optionKind) : nil
    stripClientTOA = service.stripsClientOption
    tcpTimestamps = service.protocol == .tcp ? fullNAT?.timestamps.rawValue : nil
    servers = service.servers.map {
      .init(
        address: $0.address.description, port: Int($0.port), method: $0.method.rawValue,
        weight: $0.weight, tunnel: $0.method == .tunnel ? TunnelReport($0.tunnel) : nil)
    }
  }
}
