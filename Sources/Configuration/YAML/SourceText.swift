/// The text of a file: its characters checked before anything reads it.
enum SourceText {
  /// The largest file, in bytes.
  static let lengthLimit = 8 << 20

  /// Stands in for the `*` of aliases; plane 16 is for private use and refused in files.
  static let aliasSign: Unicode.Scalar = "\u{10FFFD}"

  /// The text of `bytes`, a byte order mark at the beginning left out.
  static func decode(_ bytes: [UInt8]) throws(YAMLProblem) -> String {
    guard bytes.count <= lengthLimit else {
      throw YAMLProblem(
        position: .start, found: "the file has more than 8 MiB", wanted: "at most 8 MiB are read")
    }
    let hasMark = bytes.starts(with: [0xef, 0xbb, 0xbf])
    var rest = bytes[(hasMark ? 3 : 0)...].makeIterator()
    var parser = Unicode.UTF8.ForwardParser()
    var cursor = Cursor()
    var text = ""
    while true {
      switch parser.parseScalar(from: &rest) {
      case .emptyInput:
        return text
      case .error:
        throw YAMLProblem(
          position: cursor.position, found: "a byte that is not UTF-8", wanted: "UTF-8 is wanted")
      case .valid(let encoded):
        let scalar = Unicode.UTF8.decode(encoded)
        guard isAllowed(scalar) else {
          let name = "U+" + String(scalar.value, radix: 16, uppercase: true)
          throw YAMLProblem(
            position: cursor.position, found: "the character \(name)",
            wanted: "printable characters, spaces and line feeds are wanted")
        }
        text.unicodeScalars.append(scalar)
        cursor.advance(over: scalar)
      }
    }
  }

  /// Whether YAML allows `scalar` and we have no use of our own for it.
  ///
  /// Line ends that only Unicode knows are refused: editors disagree on the line numbers after them.
  private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x0a, 0x0d, 0x20...0x7e, 0xa0...0x2027, 0x202a...0xd7ff, 0xe000...0xfefe,
      0xff00...0xfffd, 0x1_0000...0xf_ffff:
      true
    default: false
    }
  }

  /// `text` with `aliasSign` for each asterisk, so that every alias is a plain scalar.
  static func hidingAliases(in text: String) -> String {
    var hidden = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      hidden.append(scalar == "*" ? aliasSign : scalar)
    }
    return String(hidden)
  }

  /// Where the next character of a text is, counted as YAML does: lines end with LF, CR or CR LF.
  struct Cursor {
    private(set) var position = Position.start
    private var followsReturn = false

    mutating func advance(over scalar: Unicode.Scalar) {
      if scalar == "\n" && followsReturn {
        followsReturn = false
        return
      }
      followsReturn = scalar == "\r"
      position =
        scalar == "\n" || scalar == "\r"
        ? Position(line: position.line + 1, column: 1)
        : Position(line: position.line, column: position.column + 1)
    }
  }
}
