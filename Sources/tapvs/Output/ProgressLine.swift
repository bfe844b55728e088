import Foundation
import Glibc

/// A line on standard error that tells how far something has come: written over on a terminal, else told
/// anew every five seconds.
struct ProgressLine {
  private let isTerminal = isatty(2) == 1
  private var last: ContinuousClock.Instant?

  /// Between two lines where they cannot be written over.
  private static let interval = Duration.seconds(5)

  mutating func show(_ text: String) {
    if isTerminal {
      StandardError.write("\r\u{1b}[K\(text)")
      last = .now
    } else if last.map({ .now - $0 >= Self.interval }) ?? true {
      StandardError.write(text + "\n")
      last = .now
    }
  }

  /// Leaves the line.
  mutating func end() {
    if isTerminal, last != nil { StandardError.write("\n") }
    last = nil
  }
}
