import Control

/// Ports and neighbours for people.
enum PortsText {
  static func text(_ report: PortsReport) -> String {
    [devices(report.ports), traffic(report.ports), neighbors(report.neighbors)]
      .joined(separator: "\n")
  }

  private static func devices(_ ports: [PortReport]) -> String {
    var table = TextTable([
      .text("PORT"), .text("TAP"), .text("NETNS"), .text("LINK"), .text("MAC"), .number("MTU"),
      .text("OFFLOADS"), .text("QUEUES"), .text("ADDRESSES"),
    ])
    for port in ports {
      table.add([
        port.name, port.tap, port.netns ?? "-", port.link.rawValue, port.mac, "\(port.mtu)",
        port.offloads ?? "-", port.queues?.rawValue ?? "-",
        port.addresses.joined(separator: ", "),
      ])
    }
    return table.text
  }

  private static func traffic(_ ports: [PortReport]) -> String {
    var table = TextTable([
      .text("PORT"), .number("FRAMES IN"), .number("FRAMES OUT"), .number("BYTES IN"),
      .number("BYTES OUT"), .number("ERRORS OUT"),
    ])
    for port in ports {
      table.add([
        port.name, "\(port.framesIn)", "\(port.framesOut)", "\(port.bytesIn)",
        "\(port.bytesOut)", "\(port.transmitErrors)",
      ])
    }
    return table.text
  }

  private static func neighbors(_ neighbors: [NeighborReport]) -> String {
    guard !neighbors.isEmpty else { return "no neighbours\n" }
    var table = TextTable([.text("NEIGHBOUR"), .text("MAC"), .text("STATE"), .text("PORT")])
    for neighbor in neighbors {
      table.add([neighbor.address, neighbor.mac ?? "-", neighbor.state, neighbor.port])
    }
    return table.text
  }
}
