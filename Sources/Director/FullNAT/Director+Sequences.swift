import Wire

// The numbers of a connection whose sequence space FullNAT has moved, and in which a PROXY header may
// stand before the client's first byte. Both paths use them.

extension Director {
  /// What is inserted into the connection at `connection`; `nil` for nothing.
  @inline(__always)
  func insertion(into connection: Int, _ record: RecordIndex) -> InsertedPayload? {
    guard forwarding[record].rules.clientAddress == .proxyV2 else { return nil }
    return ProxyHeader.inserted(
      before: translations[details: connection].clientSequence &+ 1,
      isAcknowledged: translations[connection].flags.contains(.isPrefixAcknowledged))
  }

  /// The sequence number that the server gets for the client's `sequence`.
  @inline(__always)
  func shiftedSequence(_ sequence: UInt32, of connection: Int, _ record: RecordIndex) -> UInt32 {
    let number = insertion(into: connection, record)?.inbound(sequence) ?? sequence
    return number &+ translations[connection].shift
  }

  /// The acknowledgment number that the client gets for the server's `acknowledgment`, where `shift`
  /// is added to the client's sequence numbers.
  @inline(__always)
  mutating func shiftedAcknowledgment(
    _ acknowledgment: UInt32, by shift: UInt32, of connection: Int, _ record: RecordIndex
  ) -> UInt32 {
    let number = acknowledgment &- shift
    guard let insertion = insertion(into: connection, record) else { return number }
    if !insertion.isAcknowledged, insertion.isAcknowledged(by: number) {
      translations[connection].flags.insert(.isPrefixAcknowledged)
    }
    return insertion.outbound(number)
  }

  /// The edges of the server's selective acknowledgments, likewise.
  func shiftSelectiveAcks(
    of segment: inout MutableTCPSegment, _ connection: Int, _ record: RecordIndex,
    _ kind: TransportChecksum
  ) {
    segment.shiftSelectiveAcks(by: 0 &- translations[connection].shift, kind)
    if let insertion = insertion(into: connection, record) {
      segment.takeOutOfSelectiveAcks(insertion, kind)
    }
  }
}
