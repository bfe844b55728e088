/// Reads the values of a file and collects what is wrong with them.
///
/// A value that cannot be used gives a finding and `nil`; reading goes on with the next one.
struct ConfigurationReader {
  /// The file's name as the user gave it.
  let file: String

  /// The most findings that are kept: a file of 8 MiB can have millions.
  static let findingLimit = 100

  private(set) var findings: [Finding] = []

  /// The file's own `checks` by name; `nil` for one that could not be read.
  var namedChecks: [String: CheckDraft?] = [:]

  /// Findings that are only counted.
  private(set) var omittedCount = 0

  init(file: String) {
    self.file = file
  }

  /// Whether findings are only counted from here on.
  var isFull: Bool { findings.count >= Self.findingLimit }

  /// Notes a finding; the words are not made when it is only counted.
  mutating func refuse(
    _ found: @autoclosure () -> String, at position: Position?,
    wanted: @autoclosure () -> String
  ) {
    guard !isFull else {
      omittedCount += 1
      return
    }
    findings.append(Finding(file: file, position: position, found: found(), wanted: wanted()))
  }

  /// What is wrong, in the order of the file; the last one tells how many are left out.
  var error: ConfigurationError {
    var sorted = findings.inOrderOfTheFile
    if omittedCount > 0 {
      sorted.append(
        Finding(
          file: file, position: nil,
          found: "\(omittedCount) more \(omittedCount == 1 ? "finding" : "findings")",
          wanted: "correct these \(findings.count) first"))
    }
    return ConfigurationError(findings: sorted)
  }
}

extension [Finding] {
  /// Sorted by position; findings at one place keep their order.
  fileprivate var inOrderOfTheFile: Self {
    enumerated().sorted { left, right in
      let (leftPlace, rightPlace) = (
        left.element.position ?? .start, right.element.position ?? .start
      )
      return leftPlace == rightPlace ? left.offset < right.offset : leftPlace < rightPlace
    }.map(\.element)
  }
}

/// A value and where it was written.
struct Located<Value> {
  let value: Value
  let position: Position

  init(_ value: Value, at position: Position) {
    self.value = value
    self.position = position
  }
}

extension Located: Sendable where Value: Sendable {}

/// The pairs of a mapping whose keys are known.
struct Fields {
  /// Where the mapping begins.
  let position: Position
  private let values: [String: YAMLNode]

  init(position: Position, values: [String: YAMLNode]) {
    self.position = position
    self.values = values
  }

  subscript(key: String) -> YAMLNode? { values[key] }
}

extension ConfigurationReader {
  /// The pairs of `node`, which is `what` ("a service"): unknown keys and missing ones are refused.
  mutating func fields(
    of node: YAMLNode, _ what: String, required: [String] = [], optional: [String] = []
  ) -> Fields? {
    guard let entries = entries(of: node, what) else { return nil }
    let known = required + optional
    var values: [String: YAMLNode] = [:]
    var mistyped: Set<String> = []
    for entry in entries {
      if known.contains(entry.key) {
        values[entry.key] = entry.value
      } else if let meant = refuseUnknown(entry, in: what, known: known) {
        mistyped.insert(meant)
      }
    }
    for key in required where values[key] == nil && !mistyped.contains(key) {
      refuse("\(what) without `\(key)`", at: node.position, wanted: "`\(key)` is wanted")
    }
    return Fields(position: node.position, values: values)
  }

  /// The pairs of `node`, whose keys are the user's.
  mutating func entries(of node: YAMLNode, _ what: String) -> [YAMLNode.Entry]? {
    if case .mapping(let entries) = node.content { return entries }
    refuse("\(what) is \(node.kind)", at: node.position, wanted: "a mapping is wanted")
    return nil
  }

  /// The elements of `node`.
  mutating func elements(of node: YAMLNode, _ what: String) -> [YAMLNode]? {
    if case .sequence(let elements) = node.content { return elements }
    refuse("\(what) is \(node.kind)", at: node.position, wanted: "a list is wanted")
    return nil
  }

  /// Refuses a key, and says which one it was probably meant to be.
  private mutating func refuseUnknown(
    _ entry: YAMLNode.Entry, in what: String, known: [String]
  ) -> String? {
    // Comparing it with every word is dear, and nobody would read what comes of it.
    guard !isFull else {
      refuse("", at: nil, wanted: "")
      return nil
    }
    let meant = Suggestion.closest(to: entry.key, among: known)
    let list = known.map { "`\($0)`" }.joined(separator: ", ")
    refuse(
      "unknown key `\(abbreviated(entry.key))` in \(what)", at: entry.keyPosition,
      wanted: meant.map { "did you mean `\($0)`?" } ?? "one of \(list) is wanted")
    return meant
  }
}
