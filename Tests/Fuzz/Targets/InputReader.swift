/// Takes choices from an input, byte by byte; zeros when it is at its end.
struct InputReader {
  private var rest: ArraySlice<UInt8>

  init(_ input: [UInt8]) {
    rest = input[...]
  }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func octet() -> UInt8 { rest.popFirst() ?? 0 }

  /// Two bytes in network order.
  mutating func word() -> UInt16 { UInt16(octet()) << 8 | UInt16(octet()) }

  /// A number below `limit`, which is at most 256.
  mutating func below(_ limit: Int) -> Int { Int(octet()) % limit }

  mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }
}
