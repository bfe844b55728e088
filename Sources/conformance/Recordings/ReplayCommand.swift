import ArgumentParser

/// `conformance replay`: lets a director answer what a kernel was recorded answering.
struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Replays recordings of a kernel's director through the engine in memory.",
    discussion: """
      The folder has a list, recordings.json, and for each recording a capture of the director's one \
      port and a text with its commands and listings. What came in comes in again at the recorded \
      time; what the director sends and lists must be what the kernel sent and listed, in every field \
      that is not a matter of chance. The last line is `N passed, N failed`.
      """)

  @Argument(help: "The folder.")
  var folder: String

  @Option(help: "Only these recordings, by name, with commas between them.")
  var only: CommaSeparated?

  @Option(help: "fast (the engine as it runs), slow (its fast path switched off), or both.")
  var path: PathChoice = .both

  mutating func run() throws {
    let content = try RecordingFolder(path: folder)
    let selection = content.replayed.filter { only?.names.contains($0.name) != false }
    for name in only?.names ?? [] where !selection.contains(where: { $0.name == name }) {
      throw SelectionError("unknown recording '\(name)'")
    }
    if selection.isEmpty { throw SelectionError("the selection has no recordings") }
    var failedCount = 0
    for (name, notes) in selection {
      let recording = try content.recording(name, notes)
      let results = path.paths.map { (path: $0, failures: failures(of: recording, $0)) }
      let failed = results.filter { !$0.failures.isEmpty }
      if !failed.isEmpty { failedCount += 1 }
      for (path, failures) in failed {
        print("FAIL \(name) [\(path.rawValue)]")
        for line in failures.flatMap({ $0.split(separator: "\n") }) { print("     \(line)") }
      }
    }
    if only == nil {
      for (name, reason) in content.leftOut { print("left out: \(name): \(reason)") }
    }
    print("\(selection.count - failedCount) passed, \(failedCount) failed")
    if failedCount > 0 { throw ExitCode(1) }
  }

  private func failures(of recording: Recording, _ path: EnginePath) -> [String] {
    do throws(VectorError) {
      return try Replay(recording, path).failures
    } catch {
      return ["\(error)"]
    }
  }
}
