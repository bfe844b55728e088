/// Two frames, field by field: what was expected and what there is.
package struct FrameComparison: Sendable {
  /// One field of either frame.
  package struct Row: Equatable, Sendable {
    package var field: String
    /// The value, or `nil` where the frame has no such field.
    package var expected: String?
    package var actual: String?
    /// Whether the values differ and are not ignored.
    package var isDifferent: Bool
  }

  package private(set) var rows: [Row] = []

  /// The first byte that differs outside of the ignored ranges, or the shorter frame's end.
  package private(set) var firstDifference: Int?

  /// Whether both frames are the same outside of the ignored ranges, virtio-net headers included.
  package var isEqual: Bool { firstDifference == nil && !rows.contains(where: \.isDifferent) }

  /// Compares frames; bytes in `ignored` and the fields that lie in them may differ.
  ///
  /// A frame without `offload` is described without a virtio-net header.
  package init(
    expected: RawSpan, _ expectedOffload: VirtioNetHeader?,
    actual: RawSpan, _ actualOffload: VirtioNetHeader?, ignoring ignored: [Range<Int>] = []
  ) {
    let length = max(expected.byteCount, actual.byteCount)
    firstDifference = (0..<length).first { offset in
      guard !ignored.contains(where: { $0.contains(offset) }) else { return false }
      guard offset < expected.byteCount, offset < actual.byteCount else { return true }
      return expected.octet(at: offset) != actual.octet(at: offset)
    }
    pair(
      FrameDescription(expected, offload: expectedOffload).fields,
      FrameDescription(actual, offload: actualOffload).fields, ignored)
  }

  /// Merges the fields of both frames into one list that keeps the order of each.
  private mutating func pair(
    _ expected: [FrameDescription.Field], _ actual: [FrameDescription.Field],
    _ ignored: [Range<Int>]
  ) {
    let expectedNames = Set(expected.map(\.fullName))
    var remaining = actual[...]
    for field in expected {
      guard let match = remaining.firstIndex(where: { $0.fullName == field.fullName }) else {
        append(field, nil, ignored)
        continue
      }
      for extra in remaining[..<match] where !expectedNames.contains(extra.fullName) {
        append(nil, extra, ignored)
      }
      append(field, remaining[match], ignored)
      remaining = remaining[(match + 1)...]
    }
    for extra in remaining { append(nil, extra, ignored) }
  }

  private mutating func append(
    _ expected: FrameDescription.Field?, _ actual: FrameDescription.Field?, _ ignored: [Range<Int>]
  ) {
    guard let field = expected ?? actual else { return }
    let isIgnored =
      !field.range.isEmpty
      && ignored.contains { field.range.clamped(to: $0) == field.range }
    rows.append(
      Row(
        field: field.fullName, expected: expected?.value, actual: actual?.value,
        isDifferent: expected?.value != actual?.value && !isIgnored))
  }
}

extension FrameComparison: CustomStringConvertible {
  /// A table with a star before each field that differs.
  package var description: String {
    let width = rows.compactMap { $0.expected?.count }.reduce(8, max) + 2
    var lines = ["  " + Self.line("", "expected", "actual", width)]
    for row in rows {
      let line = Self.line(row.field, row.expected ?? "-", row.actual ?? "-", width)
      lines.append((row.isDifferent ? "* " : "  ") + line)
    }
    if let firstDifference { lines.append("  first difference at byte \(firstDifference)") }
    return lines.joined(separator: "\n")
  }

  private static func line(
    _ field: String, _ expected: String, _ actual: String, _ width: Int
  ) -> String {
    FrameDescription.padded(field, to: 30) + FrameDescription.padded(expected, to: width) + actual
  }
}

extension FrameDescription.Field {
  /// Layer and name, as in `ipv4 time to live`.
  package var fullName: String { "\(layer) \(name)" }
}
