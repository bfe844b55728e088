import Configuration
import Control
import Director

/// The services of a configuration, for people: a line for each, and an indented one for each of its
/// servers.
enum ServiceTable {
  private typealias Service = ConfigurationSummary.Service

  /// A column for what few services say: it is there when one of them differs from the default.
  private struct Option {
    let column: TextTable.Column
    /// `nil` when the service does as all others.
    let cell: (Service) -> String?
  }

  static func text(_ services: [ConfigurationSummary.Service]) -> String {
    guard !services.isEmpty else { return "no services\n" }
    let options = options.filter { option in services.contains { option.cell($0) != nil } }
    let columns: [TextTable.Column] = [
      .text("SERVICE"), .text("SCHEDULER"), .text("METHOD"), .number("WEIGHT"),
    ]
    var table = TextTable(columns + options.map(\.column))
    for service in services {
      let cells = [
        "\(service.protocol) \(service.address):\(service.port)", service.scheduler, "", "",
      ]
      table.add(cells + options.map { $0.cell(service) ?? "" })
      for server in service.servers {
        table.add([
          "  \(server.address):\(server.port)", "", methodText(server.method, server.tunnel),
          "\(server.weight)",
        ])
      }
    }
    return table.text
  }

  private static var options: [Option] {
    [
      Option(column: .number("MSS CLAMP")) { $0.mssClamp },
      Option(column: .text("WHEN REMOVED")) {
        $0.whenRemoved == RemovalPolicy.reset.rawValue ? nil : $0.whenRemoved
      },
      Option(column: .text("LOCAL ADDRESSES")) { $0.localAddresses.map(list) },
      Option(column: .text("LOCAL PORTS")) {
        $0.localPorts == FullNATSettings().localPortsText ? nil : $0.localPorts
      },
      Option(column: .text("CLIENT ADDRESS")) {
        let usual: ClientAddressForm = $0.protocol == ServiceProtocol.tcp.rawValue ? .toa : .none
        return $0.clientAddress == usual.rawValue ? nil : $0.clientAddress
      },
      Option(column: .number("OPTION KIND")) { service in
        service.optionKind.flatMap {
          $0 == Int(FullNATSettings.defaultOptionKind) ? nil : "\($0)"
        }
      },
      Option(column: .text("CLIENT TOA")) { strips($0) ? "stripped" : nil },
      Option(column: .text("TIMESTAMPS")) {
        $0.tcpTimestamps == TimestampPolicy.shift.rawValue ? "shifted" : nil
      },
    ]
  }

  /// Whether clients' own options are overwritten where that is not the method's doing.
  private static func strips(_ service: Service) -> Bool {
    let isFullNATAlone =
      service.localAddresses != nil
      && service.servers.allSatisfy { $0.method == ForwardingMethod.fullnat.rawValue }
    return service.stripClientTOA && !isFullNATAlone
  }

  /// Up to four addresses, or three and how many more.
  private static func list(_ addresses: [String]) -> String {
    guard addresses.count > 4 else { return addresses.joined(separator: ", ") }
    return addresses.prefix(3).joined(separator: ", ") + " and \(addresses.count - 3) more"
  }
}

/// A method, and of its tunnel what differs from the default, as in `tunnel gue:6081 checksum`.
func methodText(_ method: String, _ tunnel: TunnelReport?) -> String {
  guard let tunnel, tunnel != TunnelReport(encapsulation: Tunnel.Encapsulation.ipip.rawValue)
  else { return method }
  let port = tunnel.port == Int(Tunnel.defaultPort) ? nil : tunnel.port
  return "\(method) \(tunnel.encapsulation)" + (port.map { ":\($0)" } ?? "")
    + (tunnel.checksum ? " checksum" : "")
}
