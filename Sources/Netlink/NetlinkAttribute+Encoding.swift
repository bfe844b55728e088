/// Attributes that are kept, changed and sent back as they came.
extension NetlinkAttribute {
  package init(_ type: Int, _ payload: [UInt8]) {
    self.type = type
    self.payload = payload
  }

  /// An attribute of a number of four bytes.
  package init(_ type: Int, number: UInt32) {
    self.init(type, [UInt8](native: number))
  }

  /// `attributes` one behind another, each padded to a multiple of 4: what nests in another.
  package static func encoded(_ attributes: [Self]) -> [UInt8] {
    attributes.reduce(into: []) { bytes, attribute in
      let length = UInt32(4 + attribute.payload.count)
      // Both halves of the header in one number, in the machine's order.
      let header = UInt32(littleEndian: length | UInt32(attribute.type) << 16)
      bytes += [UInt8](native: header) + attribute.payload
      bytes += [UInt8](repeating: 0, count: -attribute.payload.count & 3)
    }
  }
}
