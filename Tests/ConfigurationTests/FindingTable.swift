import Foundation
import Testing

/// A mistake in a file without any, `base.yaml` or another, and all that is found.
///
/// In a table, a line `N|text` and those after it that begin with a bar are what takes the place of
/// line N; then each finding follows as `> LINE:COLUMN: what was found; what is wanted`.
struct Mistake: Sendable, CustomTestStringConvertible {
  let line: Int
  let replacement: [String]
  let findings: [String]
  /// The file without the mistake.
  private let base: String

  var testDescription: String { "line \(line): " + replacement.joined(separator: " ") }

  /// The file with the mistake in it.
  var text: String {
    var lines = base.components(separatedBy: "\n")
    lines.replaceSubrange((line - 1)..<line, with: replacement)
    return lines.joined(separator: "\n")
  }

  /// The mistakes of the table `name`, in `base`.
  static func table(_ name: String, in base: String = Fixture.base) -> [Mistake] {
    Fixture.text(name + ".txt").components(separatedBy: "\n\n").compactMap {
      Mistake($0, in: base)
    }
  }

  private init?(_ block: String, in base: String) {
    self.base = base
    let lines = block.split(separator: "\n").filter { !$0.hasPrefix("#") }
    guard let first = lines.first, let bar = first.firstIndex(of: "|"),
      let line = Int(first[..<bar])
    else { return nil }
    self.line = line
    let others = lines.dropFirst().prefix { $0.hasPrefix("|") }
    replacement = ([first[bar...]] + others).map { String($0.dropFirst()) }
    findings = lines.filter { $0.hasPrefix("> ") }.map { String($0.dropFirst(2)) }
  }
}

/// The files beside this one.
enum Fixture {
  /// A configuration with nothing wrong in it.
  static let base = text("base.yaml")

  /// A configuration of all forwarding methods with nothing wrong in it.
  static let methods = text("methods.yaml")

  static func path(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(name)").path
  }

  static func text(_ name: String) -> String {
    guard let text = try? String(contentsOfFile: path(name), encoding: .utf8) else {
      Issue.record("no fixture \(name)")
      return ""
    }
    return text
  }
}
