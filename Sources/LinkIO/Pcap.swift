/// A packet of a capture file.
package struct PcapRecord: Equatable, Sendable {
  /// When it was captured, in nanoseconds since 1970.
  package var time: UInt64
  /// What was kept of the packet, from the Ethernet header on.
  package var bytes: [UInt8]
  /// How long the packet was; more than `bytes` if the capture cut it.
  package var originalLength: Int

  /// A whole packet.
  package init(time: UInt64, bytes: [UInt8]) {
    self.init(time: time, bytes: bytes, originalLength: bytes.count)
  }

  package init(time: UInt64, bytes: [UInt8], originalLength: Int) {
    self.time = time
    self.bytes = bytes
    self.originalLength = originalLength
  }
}

/// What is wrong with a capture file.
package struct PcapError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Where in the file, in bytes from its start.
  package let offset: Int
  /// What was found and what is wanted.
  package let message: String

  package var description: String { "at byte \(offset): \(message)" }
}

/// The form of a classic capture file (draft-ietf-opsawg-pcap), in the writer's byte order.
///
/// ```
/// file:   |magic 4|major 2|minor 2|0 4|0 4|largest packet 4|link type 4|
/// packet: |seconds 4|micro- or nanoseconds 4|bytes kept 4|bytes there were 4| bytes
/// ```
enum PcapFormat {
  static let fileHeaderLength = 24
  static let recordHeaderLength = 16
  static let microsecondMagic: UInt32 = 0xa1b2_c3d4
  static let nanosecondMagic: UInt32 = 0xa1b2_3c4d
  static let ethernetLinkType: UInt32 = 1
  static let majorVersion: UInt16 = 2
  static let minorVersion: UInt16 = 4
}
