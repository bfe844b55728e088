import ArgumentParser

/// `conformance vectors`: runs the packet vectors of a file.
struct VectorsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vectors",
    abstract: "Runs the packet vectors of a file through the engine in memory.",
    discussion: """
      Each vector gives a configuration, the frames that come in and what must follow. A vector that \
      fails is shown with expected and actual frame decoded side by side. The last line is \
      `N passed, N failed`.
      """)

  @Argument(help: "The file, in JSON.")
  var file: String

  @Option(help: "Only vectors of these areas, such as nat,arp.")
  var area: CommaSeparated?

  @Option(help: "Only vectors of these modes, such as NAT,LOCAL.")
  var mode: CommaSeparated?

  @Option(help: "Leave these vectors out, by id.")
  var except: CommaSeparated?

  @Option(help: "fast (the engine as it runs), slow (its fast path switched off), or both.")
  var path: PathChoice = .both

  mutating func run() throws {
    let content = try VectorFile(path: file)
    let selection = try content.select(
      areas: area?.names, modes: mode?.names, except: except?.names ?? [])
    var report = VectorReport(showsFastPath: path != .slow)
    for entry in selection {
      report.add(entry, results: path.paths.map { run(entry, content.topology, $0) })
    }
    print(report.summary)
    if report.failedCount > 0 { throw ExitCode(1) }
  }

  private func run(
    _ entry: VectorFile.Entry, _ topology: Topology, _ path: EnginePath
  ) -> VectorResult {
    do {
      let vector = try Vector(entry.content)
      let run = try VectorRun(vector, topology, path)
      return VectorResult(path: path, failures: run.failures, isSlowOnly: run.isSlowOnly)
    } catch {
      return VectorResult(path: path, failures: [error.description], isSlowOnly: false)
    }
  }
}

/// Which way through the engine a vector takes.
enum EnginePath: String {
  case fast
  case slow
}

/// The argument of `--path`.
enum PathChoice: String, ExpressibleByArgument, CaseIterable {
  case fast
  case slow
  case both

  var paths: [EnginePath] {
    switch self {
    case .fast: [.fast]
    case .slow: [.slow]
    case .both: [.fast, .slow]
    }
  }
}

/// Names with commas between them.
struct CommaSeparated: ExpressibleByArgument {
  var names: [String]

  init?(argument: String) {
    names = argument.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    if names.contains("") { return nil }
  }
}
