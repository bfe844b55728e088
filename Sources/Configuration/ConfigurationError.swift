/// All that is wrong with a configuration, in the order of the file.
package struct ConfigurationError: Error, Equatable, Sendable {
  /// At least one, sorted by position.
  package let findings: [Finding]

  package init(findings: [Finding]) {
    self.findings = findings
  }
}

extension ConfigurationError: CustomStringConvertible {
  /// One line for each finding.
  package var description: String {
    findings.map(\.description).joined(separator: "\n")
  }
}

/// One thing that is wrong with a configuration.
package struct Finding: Equatable, Sendable {
  /// The file's name as the user gave it.
  package let file: String

  /// Where the offending value or key begins; `nil` when the file as a whole is meant.
  package let position: Position?

  /// What was found.
  package let found: String

  /// What is wanted in its place.
  package let wanted: String

  package init(file: String, position: Position?, found: String, wanted: String) {
    self.file = file
    self.position = position
    self.found = found
    self.wanted = wanted
  }
}

extension Finding: CustomStringConvertible {
  /// `FILE:LINE:COLUMN: what was found; what is wanted`.
  package var description: String {
    let place = position.map { "\(file):\($0)" } ?? file
    return "\(place): \(found); \(wanted)"
  }
}

/// A place in a text: line and column from 1, columns in Unicode scalars.
package struct Position: Hashable, Sendable {
  package let line: Int
  package let column: Int

  package init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  /// The first character.
  package static let start = Self(line: 1, column: 1)
}

extension Position: Comparable {
  package static func < (left: Self, right: Self) -> Bool {
    (left.line, left.column) < (right.line, right.column)
  }
}

extension Position: CustomStringConvertible {
  package var description: String { "\(line):\(column)" }
}
