/// A key that its mapping has already.
struct DuplicateKey {
  let key: String
  let position: Position
  let first: Position
}

/// A text in which keys that come again have been given names that no file can have.
///
/// The new name is as long as the old one, so every position stays what it was.
struct RenamedKeys {
  /// The most keys renamed.
  private static let limit = 32

  /// The most characters that are read once more, since each key renamed costs another pass over the
  /// text: in a file of more than 512 KiB the first key that comes again is the only finding.
  private static let characterLimit = 1 << 19

  private(set) var text: String

  /// What keys were called that now begin with this character.
  private var names: [Unicode.Scalar: String] = [:]

  init(text: String) {
    self.text = text
  }

  /// The key that `key` was before it was renamed; `nil` if it never was.
  func originalName(of key: String) -> String? {
    key.unicodeScalars.first.flatMap { names[$0] }
  }

  /// Renames the key at `position`, one of `keys`.
  ///
  /// A key that is not written as it reads (escapes, anchors, tags) cannot be renamed: it is the only
  /// finding then.
  mutating func rename(_ keys: [String], at position: Position) throws(YAMLProblem) {
    var scalars = Array(text.unicodeScalars)
    let start = scalars.startIndex(of: position)
    guard let start, names.count < Self.limit,
      scalars.count * (names.count + 1) <= Self.characterLimit,
      let sign = Unicode.Scalar(0x10_0000 + UInt32(names.count))
    else { throw problem(keys, at: position) }
    let isQuoted = scalars[start] == "\"" || scalars[start] == "'"
    let rest = scalars[(isQuoted ? start + 1 : start)...]
    let longestFirst = keys.sorted { $0.unicodeScalars.count > $1.unicodeScalars.count }
    guard let key = longestFirst.first(where: { rest.starts(with: $0.unicodeScalars) }),
      !key.isEmpty
    else { throw problem(keys, at: position) }
    let range = rest.startIndex..<rest.startIndex + key.unicodeScalars.count
    scalars.replaceSubrange(range, with: repeatElement(sign, count: range.count))
    names[sign] = key
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    text = String(view)
  }

  private func problem(_ keys: [String], at position: Position) -> YAMLProblem {
    let list = keys.map { "`\(abbreviated($0))`" }.joined(separator: ", ")
    return YAMLProblem(
      position: position, found: "\(list) given more than once in a mapping",
      wanted: "each key once is wanted")
  }
}

extension [Unicode.Scalar] {
  /// The index of the character at `position`; `nil` past the end.
  fileprivate func startIndex(of position: Position) -> Int? {
    var cursor = SourceText.Cursor()
    for index in indices {
      if cursor.position == position { return index }
      cursor.advance(over: self[index])
    }
    return nil
  }
}
