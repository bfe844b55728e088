package import Wire

/// The IPv4 prefixes from which something is believed.
package struct PrefixMap: Sendable {
  package static var shape: BPFMap.Shape {
    BPFMap.Shape(.prefixes, keySize: 8, valueSize: 4, capacity: 1024)
  }

  package let map: BPFMap

  package init(_ name: String) throws(BPFError) {
    map = try BPFMap(name, Self.shape)
  }

  /// Takes a map that was pinned.
  package init(_ map: BPFMap) {
    self.map = map
  }

  /// Makes the map hold `prefixes` and no others; those that stay are found at any time.
  package func replace(with prefixes: [IPv4Prefix]) throws(BPFError) {
    let wanted = Set(prefixes.map(Self.key))
    for key in wanted { try map.set(key, [1, 0, 0, 0]) }
    for key in map.keys where !wanted.contains(key) { map.remove(key) }
  }

  private static func key(_ prefix: IPv4Prefix) -> [UInt8] {
    UInt32(prefix.length).nativeBytes + prefix.network.networkBytes
  }
}

/// A set of IPv4 addresses.
package struct AddressMap: Sendable {
  package let map: BPFMap

  package init(_ name: String, _ addresses: [IPv4Address]) throws(BPFError) {
    map = try BPFMap(name, BPFMap.Shape(.hash, keySize: 4, valueSize: 4, capacity: 1024))
    for address in addresses { try map.set(address.networkBytes, [1, 0, 0, 0]) }
  }
}

extension IPv4Address {
  /// The four bytes as they stand in a packet.
  package var networkBytes: [UInt8] { rawValue.bigEndian.nativeBytes }
}
