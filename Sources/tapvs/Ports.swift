import ArgumentParser
import Control

struct Ports: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the ports of a running tapvs and their neighbours.",
    discussion: "With -o json: one document. A port that is not up makes the exit code 1.")

  @OptionGroup var director: DirectorOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    try director.ask(ControlRequest(.ports)) { (response) throws(Failure) in
      guard let report = response.ports else { throw Failure(.wrong, "tapvs sent no ports") }
      switch output.output {
      case .json: try StandardOutput.write(JSONText.document(report))
      case .table: try StandardOutput.write(PortsText.text(report))
      }
      let missing = report.ports.filter { $0.link != .up }
      guard missing.isEmpty else {
        let list = missing.map { "\($0.name) is \($0.link.rawValue)" }.joined(separator: ", ")
        throw Failure(.wrong, "port \(list)")
      }
    }
  }
}
