import ArgumentParser
import RealServer
import Wire

/// What a real server is to be, beside its mode.
struct RealServerOptions: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("The virtual addresses of the services.", valueName: "address"))
  var vip: [IPv4Address] = []

  @Option(
    help: ArgumentHelp(
      "nat: the director's address in this server's network.", valueName: "address"))
  var gateway: IPv4Address?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "tunnel: from where the director sends tunnelled packets; fullnat: its local addresses.",
      valueName: "address[/n]"))
  var from: [LocalAddresses] = []

  @Option(
    help: ArgumentHelp(
      "tunnel: what the director puts around packets (default: ipip).", valueName: "ipip|gre|gue"))
  var encapsulation: Encapsulation?

  @Flag(help: "tunnel: GRE headers have a checksum.")
  var checksum = false

  @Option(
    help: ArgumentHelp(
      "tunnel: who takes the outer headers off: a program of tapvs in the kernel (default), one with "
        + "a raw socket and a TUN, the kernel's tunl0 or gre0, or somebody else.",
      valueName: "ebpf|socket|kernel|none"))
  var decap: DecapsulationMethod?

  @Option(help: ArgumentHelp("tunnel: the UDP port of GUE (default: 6080).", valueName: "number"))
  var port: UInt16?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "tunnel: the routes by which replies go to clients (default: 0.0.0.0/0).",
      valueName: "network"))
  var route: [IPv4Prefix] = []

  /// Whether any is given.
  var isEmpty: Bool {
    vip.isEmpty && gateway == nil && from.isEmpty && !hasTunnel
  }

  private var hasTunnel: Bool {
    encapsulation != nil || checksum || decap != nil || port != nil || !route.isEmpty
  }

  /// What is wanted of a server of `mode`; a failure if the options do not go together.
  func wanted(_ mode: ServerMode) throws(Failure) -> WantedServer {
    let tunnel = WantedTunnel(
      encapsulation: encapsulation ?? .ipip, hasChecksum: checksum, method: decap ?? .ebpf,
      port: port ?? WantedTunnel.usualPort, routes: route.isEmpty ? [.everything] : route)
    do throws(ServerError) {
      return try WantedServer(
        mode: mode, virtualAddresses: vip, gateway: gateway, directors: from,
        tunnel: mode == .tunnel || hasTunnel ? tunnel : nil)
    } catch {
      throw Failure(error)
    }
  }
}

extension ServerMode: ExpressibleByArgument {}

extension Encapsulation: ExpressibleByArgument {}

extension DecapsulationMethod: ExpressibleByArgument {}

extension Failure {
  init(_ error: ServerError) {
    let code: TapVSExitCode =
      switch error.reason {
      case .wrong: .wrong
      case .usage: .usage
      case .unavailable: .unavailable
      }
    self.init(code, error.message)
  }
}
