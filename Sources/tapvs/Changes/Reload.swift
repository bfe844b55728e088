import ArgumentParser
import Control

struct Reload: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Let a running tapvs read its configuration file again.",
    discussion: """
      Only what differs is changed. A file that is refused changes nothing; what is wrong with it is \
      said on standard error, and the exit code is 2, or 1 if it needs a restart.
      """)

  @OptionGroup var director: DirectorOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    try ChangeOutput(director, output).ask(ControlRequest(.reload))
  }
}

struct Plan: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what a configuration file would change in a running tapvs.",
    discussion: "Nothing is changed. The exit code is 1 if the file needs a restart.")

  @Argument(help: ArgumentHelp("The configuration file.", valueName: "file"))
  var file: String

  @OptionGroup var director: DirectorOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    var request = ControlRequest(.plan)
    request.file = AbsolutePath.text(file)
    try ChangeOutput(director, output).ask(request)
  }
}

struct Apply: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Let a running tapvs do what another configuration file says.",
    discussion: """
      With --confirm it is taken back after that time unless `tapvs confirm` comes before. A later \
      `tapvs reload` reads the director's own file, not this one.
      """)

  @Argument(help: ArgumentHelp("The configuration file.", valueName: "file"))
  var file: String

  @Option(
    help: ArgumentHelp(
      "Take it back after this time unless confirmed, as in 60s.", valueName: "time"))
  var confirm: DurationArgument?

  @OptionGroup var director: DirectorOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    var request = ControlRequest(.apply)
    request.file = AbsolutePath.text(file)
    request.confirmSeconds = confirm?.seconds
    try ChangeOutput(director, output).ask(request)
  }
}

struct Confirm: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Let stay what `tapvs apply --confirm` applied.")

  @OptionGroup var director: DirectorOptions

  func run() throws {
    try director.ask(ControlRequest(.confirm)) { (response) throws(Failure) in
      try StandardOutput.write("confirmed: \(response.changes?.file ?? "")\n")
    }
  }
}

struct Rollback: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Take back at once what `tapvs apply --confirm` applied.")

  @OptionGroup var director: DirectorOptions

  func run() throws {
    try director.ask(ControlRequest(.rollback)) { (response) throws(Failure) in
      try StandardOutput.write("taken back: \(response.changes?.file ?? "")\n")
    }
  }
}
