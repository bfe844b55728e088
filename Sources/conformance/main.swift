import ArgumentParser
import Foundation

// Exit codes: 0 all passed, 1 something failed, 2 usage, or a file or selection that cannot be run.
do {
  var command = try Conformance.parseAsRoot()
  try command.run()
} catch let code as ExitCode {
  exit(code.rawValue)
} catch let error as SelectionError {
  write("conformance: \(error)", to: .standardError)
  exit(2)
} catch {
  let isHelp = Conformance.exitCode(for: error) == .success
  write(Conformance.fullMessage(for: error), to: isHelp ? .standardOutput : .standardError)
  exit(isHelp ? 0 : 2)
}

private func write(_ line: String, to file: FileHandle) {
  file.write(Data((line + "\n").utf8))
}

/// The development program: checks the engine against what was recorded or derived elsewhere.
struct Conformance: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "conformance",
    abstract: "Checks the engine against recorded packets.",
    subcommands: [VectorsCommand.self, ReplayCommand.self])
}
