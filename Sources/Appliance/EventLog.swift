import Control
import Foundation

/// The last things that happened, each with a number that is given once.
struct EventLog {
  /// How many are kept: some 200 KiB.
  static let limit = 1024

  /// From the oldest on; the number of the first is `lastSequence - count + 1`.
  private var reports: [EventReport] = []

  private(set) var lastSequence: UInt64 = 0

  init() {}

  /// Keeps `report` with its number and `time`; answers it as it is kept.
  mutating func append(_ report: EventReport, at time: Date = Date()) -> EventReport {
    var report = report
    lastSequence += 1
    report.sequence = lastSequence
    report.time = time.formatted(Self.format)
    reports.append(report)
    // Twice as many for a moment, so that each is moved once.
    if reports.count >= 2 * Self.limit { reports.removeFirst(reports.count - Self.limit) }
    return report
  }

  private static let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

  /// Events after the one with the number `sequence`, at most `limit`, and how many of those are
  /// forgotten.
  func events(after sequence: UInt64, limit: Int) -> (events: [EventReport], lost: UInt64) {
    guard sequence < lastSequence else { return ([], 0) }
    let kept = reports.suffix(Self.limit)
    let first = lastSequence - UInt64(kept.count) + 1
    let start = max(first, sequence + 1)
    let list = kept.dropFirst(Int(start - first)).prefix(max(0, limit))
    return (Array(list), start - sequence - 1)
  }
}
