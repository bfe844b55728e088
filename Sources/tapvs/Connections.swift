import ArgumentParser
import Control

struct Connections: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the connections of a running tapvs.",
    discussion: """
      With -o json: one object a line. Connections that come and go during the listing may be \
      missed or listed twice.
      """)

  @OptionGroup var director: DirectorOptions

  @Option(
    name: .customLong("protocol"),
    help: ArgumentHelp("Only connections of this protocol.", valueName: "tcp|udp"))
  var transport: TransportFilter?

  @Option(help: ArgumentHelp("Only connections of this client.", valueName: "address"))
  var client: ClientFilter?

  @Option(help: ArgumentHelp("At most this many.", valueName: "count"))
  var limit: Int?

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit is \(limit); 1 or more is wanted") }
  }

  func run() throws {
    let request = ControlRequest(
      .connections, protocol: transport?.rawValue, client: client?.address, limit: limit)
    var isFirst = true
    try director.ask(request) { (response) throws(Failure) in
      let connections = response.connections ?? []
      switch output.output {
      case .json:
        var lines = ""
        for connection in connections { lines += try JSONText.line(connection) }
        try StandardOutput.write(lines)
      case .table:
        let header = isFirst ? ConnectionsText.header : ""
        try StandardOutput.write(header + ConnectionsText.body(connections))
      }
      isFirst = false
    }
  }
}

/// A protocol of connections.
enum TransportFilter: String, CaseIterable, ExpressibleByArgument {
  case tcp
  case udp
}
