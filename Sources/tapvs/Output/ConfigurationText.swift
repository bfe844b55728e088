/// What a configuration would run, for people.
enum ConfigurationText {
  static func text(_ summary: ConfigurationSummary) -> String {
    let head = "\(summary.file) is fine; at most \(summary.connectionLimit) connections\n"
    let parts = [head, ports(summary.ports), routes(summary.ports), services(summary.services)]
    return parts.filter { !$0.isEmpty }.joined(separator: "\n")
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
    var table = TextTable([.text("ROUTE"), .text("VIA"), .text("PORT")])
    for port in ports {
      for route in port.routes { table.add([route.to, route.via ?? "-", port.name]) }
      if let gateway = port.gateway { table.add(["default", gateway, port.name]) }
    }
    return table.isEmpty ? "" : table.text
  }

  private static func services(_ services: [ConfigurationSummary.Service]) -> String {
    guard !services.isEmpty else { return "no services\n" }
    var table = TextTable([
      .text("SERVICE"), .text("SCHEDULER"), .text("METHOD"), .number("WEIGHT"),
    ])
    for service in services {
      table.add(["\(service.protocol) \(service.address):\(service.port)", service.scheduler])
      for server in service.servers {
        table.add(["  \(server.address):\(server.port)", "", server.method, "\(server.weight)"])
      }
    }
    return table.text
  }
}
