/// Builds a classic capture file of Ethernet frames in memory, with nanoseconds.
package struct PcapWriter: Sendable {
  /// The most bytes that a file takes when nothing else is said: 64 MiB.
  package static let defaultLimit = 64 * 1024 * 1024

  /// The file so far.
  package private(set) var bytes: [UInt8] = []
  private let limit: Int

  /// An empty file that grows to at most `limit` bytes.
  package init(limit: Int = Self.defaultLimit) {
    self.limit = limit
    append(PcapFormat.nanosecondMagic)
    append(UInt32(PcapFormat.majorVersion) << 16 | UInt32(PcapFormat.minorVersion))
    append(0)
    append(0)
    append(262_144)
    append(PcapFormat.ethernetLinkType)
  }

  /// Appends a packet; `false` when the file has no room for it, or the packet's time lies past 2106.
  package mutating func append(_ record: PcapRecord) -> Bool {
    let length = PcapFormat.recordHeaderLength + record.bytes.count
    guard length <= limit - bytes.count, record.originalLength >= record.bytes.count,
      let originalLength = UInt32(exactly: record.originalLength),
      let seconds = UInt32(exactly: record.time / 1_000_000_000)
    else { return false }
    append(seconds)
    append(UInt32(record.time % 1_000_000_000))
    append(UInt32(record.bytes.count))
    append(originalLength)
    bytes += record.bytes
    return true
  }

  private mutating func append(_ value: UInt32) {
    for shift in stride(from: UInt32(24), through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }
}
