import ArgumentParser
import Control

/// The `tapvs` command.
@main
struct TapVS: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tapvs",
    abstract: "A virtual server in user space: balances TCP and UDP between real servers.",
    discussion: """
      `tapvs run` attaches to TAP devices and works until it is told to stop. The others ask it \
      how it is doing, or look at its configuration.

      Exit codes: 0 fine; 1 the thing asked about is wrong; 2 usage or configuration; 3 no tapvs \
      reached; 77 not possible on this system.
      """,
    version: TapVSVersion.current,
    subcommands: [Run.self, Check.self, Status.self, Connections.self, Ports.self])

  /// Runs the command that the arguments name, and exits; without one the help is an error.
  static func main() {
    guard CommandLine.argc > 1 else {
      StandardError.write(helpMessage() + "\n")
      TapVSExitCode.usage.exit()
    }
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch let failure as Failure {
      failure.report()
      failure.code.exit()
    } catch {
      let code = exitCode(for: error)
      let message = fullMessage(for: error)
      if code.isSuccess {
        try? StandardOutput.write(message + "\n")
        TapVSExitCode.fine.exit()
      }
      StandardError.write(message + "\n")
      (code == .validationFailure ? TapVSExitCode.usage : .wrong).exit()
    }
  }
}
