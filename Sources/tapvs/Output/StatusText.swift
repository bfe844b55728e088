import Control

/// A status for people.
enum StatusText {
  static func text(_ status: StatusReport) -> String {
    [head(status), services(status.services), counters(status.counters)].joined(separator: "\n")
  }

  private static func head(_ status: StatusReport) -> String {
    let name = status.name.map { " \($0)" } ?? ""
    return """
      tapvs\(name), version \(status.version), pid \(status.pid), up \(uptime(status.uptimeSeconds))
      configuration \(status.configurationFile)
      connections   \(status.connections.count) of \(status.connections.limit)

      """ + status.conflicts.map(conflict).joined()
  }

  private static func conflict(_ conflict: ConflictReport) -> String {
    let times = conflict.count == 1 ? "once" : "\(conflict.count) times"
    return """
      conflict: \(conflict.address) claimed by \(conflict.mac) on \(conflict.port), \(times), \
      last \(conflict.lastSeenSeconds) s ago

      """
  }

  private static func uptime(_ seconds: Int) -> String {
    let parts = [
      (seconds / 86_400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "m"),
      (seconds % 60, "s"),
    ]
    let shown = parts.drop { $0.0 == 0 }
    return shown.isEmpty ? "0s" : shown.map { "\($0.0)\($0.1)" }.joined(separator: " ")
  }

  /// A line for each service and an indented one for each of its servers.
  private static func services(_ services: [ServiceReport]) -> String {
    guard !services.isEmpty else { return "no services\n" }
    var table = TextTable([
      .text("SERVICE"), .text("SCHEDULER"), .text("METHOD"), .number("WEIGHT"), .number("ACTIVE"),
      .number("INACTIVE"), .number("TOTAL"),
    ])
    for service in services {
      table.add([
        "\(service.protocol) \(service.address):\(service.port)", service.scheduler, "", "",
        "\(service.connections.active)", "\(service.connections.inactive)",
        "\(service.connections.total)",
      ])
      for server in service.servers {
        table.add([
          "  \(server.address):\(server.port)", "", methodText(server.method, server.tunnel),
          "\(server.weight)", "\(server.active)", "\(server.inactive)",
        ])
      }
    }
    return table.text
  }

  /// What became of frames, then the drops by reason, most first.
  private static func counters(_ counters: CountersReport) -> String {
    var frames = TextTable([.text("FRAMES"), .number("COUNT")])
    let counts = [
      ("received", counters.received), ("transmitted", counters.transmitted),
      ("held", counters.held), ("absorbed", counters.absorbed),
      ("originated", counters.originated), ("fast-path", counters.fastPath),
    ]
    for (name, count) in counts { frames.add([name, "\(count)"]) }
    let answers = [
      ("icmp-errors-sent", counters.answers.errorsSent),
      ("icmp-errors-suppressed", counters.answers.errorsSuppressed),
      ("resets-sent", counters.answers.resetsSent),
      ("probes-sent", counters.answers.probesSent),
      ("connections-reset", counters.answers.connectionsReset),
      ("connections-abandoned", counters.answers.connectionsAbandoned),
      ("connections-replaced", counters.answers.connectionsReplaced),
      ("servers-suspected", counters.answers.serversSuspected),
      ("tunnel-superframes", counters.answers.tunnelSuperframes),
      ("tunnels-refused", counters.answers.tunnelsRefused),
      ("client-addresses-untold", counters.answers.clientAddressesUntold),
      ("datagrams-reassembled", counters.answers.datagramsReassembled),
      ("datagrams-fragmented", counters.answers.datagramsFragmented),
    ]
    for (name, count) in answers where count > 0 { frames.add([name, "\(count)"]) }
    frames.add(["dropped", "\(counters.dropped)"])
    let drops = counters.drops.filter { $0.value > 0 }
    let ordered = drops.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    for (reason, count) in ordered { frames.add(["  \(reason)", "\(count)"]) }
    return frames.text
  }
}
