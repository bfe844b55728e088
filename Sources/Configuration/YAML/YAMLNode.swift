/// A piece of a YAML document and where it begins.
///
/// Its depth is at most `YAMLDocument.depthLimit`, and a whole document has at most
/// `YAMLDocument.nodeLimit` nodes, aliases counted as often as they are used.
struct YAMLNode {
  let position: Position
  let content: Content

  indirect enum Content {
    /// One value as written, without quotes.
    case scalar(String, isQuoted: Bool)
    case sequence([YAMLNode])
    /// Pairs in the order of the file; keys are unique.
    case mapping([Entry])
  }

  /// A pair of a mapping.
  struct Entry {
    let key: String
    let keyPosition: Position
    let value: YAMLNode
  }
}

extension YAMLNode {
  /// The node in the words of a finding, as in "a list".
  var kind: String {
    switch content {
    case .sequence: "a list"
    case .mapping: "a mapping"
    case .scalar("", isQuoted: false): "nothing"
    case .scalar(let text, isQuoted: true): "the text \(quoted(text))"
    case .scalar(let text, isQuoted: false): "`\(abbreviated(text))`"
    }
  }
}

/// `text` in double quotes, cut to what fits a line.
func quoted(_ text: String) -> String {
  "\"\(abbreviated(text))\""
}

/// `text` without control characters, cut to 64 characters.
func abbreviated(_ text: String) -> String {
  let scalars = text.unicodeScalars
  var shown = ""
  for scalar in scalars.prefix(64) {
    if scalar.properties.generalCategory == .control {
      shown += "\\u{\(String(scalar.value, radix: 16))}"
    } else {
      shown.unicodeScalars.append(scalar)
    }
  }
  return scalars.dropFirst(64).isEmpty ? shown : shown + "..."
}
