import ArgumentParser
import Control

struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the services, their servers and the counters of a running tapvs.",
    discussion: "With -o json: one document.")

  @OptionGroup var director: DirectorOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    try director.ask(ControlRequest(.status)) { (response) throws(Failure) in
      guard let status = response.status else { throw Failure(.wrong, "tapvs sent no status") }
      switch output.output {
      case .json: try StandardOutput.write(JSONText.document(status))
      case .table: try StandardOutput.write(StatusText.text(status))
      }
    }
  }
}
