import Logging
import Synchronization

/// A log that keeps its lines.
final class RecordedLog: Sendable {
  private let kept = Mutex<[String]>([])

  /// The lines so far, each with its level before it.
  var lines: [String] { kept.withLock { $0 } }

  var logger: Logger { Logger(label: "test") { _ in Handler(log: self) } }

  private struct Handler: LogHandler {
    let log: RecordedLog
    var logLevel = Logger.Level.trace
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let line = "\(event.level): \(event.message)"
      log.kept.withLock { $0.append(line) }
    }
  }
}
