import ArgumentParser
import Foundation
import Logging

/// How the log is written.
enum LogFormat: String, CaseIterable, ExpressibleByArgument {
  case text
  /// One object of JSON a line.
  case json

  func handler(_ label: String) -> any LogHandler {
    switch self {
    case .text: StreamLogHandler.standardError(label: label)
    case .json: JSONLogHandler(label: label)
    }
  }
}

/// Lines of JSON on standard error: `level`, `message`, `time`, and what belongs to an event.
struct JSONLogHandler: LogHandler {
  let label: String
  var logLevel = Logger.Level.info
  var metadata: Logger.Metadata = [:]

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    var fields = metadata.merging(event.metadata ?? [:]) { _, later in later }
      .mapValues { "\($0)" }
    fields["level"] = event.level.rawValue
    fields["message"] = "\(event.message)"
    fields["time"] = Date().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let line = try? encoder.encode(fields) else { return }
    StandardError.write(String(decoding: line, as: UTF8.self) + "\n")
  }
}
