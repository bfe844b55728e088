import Control
import Foundation

/// Asks a director to read a file, and shows what that changes.
struct ChangeOutput {
  private let director: DirectorOptions
  private let output: OutputOptions

  /// A file of 1000 services with 100 servers each is read in seconds.
  private static let patience = Duration.seconds(120)

  init(_ director: DirectorOptions, _ output: OutputOptions) {
    self.director = director
    self.output = output
  }

  func ask(_ request: ControlRequest) throws(Failure) {
    try director.ask(request, timeout: Self.patience) { (response) throws(Failure) in
      if let findings = response.findings {
        StandardError.write(findings.joined(separator: "\n") + "\n")
        throw Failure(.usage, "")
      }
      guard let changes = response.changes else { throw Failure(.wrong, "tapvs told no changes") }
      switch output.output {
      case .json: try StandardOutput.write(JSONText.document(changes))
      case .table: try StandardOutput.write(ChangeText.text(changes))
      }
      if let error = response.error { throw Failure(.wrong, error) }
      if !changes.restart.isEmpty { throw Failure(.wrong, "") }
    }
  }
}

/// A path that means the same to another process.
enum AbsolutePath {
  static func text(_ path: String) -> String { URL(filePath: path).standardizedFileURL.path }
}
