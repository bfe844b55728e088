package import Wire

/// Addresses of a director: one, or a network of them.
package struct LocalAddresses: Hashable, Sendable, LosslessStringConvertible {
  package let network: IPv4Prefix

  /// Reads `a.b.c.d` or `a.b.c.d/n`; `nil` for any other form.
  package init?(_ description: String) {
    if let address = IPv4Address(description) {
      network = IPv4Prefix(address, length: 32)
    } else if let prefix = IPv4Prefix(description) {
      network = prefix
    } else {
      return nil
    }
  }

  package var description: String {
    network.length == 32 ? "\(network.network)" : "\(network)"
  }

  /// The first and the last, which are one for a single address.
  var ends: [IPv4Address] {
    let first = network.network
    let last = IPv4Address(rawValue: first.rawValue | ~IPv4Prefix.mask(network.length))
    return first == last ? [first] : [first, last]
  }
}

extension LocalAddresses: Codable {
  package init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let value = Self(text) else {
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: decoder.codingPath,
          debugDescription: "\"\(text)\" is not an address or a network"))
    }
    self = value
  }

  package func encode(to encoder: any Encoder) throws {
    try description.encode(to: encoder)
  }
}
