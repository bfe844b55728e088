/// Addresses and networks in JSON and their like: as the text that people write.
extension IPv4Address: Codable {
  @usableFromInline package init(from decoder: any Decoder) throws {
    self = try decoder.lossless(wanted: "an address a.b.c.d")
  }

  @usableFromInline package func encode(to encoder: any Encoder) throws {
    try description.encode(to: encoder)
  }
}

extension IPv4Prefix: Codable {
  @usableFromInline package init(from decoder: any Decoder) throws {
    self = try decoder.lossless(wanted: "a network a.b.c.d/n")
  }

  @usableFromInline package func encode(to encoder: any Encoder) throws {
    try description.encode(to: encoder)
  }
}

extension IPv4InterfaceAddress: Codable {
  @usableFromInline package init(from decoder: any Decoder) throws {
    self = try decoder.lossless(wanted: "an address a.b.c.d/n")
  }

  @usableFromInline package func encode(to encoder: any Encoder) throws {
    try description.encode(to: encoder)
  }
}

extension Decoder {
  /// The value whose text is here.
  fileprivate func lossless<Value: LosslessStringConvertible>(wanted: String) throws -> Value {
    let text = try singleValueContainer().decode(String.self)
    guard let value = Value(text) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: codingPath, debugDescription: "\"\(text)\" is not \(wanted)"))
    }
    return value
  }
}
