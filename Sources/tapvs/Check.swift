import ArgumentParser
import Configuration

struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check a configuration file and show what would run.",
    discussion: """
      What is wrong is said on standard error, all of it at once, a line for each as \
      FILE:LINE:COLUMN: what was found; what is wanted. The exit code is 2 then. With -o json: one \
      document on standard output in either case.
      """)

  @Option(
    name: .long, help: ArgumentHelp("The configuration file.", valueName: "file"))
  var config: String?

  @Argument(help: ArgumentHelp("The configuration file.", valueName: "file"))
  var file: String?

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if (config == nil) == (file == nil) {
      throw ValidationError("one configuration file is wanted, with or without --config")
    }
  }

  func run() throws {
    let path = config ?? file ?? ""
    do {
      let configuration = try ApplianceConfiguration.load(path: path)
      let summary = ConfigurationSummary(configuration, file: path)
      switch output.output {
      case .json: try StandardOutput.write(JSONText.document(summary))
      case .table: try StandardOutput.write(ConfigurationText.text(summary))
      }
    } catch let error as ConfigurationError {
      StandardError.write(error.description + "\n")
      if output.output == .json {
        try StandardOutput.write(JSONText.document(RefusedSummary(error, file: path)))
      }
      throw Failure(.usage, "")
    }
  }
}
