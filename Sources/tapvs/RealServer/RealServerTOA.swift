import ArgumentParser
import BPF

struct RealServerTOA: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "toa",
    abstract: "Let servers see the address of the client that a director passes on.",
    discussion: """
      For FullNAT with TOA: accept() and getpeername() of unchanged servers answer the client's \
      address and port instead of the director's. It works on the servers that are, or were \
      started, in the control group, and outlives the command; running it again replaces what was \
      there. Without --from and --remove: says what was counted.
      """)

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "The local addresses of the directors, the only ones believed.",
      valueName: "address-or-prefix"))
  var from: [PrefixArgument] = []

  @Option(help: ArgumentHelp("The kind of the TCP option, 252-254.", valueName: "number"))
  var kind: UInt8 = 254

  @Option(
    help: ArgumentHelp(
      "The directory of the servers' control group (version 2); default: that of the caller.",
      valueName: "path"))
  var cgroup: String?

  @Flag(help: "End it: servers see the director's address again.")
  var remove = false

  func validate() throws {
    guard (252...254).contains(kind) else {
      throw ValidationError("--kind is \(kind); 252, 253 or 254 is wanted")
    }
    if remove, !from.isEmpty { throw ValidationError("--remove takes no --from") }
  }

  func run() throws {
    var counters: Counters<TOAEvent>?
    do throws(BPFError) {
      let installation = TOAInstallation(in: try group())
      if remove {
        try installation.remove()
      } else if from.isEmpty {
        counters = try installation.counters()
      } else {
        try installation.install(from: from.map(\.prefix), kind: kind)
      }
    } catch {
      throw Failure(error)
    }
    if !remove, from.isEmpty { try report(counters) }
  }

  private func group() throws(BPFError) -> ControlGroup {
    guard let cgroup else { return try .own() }
    return try ControlGroup(path: cgroup)
  }

  private func report(_ counters: Counters<TOAEvent>?) throws {
    guard let counters else { throw Failure(.wrong, "nothing is installed for this control group") }
    try StandardOutput.write(
      """
      learned at the handshake  \(counters[.learnedAtHandshake])
      learned later             \(counters[.learnedLater])
      missing at the handshake  \(counters[.missing])
      not from a director       \(counters[.stranger])

      """)
  }
}

extension Failure {
  /// What bpf(2) or what it needs said.
  init(_ error: BPFError) {
    self.init(error.isUnavailable ? .unavailable : .usage, error.description)
  }
}
