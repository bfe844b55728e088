import Appliance
import ArgumentParser
import Configuration
import Control
import Logging

struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Attach to the TAPs and balance until SIGTERM or SIGINT.",
    discussion: """
      Stays in the foreground and logs to standard error. SIGHUP lets it read its file again.
      """)

  @Option(help: ArgumentHelp("The configuration file.", valueName: "file"))
  var config: String

  @Flag(help: "Log what is of use only when looking for a fault, too.")
  var verbose = false

  @Option(help: "How the log is written: text or json.")
  var logFormat = LogFormat.text

  @Flag(help: "Read the configuration file again when it changes.")
  var watch = false

  @OptionGroup var director: NameOption

  func run() throws {
    let configuration: ApplianceConfiguration
    do {
      configuration = try ApplianceConfiguration.load(path: config)
    } catch {
      StandardError.write(error.description + "\n")
      throw Failure(.usage, "")
    }
    do throws(ApplianceError) {
      let appliance = try Appliance(
        Appliance.Invocation(
          configuration: configuration, file: AbsolutePath.text(config), name: director.name,
          version: TapVSVersion.current, watchesFile: watch),
        logger: logger)
      try appliance.run()
    } catch {
      throw Failure(error.isUnavailable ? .unavailable : .usage, error.description)
    }
  }

  private var logger: Logger {
    var logger = Logger(label: "tapvs") { logFormat.handler($0) }
    logger.logLevel = verbose ? .debug : .info
    return logger
  }
}
