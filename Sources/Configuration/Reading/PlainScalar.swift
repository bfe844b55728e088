/// What YAML 1.1 takes a value without quotes for.
enum PlainScalar {
  case null
  case boolean
  case decimal
  case octal
  /// Digits after a 0, with an 8 or 9 among them: octal to some readers, and wrong.
  case leadingZero
  case hexadecimal
  case binary
  /// Numbers with colons, in base 60: 10:20 is 620.
  case sexagesimal
  case float
  /// A number with underscores.
  case grouped
  case text

  init(_ text: String) {
    switch text.lowercased() {
    case "", "~", "null": self = .null
    case "yes", "no", "true", "false", "on", "off": self = .boolean
    case ".inf", "+.inf", "-.inf", ".nan": self = .float
    default: self = Self.number(text.drop { $0 == "+" || $0 == "-" })
    }
  }

  /// What `text`, a sign left out, is.
  private static func number(_ text: Substring) -> Self {
    guard let first = text.first, first.isASCII else { return .text }
    if text.allSatisfy(isDigit) {
      guard first == "0", text.count > 1 else { return .decimal }
      return text.contains { $0 > "7" } ? .leadingZero : .octal
    }
    let body = text.dropFirst(2)
    if text.hasPrefix("0x"), !body.isEmpty, body.allSatisfy(isHexadecimalDigit) {
      return .hexadecimal
    }
    if text.hasPrefix("0o"), !body.isEmpty, body.allSatisfy(isDigit) { return .octal }
    if text.hasPrefix("0b"), !body.isEmpty, body.allSatisfy({ $0 == "0" || $0 == "1" }) {
      return .binary
    }
    if isDigit(first), text.allSatisfy({ isDigit($0) || $0 == "_" }) { return .grouped }
    if isSexagesimal(text) { return .sexagesimal }
    return isFloat(text) ? .float : .text
  }

  /// Whether `text` is a number, then colons each with a number below 60.
  private static func isSexagesimal(_ text: Substring) -> Bool {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count > 1, let first = parts[0].first, first != "0",
      parts[0].allSatisfy(isDigit)
    else { return false }
    return parts.dropFirst().allSatisfy { part in
      (1...2).contains(part.count) && part.allSatisfy(isDigit) && (UInt8(part) ?? 60) < 60
    }
  }

  /// Digits, at most one point, and an exponent if there are digits.
  private static func isFloat(_ text: Substring) -> Bool {
    let parts = text.lowercased().split(separator: "e", omittingEmptySubsequences: false)
    guard parts.count <= 2, parts[0].contains(where: isDigit),
      parts[0].allSatisfy({ isDigit($0) || $0 == "." }),
      parts[0].split(separator: ".", omittingEmptySubsequences: false).count <= 2
    else { return false }
    guard parts.count == 2 else { return true }
    let exponent = parts[1].drop { $0 == "+" || $0 == "-" }
    return !exponent.isEmpty && exponent.allSatisfy(isDigit)
  }

  private static func isDigit(_ character: Character) -> Bool {
    ("0"..."9").contains(character) && character.isASCII
  }

  private static func isHexadecimalDigit(_ character: Character) -> Bool {
    character.isASCII && character.isHexDigit
  }

  /// What the value is called in a finding, as in "the octal number"; `nil` for text.
  var name: String? {
    switch self {
    case .null: "nothing"
    case .boolean: "a truth value"
    case .decimal: "a number"
    case .octal: "an octal number"
    case .leadingZero: "a number with a leading 0"
    case .hexadecimal: "a hexadecimal number"
    case .binary: "a binary number"
    case .sexagesimal: "a number in base 60"
    case .float: "a number with a fraction or exponent"
    case .grouped: "a number with underscores"
    case .text: nil
    }
  }
}
