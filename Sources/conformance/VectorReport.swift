/// What came of a vector on one path.
struct VectorResult {
  var path: EnginePath
  var failures: [String]
  var isSlowOnly: Bool
}

/// Prints vectors that fail as they come, and counts.
struct VectorReport {
  private struct Count {
    var passed = 0
    var failed = 0
    var slowOnly = 0
  }

  private let showsFastPath: Bool
  private var areas: [(name: String, count: Count)] = []

  init(showsFastPath: Bool) {
    self.showsFastPath = showsFastPath
  }

  var passedCount: Int { areas.reduce(0) { $0 + $1.count.passed } }
  var failedCount: Int { areas.reduce(0) { $0 + $1.count.failed } }

  /// Counts a vector, which passes when it passes on every path, and prints why it does not.
  mutating func add(_ entry: VectorFile.Entry, results: [VectorResult]) {
    let place = areas.firstIndex { $0.name == entry.area } ?? areas.count
    if place == areas.count { areas.append((entry.area, Count())) }
    let failed = results.filter { !$0.failures.isEmpty }
    if failed.isEmpty { areas[place].count.passed += 1 } else { areas[place].count.failed += 1 }
    if results.contains(where: \.isSlowOnly) { areas[place].count.slowOnly += 1 }
    guard let first = failed.first else { return }
    // The same on both paths is said once.
    let isSame = failed.allSatisfy { $0.failures == first.failures }
    for result in isSame ? [first] : failed {
      let paths = isSame ? failed.map(\.path.rawValue) : [result.path.rawValue]
      print("FAIL \(entry.id) [\(paths.joined(separator: ", "))] \(entry.title)")
      for failure in result.failures {
        for line in failure.split(separator: "\n") { print("     \(line)") }
      }
    }
  }

  /// A line for each area and the last line, alone.
  var summary: String {
    var lines = [Self.line("area", "passed", "failed", showsFastPath ? "slow only" : "")]
    for (name, count) in areas {
      lines.append(
        Self.line(
          name, String(count.passed), String(count.failed),
          showsFastPath ? String(count.slowOnly) : ""))
    }
    return lines.joined(separator: "\n") + "\n\(passedCount) passed, \(failedCount) failed"
  }

  private static func line(_ name: String, _ columns: String...) -> String {
    let width = 10
    let padded = columns.filter { !$0.isEmpty }
      .map { String(repeating: " ", count: max(1, width - $0.count)) + $0 }
    return name + String(repeating: " ", count: max(0, width - name.count)) + padded.joined()
  }
}
