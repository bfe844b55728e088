/// The timestamps of a segment (RFC 7323): no operation twice, kind 8, length 10, the sender's clock in
/// 4 bytes, and what it heard last of the peer's in 4 bytes.
///
/// Senders put it at the start of the options; elsewhere it is looked for.
extension MutableTCPSegment {
  /// The sender's clock, if the segment has timestamps.
  package var timestamp: UInt32? {
    hasOptions
      ? Self.timestampsOffset(in: bytes.bytes).map { bytes.bytes.networkUInt32(at: $0 + 2) } : nil
  }

  /// Adds `amount` to the sender's clock, modulo 2^32, if the segment has timestamps.
  ///
  /// The checksum is kept; a wrong one stays wrong. Nothing behind a malformed option is looked at.
  @inlinable
  @_lifetime(self: copy self)
  package mutating func shiftTimestamp(by amount: UInt32, _ kind: TransportChecksum) {
    if hasOptions && amount != 0 { shiftTimestamp(by: amount, at: 2, kind) }
  }

  /// Adds `amount` to what the sender heard last of the peer's clock, likewise.
  @inlinable
  @_lifetime(self: copy self)
  package mutating func shiftTimestampEcho(by amount: UInt32, _ kind: TransportChecksum) {
    if hasOptions && amount != 0 { shiftTimestamp(by: amount, at: 6, kind) }
  }

  @usableFromInline
  @_lifetime(self: copy self)
  mutating func shiftTimestamp(by amount: UInt32, at place: Int, _ kind: TransportChecksum) {
    guard let option = Self.timestampsOffset(in: bytes.bytes) else { return }
    let offset = option + place
    let old = bytes.bytes.networkUInt32(at: offset)
    let new = old &+ amount
    bytes.storeNetwork(new, at: offset)
    // A partial checksum covers the pseudo-header only.
    guard kind == .complete else { return }
    let sum = InternetChecksum.fold(UInt64(~old) &+ UInt64(new))
    // At an odd offset the words of the checksum are made of the other halves (RFC 1071 section 2 B).
    checksum = InternetChecksum.updated(
      checksum, by: UInt64(offset % 2 == 0 ? sum : sum.byteSwapped))
  }

  /// Where the option begins, in bytes from the start of the header.
  private static func timestampsOffset(in segment: RawSpan) -> Int? {
    let usual = TCPSegment.minimumHeaderLength
    if segment.octet(at: 12) >= 0x80, segment.byteCount >= usual + 12,
      segment.networkUInt32(at: usual) == 0x0101_080a
    {
      return usual + 2
    }
    guard let segment = TCPSegment(segment) else { return nil }
    var options = segment.options
    while let option = options.next() {
      if option.kind == .timestamps && option.length == 10 { return usual + option.offset }
    }
    return nil
  }
}
