import ArgumentParser

struct RealServer: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "real-server",
    abstract: "Set up the machine that this runs on as a real server behind a director.",
    discussion: """
      `up` changes what a mode of forwarding needs and remembers how it was, `down` puts that back, \
      `check` says how it stands. They work in the network namespace that they run in, or in --netns. \
      `decap` takes packets out of tunnels; `toa` lets programs see clients' addresses behind FullNAT.
      """,
    subcommands: [
      RealServerUp.self, RealServerDown.self, RealServerCheck.self, RealServerDecap.self,
      RealServerTOA.self,
    ])
}
