import Netlink

extension FuzzTarget {
  /// A datagram of messages, each of which is read as a link and as an address.
  static let netlink = FuzzTarget("netlink", seeds: netlinkSeeds()) { input throws(Violation) in
    guard let messages = NetlinkMessage.messages(in: input) else { return false }
    let length = messages.reduce(0) { $0 + 16 + $1.payload.count }
    try expect(length <= input.count, "more than came")
    var isUnderstood = false
    for message in messages {
      let payload = message.payload
      for offset in [0, 8, 16] {
        guard let attributes = NetlinkAttribute.attributes(in: payload, from: offset) else {
          continue
        }
        let length = attributes.reduce(0) { $0 + 4 + $1.payload.count }
        try expect(length <= payload.count - offset, "attributes of more than came")
        for attribute in attributes {
          try expect((attribute.octet == nil) == (attribute.payload.count != 1), "octet")
          try expect((attribute.number == nil) == (attribute.payload.count != 4), "number")
          if let text = attribute.text {
            try expect(text.utf8.count < attribute.payload.count, "text without its end")
          }
        }
      }
      if let link = LinkState(payload) {
        try expect(!link.name.isEmpty, "a link without a name")
        isUnderstood = true
      }
      if let address = InterfaceAddress(payload) {
        try expect((0...32).contains(address.prefixLength), "\(address)")
        isUnderstood = true
      }
    }
    return isUnderstood
  }

  private static func netlinkSeeds() -> [[UInt8]] {
    let tun = attribute(1, [2]) + attribute(4, [1]) + attribute(6, number(4))
    let information = attribute(1, Array("tun\0".utf8)) + attribute(2, tun)
    let link =
      [0, 0, 1, 0] + number(7) + number(0x1043) + number(0)
      + attribute(3, Array("lb1-wan\0".utf8)) + attribute(4, number(1500)) + attribute(16, [6])
      + attribute(10, number(3)) + attribute(1, [2, 0, 0, 0, 0, 0x10])
      + attribute(18 | 0x8000, information)
    let address =
      [2, 24, 0, 0] + number(7) + attribute(1, [10, 0, 0, 1]) + attribute(2, [10, 0, 0, 1])
      + attribute(3, Array("lan\0".utf8))
    let end = message(3, number(0))
    return [
      message(16, link), message(20, address), message(16, link) + message(17, link) + end,
      message(2, number(0) + [UInt8](repeating: 0, count: 16)),
    ]
  }

  /// In the machine's order.
  private static func number(_ value: UInt32) -> [UInt8] {
    stride(from: 0, to: 32, by: 8).map { UInt8(truncatingIfNeeded: value.littleEndian >> $0) }
  }

  private static func message(_ type: UInt32, _ payload: [UInt8]) -> [UInt8] {
    padded(number(UInt32(16 + payload.count)) + number(type) + number(1) + number(0) + payload)
  }

  private static func attribute(_ type: UInt32, _ payload: [UInt8]) -> [UInt8] {
    padded(number(UInt32(4 + payload.count) | type << 16) + payload)
  }

  private static func padded(_ bytes: [UInt8]) -> [UInt8] {
    bytes + [UInt8](repeating: 0, count: (4 - bytes.count % 4) % 4)
  }
}
