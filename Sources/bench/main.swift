import ArgumentParser
import Foundation

// Exit codes: 0 measured, whatever the figures; 1 the engines disagree; 2 usage; 77 no memory.
do {
  var command = try BenchCommand.parseAsRoot()
  try command.run()
} catch let error as BenchError {
  write("bench: \(error)", to: .standardError)
  exit(error.exitCode)
} catch {
  let isHelp = BenchCommand.exitCode(for: error) == .success
  write(BenchCommand.fullMessage(for: error), to: isHelp ? .standardOutput : .standardError)
  exit(isHelp ? 0 : 2)
}

private func write(_ line: String, to file: FileHandle) {
  file.write(Data((line + "\n").utf8))
}
