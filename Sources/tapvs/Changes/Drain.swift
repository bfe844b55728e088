import ArgumentParser
import Control
import Foundation

struct Drain: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Take a real server out of use: no new connections, those that are open go on.",
    discussion: """
      With --wait, tells how many connections are left until there are none (exit code 0) or the time \
      is over (exit code 1). `tapvs undrain` takes it back. A drain outlasts reloads.
      """)

  @Argument(help: ArgumentHelp("The real server.", valueName: "address[:port]"))
  var server: String

  @Option(
    help: ArgumentHelp("Only in this service; default: all.", valueName: "address:port/protocol"))
  var service: String?

  @Option(help: ArgumentHelp("How long connections may go on, as in 5m.", valueName: "time"))
  var timeout: DurationArgument?

  @Flag(help: "Reset the connections that are left when the time is over.")
  var reset = false

  @Flag(help: "Wait until no connection is left, or the time is over.")
  var wait = false

  @OptionGroup var director: DirectorOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if reset && timeout == nil { throw ValidationError("--reset is for --timeout: give one") }
  }

  func run() throws {
    var request = ControlRequest(.drain)
    request.server = server
    request.service = service
    request.timeoutSeconds = timeout?.seconds
    request.reset = reset
    var report = try ask(request)
    if wait { report = try watch() }
    switch output.output {
    case .json: try StandardOutput.write(JSONText.document(report))
    case .table: try StandardOutput.write(DrainText.text(report))
    }
    guard wait, report.left > 0 else { return }
    throw Failure(
      .wrong, "\(report.left) connections were left at the end: \(reset ? "reset" : "they go on")")
  }

  private func ask(_ request: ControlRequest) throws(Failure) -> DrainReport {
    var report = DrainReport()
    try director.ask(request) { (response) throws(Failure) in
      guard let drains = response.drains else { throw Failure(.wrong, "tapvs told no drain") }
      report = drains
    }
    return report
  }

  /// Asks how far it has come until it is over; what was left is in the answer, also after a reset.
  private func watch() throws(Failure) -> DrainReport {
    var request = ControlRequest(.drains)
    request.server = server
    request.service = service
    var progress = ProgressLine()
    let began = ContinuousClock.now
    var last = DrainReport()
    while true {
      let report = try ask(request)
      if report.left == 0 && !report.servers.contains(where: \.isTimedOut) {
        progress.end()
        return report
      }
      if report.servers.contains(where: \.isTimedOut) {
        progress.end()
        return report.left > 0 ? report : last
      }
      last = report
      let elapsed = (ContinuousClock.now - began).components.seconds
      // None is younger than the drain.
      progress.show("\(report.left) connections left, the oldest at least \(elapsed) s")
      Thread.sleep(forTimeInterval: 0.1)
    }
  }
}

struct Undrain: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Let a drained real server have new connections again.")

  @Argument(help: ArgumentHelp("The real server.", valueName: "address[:port]"))
  var server: String

  @Option(
    help: ArgumentHelp("Only in this service; default: all.", valueName: "address:port/protocol"))
  var service: String?

  @OptionGroup var director: DirectorOptions

  func run() throws {
    var request = ControlRequest(.undrain)
    request.server = server
    request.service = service
    try director.ask(request) { (response) throws(Failure) in
      let count = response.drains?.servers.count ?? 0
      try StandardOutput.write("undrained in \(count) service\(count == 1 ? "" : "s")\n")
    }
  }
}
