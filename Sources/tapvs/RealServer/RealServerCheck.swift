import ArgumentParser
import RealServer

struct RealServerCheck: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Say whether this machine is as a real server has to be, and what is wrong.",
    discussion: """
      Without --mode: whether it is as `up` was told last. With -o json: one document. Something that \
      is wrong makes the exit code 1.
      """)

  @Option(
    help: ArgumentHelp(
      "How the director forwards to this server.", valueName: "nat|dr|tunnel|fullnat"))
  var mode: ServerMode?

  @OptionGroup var options: RealServerOptions
  @OptionGroup var place: NamespaceOption
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if mode == nil, !options.isEmpty {
      throw ValidationError("options without --mode; it says what they are for")
    }
  }

  func run() throws {
    var wanted: WantedServer?
    if let mode { wanted = try options.wanted(mode) }
    let report: ServerReport
    do throws(ServerError) {
      report = try ServerSetup(of: place.namespace, program: OwnProgram.path).check(wanted)
    } catch {
      throw Failure(error)
    }
    switch output.output {
    case .json: try StandardOutput.write(JSONText.document(report))
    case .table: try StandardOutput.write(ServerReportText.text(report))
    }
    let wrong = report.items.count { !$0.isRight }
    guard wrong == 0 else {
      throw Failure(.wrong, "\(wrong) of \(report.items.count) items are wrong")
    }
  }
}
