import Wire

/// Readers of single values: each takes a value and where it stands.
enum Read {
  static func string(_ value: JSONValue, _ path: String) throws(VectorError) -> String {
    guard case .string(let text) = value else {
      throw VectorError.malformed("\(path) is no string")
    }
    return text
  }

  static func bool(_ value: JSONValue, _ path: String) throws(VectorError) -> Bool {
    guard case .bool(let truth) = value else {
      throw VectorError.malformed("\(path) is neither true nor false")
    }
    return truth
  }

  static func integer(_ value: JSONValue, _ path: String) throws(VectorError) -> Int {
    guard case .integer(let number) = value else {
      throw VectorError.malformed("\(path) is no whole number")
    }
    return number
  }

  /// A number of things.
  static func count(_ value: JSONValue, _ path: String) throws(VectorError) -> Int {
    let count = try integer(value, path)
    guard 0...65_535 ~= count else { throw VectorError.malformed("\(path) is outside of 0-65535") }
    return count
  }

  /// A sequence number of TCP, or a difference of two.
  static func sequence(_ value: JSONValue, _ path: String) throws(VectorError) -> UInt32 {
    guard let number = UInt32(exactly: try integer(value, path)) else {
      throw VectorError.malformed("\(path) is outside of 32 bits")
    }
    return number
  }

  static func port(_ value: JSONValue, _ path: String) throws(VectorError) -> UInt16 {
    guard let port = UInt16(exactly: try integer(value, path)) else {
      throw VectorError.malformed("\(path) is outside of 0-65535")
    }
    return port
  }

  /// A port that is one; 0 would mean all of them.
  static func servicePort(_ value: JSONValue, _ path: String) throws(VectorError) -> UInt16 {
    let port = try port(value, path)
    if port == 0 { throw VectorError.needs("services for all ports (\(path))") }
    return port
  }

  /// The length in bytes of the largest IP packet.
  static func mtu(_ value: JSONValue, _ path: String) throws(VectorError) -> Int {
    let mtu = try integer(value, path)
    guard 68...65_535 ~= mtu else { throw VectorError.malformed("\(path) is outside of 68-65535") }
    return mtu
  }

  /// An IPv4 address; one of IPv6 is something that the engine does not do.
  static func address(_ value: JSONValue, _ path: String) throws(VectorError) -> IPv4Address {
    let text = try string(value, path)
    if text.contains(":") { throw VectorError.needs("IPv6 (\(path))") }
    guard let address = IPv4Address(text) else {
      throw VectorError.malformed("\(path): \(text) is no IPv4 address")
    }
    return address
  }

  static func mac(_ value: JSONValue, _ path: String) throws(VectorError) -> MACAddress {
    let text = try string(value, path)
    guard let address = MACAddress(text) else {
      throw VectorError.malformed("\(path): \(text) is no Ethernet address")
    }
    return address
  }

  static func object(_ value: JSONValue, _ path: String) throws(VectorError) -> JSONObject {
    try JSONObject(value, at: path)
  }

  static func bytes(_ value: JSONValue, _ path: String) throws(VectorError) -> [UInt8] {
    let digits = Array(try string(value, path).utf8)
    var bytes: [UInt8] = []
    for start in stride(from: 0, to: digits.count, by: 2) {
      let pair = digits[start..<min(start + 2, digits.count)]
      guard pair.count == 2, let high = hexDigit(pair[start]), let low = hexDigit(pair[start + 1])
      else { throw VectorError.malformed("\(path) is not hexadecimal at digit \(start)") }
      bytes.append(high << 4 | low)
    }
    return bytes
  }

  private static func hexDigit(_ digit: UInt8) -> UInt8? {
    switch digit {
    case 0x30...0x39: digit - 0x30
    case 0x41...0x46: digit - 0x41 + 10
    case 0x61...0x66: digit - 0x61 + 10
    default: nil
    }
  }

  /// Offset and length.
  static func range(_ value: JSONValue, _ path: String) throws(VectorError) -> Range<Int> {
    let pair = try list(integer)(value, path)
    guard pair.count == 2, pair[0] >= 0, pair[1] >= 0, pair[0] < 1 << 16, pair[1] < 1 << 16 else {
      throw VectorError.malformed("\(path) is no offset and length")
    }
    return pair[0]..<pair[0] + pair[1]
  }

  /// A list, each member read by `element`.
  static func list<Element>(
    _ element: @escaping (JSONValue, String) throws(VectorError) -> Element
  ) -> (JSONValue, String) throws(VectorError) -> [Element] {
    { (value, path) throws(VectorError) in
      guard case .array(let members) = value else {
        throw VectorError.malformed("\(path) is no list")
      }
      var elements: [Element] = []
      for (index, member) in members.enumerated() {
        elements.append(try element(member, "\(path)[\(index)]"))
      }
      return elements
    }
  }
}
