import Configuration
import Director

/// What a configuration would run, for people.
enum ConfigurationText {
  static func text(_ summary: ConfigurationSummary) -> String {
    let parts = [
      head(summary), ports(summary.ports), routes(summary.ports),
      ServiceTable.text(summary.services),
    ]
    return parts.filter { !$0.isEmpty }.joined(separator: "\n")
  }

  /// One line, and one for each thing that is not as it would be without being said.
  private static func head(_ summary: ConfigurationSummary) -> String {
    var lines = ["\(summary.file) is fine; at most \(summary.connectionLimit) connections"]
    let defaults = StateTimeouts().configurationText
    let timeouts = ConnectionState.allCases.map(\.configurationKey).compactMap { key in
      summary.timeouts[key].flatMap { $0 == defaults[key] ? nil : "\(key) \($0)" }
    }
    if !timeouts.isEmpty { lines.append("timeouts: " + timeouts.joined(separator: ", ")) }
    if summary.natICMPSend { lines.append("nat-icmp-send: true") }
    if !summary.pmtuDiscovery { lines.append("pmtu-discovery: false") }
    return lines.map { $0 + "\n" }.joined()
  }

  private static func ports(_ ports: [ConfigurationSummary.Port]) -> String {
    var table = TextTable([
      .text("PORT"), .text("TAP"), .text("NETNS"), .text("MADE BY"), .text("MAC"), .number("MTU"),
      .text("ADDRESSES"),
    ])
    for port in ports {
      table.add([
        port.name, port.tap, port.netns ?? "-", port.create == nil ? "others" : "tapvs", port.mac,
        "\(port.mtu)", port.addresses.joined(separator: ", "),
      ])
    }
    return table.text
  }

  private static func routes(_ ports: [ConfigurationSummary.Port]) -> String {
    let hasMTU = ports.contains { $0.routes.contains { $0.mtu != nil } }
    let columns: [TextTable.Column] = [.text("ROUTE"), .text("VIA"), .text("PORT")]
    var table = TextTable(columns + (hasMTU ? [.number("MTU")] : []))
    for port in ports {
      for route in port.routes {
        table.add([
          route.to, route.via ?? "-", port.name, "\(route.mtu ?? port.mtu)",
        ])
      }
      if let gateway = port.gateway { table.add(["default", gateway, port.name, "\(port.mtu)"]) }
    }
    return table.isEmpty ? "" : table.text
  }
}
