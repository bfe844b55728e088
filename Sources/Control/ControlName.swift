/// The name under which a director is reached in its network namespace.
package struct ControlName: Hashable, Sendable {
  /// As given with `--name`; `nil` for the director without a name.
  package let name: String?

  /// The director without a name.
  package static let standard = Self(unchecked: nil)

  /// The director called `name`: 1-64 letters, digits, `-`, `_` and `.`; `nil` for any other.
  package init?(_ name: String) {
    guard (1...64).contains(name.utf8.count), name.utf8.allSatisfy(Self.isNameByte) else {
      return nil
    }
    self.init(unchecked: name)
  }

  private init(unchecked name: String?) {
    self.name = name
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
      UInt8(ascii: "."):
      true
    default: false
    }
  }

  /// The abstract socket's name, without the NUL in front of it.
  package var socketName: String {
    name.map { "tapvs-\($0)" } ?? "tapvs"
  }
}
