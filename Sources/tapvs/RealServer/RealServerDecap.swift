import Appliance
import ArgumentParser
import BPF
import Decapsulation
import LinkIO
import Netlink
import Wire

struct RealServerDecap: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decap",
    abstract: "Take what directors send out of its tunnel until SIGTERM or SIGINT.",
    discussion: """
      For tunnel mode on servers whose kernel has no tunnel devices. Only packets from --from and \
      for --vip are taken; others are left as they are. Stays in the foreground; a line `ready \
      DEVICE` on standard output says that packets may come.

      ebpf: a program on the network devices, and sockets beside it for what it leaves, such as \
      packets in fragments. socket: sockets alone. Default: ebpf, or socket where that is not \
      possible.
      """)

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("The virtual addresses that are served here.", valueName: "address"))
  var vip: [AddressArgument]

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "The addresses that the directors send from, the only ones believed.",
      valueName: "address-or-prefix"))
  var from: [PrefixArgument]

  @Option(help: "What is around the packets.")
  var encapsulation = EncapsulationArgument.any

  @Flag(help: .hidden)
  var checksum = false

  @Option(help: ArgumentHelp("The UDP port of GUE.", valueName: "number"))
  var port: UInt16 = 6080

  @Option(
    help: ArgumentHelp(
      "A network device for the eBPF program; default: all with Ethernet frames.",
      valueName: "device"))
  var device: [String] = []

  @Option(help: "How it is done.")
  var method: DecapsulationMethodArgument?

  func validate() throws {
    if vip.isEmpty { throw ValidationError("no --vip; one or more are wanted") }
    if from.isEmpty { throw ValidationError("no --from; one or more are wanted") }
    if port == 0 { throw ValidationError("--port is 0; 1-65535 is wanted") }
    if method == .socket, !device.isEmpty {
      throw ValidationError("--device is for --method ebpf")
    }
  }

  func run() throws {
    let signals = try stopSignals()
    let rules = DecapsulationRules(encapsulation.encapsulations, port: port)
    let ingress = try attachedIngress(rules)
    let sockets: SocketDecapsulator
    do throws(LinkError) {
      sockets = try SocketDecapsulator(
        TunnelPolicy(rules, from: from.map(\.prefix), to: vip.map(\.address)), in: .own)
    } catch {
      throw Failure(error.isUnavailable ? .unavailable : .usage, error.description)
    }
    try StandardOutput.write("ready \(TunnelDevice.name)\n")
    do throws(SystemError) {
      try sockets.run(until: signals.descriptor)
    } catch {
      throw Failure(.wrong, "nothing can be waited for: \(error)")
    }
    report(ingress, sockets)
  }

  private func stopSignals() throws -> SignalDescriptor {
    do throws(SystemError) {
      return try SignalDescriptor()
    } catch {
      throw Failure(.unavailable, "signals cannot be read: \(error)")
    }
  }

  /// The program at work; `nil` if it is not wanted, or not possible and not insisted on.
  private func attachedIngress(_ rules: DecapsulationRules) throws -> TunnelIngress? {
    if method == .socket { return nil }
    do {
      let ingress = try TunnelIngress(
        rules, from: from.map(\.prefix), to: vip.map(\.address))
      for link in try devices() { try ingress.attach(to: link) }
      return ingress
    } catch let error as LinkError {
      throw Failure(error.isUnavailable ? .unavailable : .usage, error.description)
    } catch let error as BPFError {
      guard method == nil, error.isUnavailable, device.isEmpty else { throw Failure(error) }
      StandardError.write("tapvs: no eBPF, sockets alone: \(error)\n")
      return nil
    }
  }

  private func devices() throws(LinkError) -> [LinkState] {
    let table = try LinkTable(ofCurrent: .own)
    guard device.isEmpty else {
      var links: [LinkState] = []
      for name in device { links.append(try table.link(name)) }
      if let link = links.first(where: { !$0.hasFrames }) {
        throw LinkError(.unsuitable, "device \(link.name) has no Ethernet frames")
      }
      return links
    }
    return try table.links().filter(\.hasFrames)
  }

  private func report(_ ingress: TunnelIngress?, _ sockets: SocketDecapsulator) {
    var text = ""
    for event in DecapsulationEvent.allCases {
      let program = ingress?.counters[event] ?? 0
      if program > 0 { text += "tapvs: ebpf: \(event): \(program)\n" }
      if sockets[event] > 0 { text += "tapvs: socket: \(event): \(sockets[event])\n" }
    }
    StandardError.write(text)
  }
}

extension LinkState {
  /// Whether frames with Ethernet headers come in here, from other machines.
  fileprivate var hasFrames: Bool {
    guard let macAddress else { return false }
    return macAddress.rawValue != 0
  }
}

/// What is around the packets.
enum EncapsulationArgument: String, CaseIterable, ExpressibleByArgument {
  case ipip
  case gre
  case gue
  case any

  var encapsulations: Set<Encapsulation> {
    switch self {
    case .ipip: [.ipip]
    case .gre: [.gre]
    case .gue: [.gue]
    case .any: Set(Encapsulation.allCases)
    }
  }
}

/// How packets are taken out of their tunnels.
enum DecapsulationMethodArgument: String, CaseIterable, ExpressibleByArgument {
  case ebpf
  case socket
}
