import Director
import Wire

/// What one of a recording's commands did to the director.
enum DirectorCommand: Equatable {
  case addService(DirectorConfiguration.Service)
  case removeService(VirtualServer)
  case addServer(DirectorConfiguration.Server, VirtualServer)
  case removeServer(Endpoint, VirtualServer)
  case setWeight(Int, Endpoint, VirtualServer)
  case addRoute(DirectorConfiguration.Route)
  case sendUnreachableToServers

  /// The name of a virtual service in ipvsadm(8).
  struct VirtualServer: Hashable {
    var `protocol`: ServiceProtocol
    var endpoint: Endpoint
  }

  /// Reads a shell command line of `ipvsadm`, `ip route` or `sysctl`; throws for any other and for what
  /// the engine does not do.
  init(_ line: String) throws(VectorError) {
    var words = line.split(separator: " ").map(String.init)[...]
    switch words.popFirst() {
    case "ipvsadm":
      self = try Self.ipvsadm(words, line)
    case "ip" where words.starts(with: ["route", "add"]):
      self = .addRoute(try Self.route(words.dropFirst(2), line))
    case "sysctl" where words == ["-qw", "net.ipv4.vs.nat_icmp_send=1"]:
      self = .sendUnreachableToServers
    default:
      throw VectorError.needs("the command '\(line)'")
    }
  }

  /// The commands of `text`, one a line or with semicolons between them.
  static func list(in text: String) throws(VectorError) -> [DirectorCommand] {
    var commands: [DirectorCommand] = []
    for line in text.split(whereSeparator: { $0 == ";" || $0.isNewline }) {
      if line.allSatisfy(\.isWhitespace) { continue }
      commands.append(try DirectorCommand(String(line)))
    }
    return commands
  }
}

extension DirectorCommand {
  private static func ipvsadm(
    _ words: ArraySlice<String>, _ line: String
  ) throws(VectorError) -> DirectorCommand {
    var options = try CommandOptions(words.dropFirst(), line)
    let virtual = try options.virtualServer()
    let command: DirectorCommand
    switch words.first {
    case "-A":
      var service = DirectorConfiguration.Service(
        address: virtual.endpoint.address, port: virtual.endpoint.port,
        protocol: virtual.protocol, scheduler: try options.scheduler())
      // What `ip_vs` does, of which the recordings are.
      service.whenRemoved = .ignore
      command = .addService(service)
    case "-D":
      command = .removeService(virtual)
    case "-a":
      let real = try options.realServer()
      command = .addServer(
        DirectorConfiguration.Server(
          address: real.address, port: real.port, weight: try options.weight() ?? 1,
          method: try options.method(), tunnel: try options.tunnel()), virtual)
    case "-e":
      let real = try options.realServer()
      _ = try options.method()
      _ = try options.tunnel()
      command = .setWeight(try options.weight() ?? 1, real, virtual)
    case "-d":
      command = .removeServer(try options.realServer(), virtual)
    default:
      throw VectorError.needs("the command '\(line)'")
    }
    try options.finish()
    return command
  }

  /// `192.168.10.21/32 dev vec0 mtu lock 1400`, or with `via 192.168.10.1`: a route with an MTU.
  private static func route(
    _ words: ArraySlice<String>, _ line: String
  ) throws(VectorError) -> DirectorConfiguration.Route {
    var words = words
    guard let destination = words.popFirst().flatMap({ IPv4InterfaceAddress($0) }) else {
      throw VectorError.malformed("no destination in '\(line)'")
    }
    var via: IPv4Address?
    if words.first == "via" {
      via = words.dropFirst().first.flatMap { IPv4Address($0) }
      words = via == nil ? [] : words.dropFirst(2)
    }
    guard words.count == 5, words.starts(with: ["dev", "vec0", "mtu", "lock"]),
      let mtu = words.last.flatMap({ Int($0) }), 68...65_535 ~= mtu
    else { throw VectorError.needs("the command '\(line)'") }
    return DirectorConfiguration.Route(to: destination.prefix, via: via, mtu: mtu)
  }
}
