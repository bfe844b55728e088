import Wire

/// What the rewriting of one direction does to the checksums of a frame, as they stand there.
struct ChecksumChange: Sendable {
  /// Of the IP header: one address, and one less in the time to live.
  let ip: RawChange
  /// Of TCP or UDP: one address and one port.
  let transport: RawChange
  /// Of a partial checksum, which covers no port.
  let partial: RawChange

  /// One less in the time to live, the upper octet of a word: ~old + new is 0xffff - 0x0100, whatever
  /// the word.
  private static let hopChange: UInt64 = 0xfeff

  /// What lowering the time to live alone does to the checksum of the IP header.
  @inline(__always) static var hop: RawChange { RawChange(hopChange) }

  init(addresses: UInt64, ports: UInt64) {
    ip = RawChange(addresses &+ Self.hopChange)
    transport = RawChange(addresses &+ ports)
    partial = RawChange(addresses)
  }
}

extension ChecksumChange {
  /// The change of words as they stand in the frame.
  @inline(__always)
  init(rawAddresses: UInt64, rawPorts: UInt64) {
    ip = RawChange(raw: rawAddresses &+ UInt64(Self.hop.rawValue))
    transport = RawChange(raw: rawAddresses &+ rawPorts)
    partial = RawChange(raw: rawAddresses)
  }
}

/// What is added to a sum whose words are as they stand in the frame (RFC 1071 section 2 B).
struct RawChange: Sendable {
  let rawValue: UInt16

  /// `change` is one of words in host order.
  init(_ change: UInt64) {
    rawValue = InternetChecksum.fold(change).byteSwapped
  }

  /// `change` is one of words as they stand in the frame.
  @inline(__always)
  init(raw change: UInt64) {
    rawValue = InternetChecksum.fold(change)
  }

  /// The complete checksum after the change (RFC 1624 equation 3).
  @inline(__always)
  func applied(to checksum: UInt16) -> UInt16 {
    let sum = UInt32(~checksum) &+ UInt32(rawValue)
    return ~UInt16(truncatingIfNeeded: (sum & 0xffff) &+ (sum >> 16))
  }
}
