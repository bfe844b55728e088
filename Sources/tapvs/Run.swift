import ArgumentParser
import Configuration
import Control

struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Attach to the TAPs and balance until SIGTERM or SIGINT.",
    discussion: "Stays in the foreground.")

  @Option(help: ArgumentHelp("The configuration file.", valueName: "file"))
  var config: String

  @OptionGroup var director: NameOption

  func run() throws {
    let configuration: ApplianceConfiguration
    do {
      configuration = try ApplianceConfiguration.load(path: config)
    } catch {
      StandardError.write(error.description + "\n")
      throw Failure(.usage, "")
    }
    try run(configuration)
  }

  /// Runs the appliance until it is told to stop.
  private func run(_ configuration: ApplianceConfiguration) throws(Failure) {
    throw Failure(.software, "the event loop is not in this program")
  }
}
