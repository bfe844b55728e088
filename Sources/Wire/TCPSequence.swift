extension MutableTCPSegment {
  @inlinable package var sequenceNumber: UInt32 { bytes.bytes.networkUInt32(at: 4) }
  @inlinable package var acknowledgmentNumber: UInt32 { bytes.bytes.networkUInt32(at: 8) }

  /// Sets the sequence number and keeps the checksum; a wrong one stays wrong.
  @inlinable
  @_lifetime(self: copy self)
  package mutating func setSequence(_ number: UInt32, _ kind: TransportChecksum) {
    store(number, at: 4, kind)
  }

  /// Sets the acknowledgment number and keeps the checksum; a wrong one stays wrong.
  @inlinable
  @_lifetime(self: copy self)
  package mutating func setAcknowledgment(_ number: UInt32, _ kind: TransportChecksum) {
    store(number, at: 8, kind)
  }

  /// Stores `value` at `offset`, which is even; a partial checksum covers the pseudo-header only.
  @inlinable
  @_lifetime(self: copy self)
  mutating func store(_ value: UInt32, at offset: Int, _ kind: TransportChecksum) {
    let old = bytes.bytes.networkUInt32(at: offset)
    bytes.storeNetwork(value, at: offset)
    guard kind == .complete else { return }
    checksum = InternetChecksum.updated(checksum, by: UInt64(~old) &+ UInt64(value))
  }
}
