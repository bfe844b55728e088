import ArgumentParser

/// For whom a command prints.
enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
  case table
  case json
}

struct OutputOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: "A table for people, or json for programs.")
  var output = OutputFormat.table
}
