import Appliance
import ArgumentParser
import Control

struct Events: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what happened: changes of health, weight, drains and configuration.",
    discussion: "With -o json: one object a line. The last 1024 events are kept.")

  @OptionGroup var director: DirectorOptions

  @Flag(help: "Go on with events as they come.")
  var follow = false

  @Option(help: ArgumentHelp("Only events after the one with this number.", valueName: "number"))
  var since: UInt64?

  @Option(help: ArgumentHelp("At most this many.", valueName: "count"))
  var limit: Int?

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit is \(limit); 1 or more is wanted") }
  }

  func run() throws {
    var request = ControlRequest(.events, limit: limit)
    request.since = since
    request.follow = follow
    let patience = follow ? Duration.seconds(1_000_000) : .seconds(10)
    try director.ask(request, timeout: patience) { (response) throws(Failure) in
      if let lost = response.lostEvents, since != nil || follow {
        StandardError.write("tapvs: \(lost) events are forgotten already\n")
      }
      var text = ""
      for event in response.events ?? [] {
        switch output.output {
        case .json: text += try JSONText.line(event)
        case .table: text += "\(event.time) \(event.text)\n"
        }
      }
      try StandardOutput.write(text)
    }
  }
}
