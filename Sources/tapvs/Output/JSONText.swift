import Foundation

/// A value as JSON for programs.
enum JSONText {
  /// One document over several lines, keys sorted.
  static func document(_ value: some Encodable) throws(Failure) -> String {
    try encode(value, [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
  }

  /// One line, keys sorted.
  static func line(_ value: some Encodable) throws(Failure) -> String {
    try encode(value, [.sortedKeys, .withoutEscapingSlashes])
  }

  private static func encode(
    _ value: some Encodable, _ formatting: JSONEncoder.OutputFormatting
  ) throws(Failure) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = formatting
    do {
      return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
    } catch {
      throw Failure(.wrong, "the answer cannot be written as JSON: \(error)")
    }
  }
}
