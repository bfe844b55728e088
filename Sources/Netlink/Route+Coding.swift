import Wire

extension Route: Codable {
  private enum CodingKeys: String, CodingKey {
    case destination
    case typeOfService = "tos"
    case table
    case origin = "protocol"
    case scope
    case kind = "type"
    case flags
    case attributes
  }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      destination: try values.decode(IPv4Prefix.self, forKey: .destination),
      typeOfService: try values.decode(UInt8.self, forKey: .typeOfService),
      table: try values.decode(UInt32.self, forKey: .table),
      origin: try values.decode(UInt8.self, forKey: .origin),
      scope: try values.decode(UInt8.self, forKey: .scope),
      kind: try values.decode(UInt8.self, forKey: .kind),
      flags: try values.decode(UInt32.self, forKey: .flags),
      attributes: try values.decode([NetlinkAttribute].self, forKey: .attributes))
  }

  package func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(destination, forKey: .destination)
    try values.encode(typeOfService, forKey: .typeOfService)
    try values.encode(table, forKey: .table)
    try values.encode(origin, forKey: .origin)
    try values.encode(scope, forKey: .scope)
    try values.encode(kind, forKey: .kind)
    try values.encode(flags, forKey: .flags)
    try values.encode(attributes, forKey: .attributes)
  }
}

extension NetlinkAttribute: Codable {
  /// Type and hexadecimal digits: "5:0a000001".
  package init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let type = UInt8(parts[0]), let payload = Self.bytes(parts[1]) else {
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: decoder.codingPath,
          debugDescription: "\"\(text.prefix(40))\" is not an attribute TYPE:HEXADECIMAL"))
    }
    self.init(Int(type), payload)
  }

  package func encode(to encoder: any Encoder) throws {
    let digits = payload.flatMap { [$0 >> 4, $0 & 15] }.map { String($0, radix: 16) }
    var value = encoder.singleValueContainer()
    try value.encode("\(type):" + digits.joined())
  }

  private static func bytes(_ text: Substring) -> [UInt8]? {
    let digits = text.utf8.map { Character(UnicodeScalar($0)).hexDigitValue }
    guard digits.count.isMultiple(of: 2), digits.count <= 2048 else { return nil }
    var bytes: [UInt8] = []
    for place in stride(from: 0, to: digits.count, by: 2) {
      guard let high = digits[place], let low = digits[place + 1] else { return nil }
      bytes.append(UInt8(high << 4 | low))
    }
    return bytes
  }
}
