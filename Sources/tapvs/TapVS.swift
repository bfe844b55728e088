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
      how it is doing, or look at its configuration; `tapvs real-server` works on the servers.

      Exit codes: 0 fine; 1 the thing asked about is wrong; 2 usage or configuration; 3 no tapvs \
      reached; 77 not possible on this system.
      """,
    version: TapVSVersion.current,
    subcommands: [
      Run.self, Check.self, Status.self, Connections.self, Ports.self, Events.self, Plan.self,
      Reload.self, Apply.self, Confirm.self, Rollback.self, Drain.self, Undrain.self,
      RealServer.self,
    ])

  static func main() {
    guard let failure = perform(Array(CommandLine.arguments.dropFirst())) else {
      return
    }
    failure.report()
    failure.code.exit()
  }

  /// Runs the command that `arguments` name; gives why it does not end well, if it does not.
  static func perform(_ arguments: [String]) -> Failure? {
    guard !arguments.isEmpty else { return Failure(.usage, helpMessage(), prefix: "") }
    do {
      var command = try parseAsRoot(arguments)
      try command.run()
      return nil
    } catch let failure as Failure {
      return failure
    } catch {
      return conclusion(error)
    }
  }

  /// What ArgumentParser throws: wrong usage, or that help was asked for, which is printed.
  private static func conclusion(_ error: any Error) -> Failure? {
    let code = exitCode(for: error)
    let message = fullMessage(for: error)
    guard code.isSuccess else {
      return Failure(code == .validationFailure ? .usage : .wrong, message, prefix: "")
    }
    do {
      try StandardOutput.write(message + "\n")
      return nil
    } catch {
      return error
    }
  }
}
