import ArgumentParser

struct RealServer: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "real-server",
    abstract: "Set up a real server: what it needs besides its own service.",
    subcommands: [RealServerTOA.self, RealServerDecap.self])
}
