extension MutableTCPSegment {
  /// Adds `amount` to every edge of the selective acknowledgments (RFC 2018), modulo 2^32.
  ///
  /// The checksum is kept; a wrong one stays wrong. Nothing behind a malformed option is looked at.
  @inlinable
  @_lifetime(self: copy self)
  package mutating func shiftSelectiveAcks(by amount: UInt32, _ kind: TransportChecksum) {
    if hasOptions && amount != 0 { mapSelectiveAcks(.adding(amount), kind) }
  }

  /// Takes what is inserted out of every edge of the selective acknowledgments of a segment to the
  /// client.
  @inlinable
  @_lifetime(self: copy self)
  package mutating func takeOutOfSelectiveAcks(
    _ insertion: InsertedPayload, _ kind: TransportChecksum
  ) {
    if hasOptions { mapSelectiveAcks(.takingOut(insertion), kind) }
  }

  /// What becomes of an edge.
  @frozen
  @usableFromInline
  enum EdgeChange {
    case adding(UInt32)
    case takingOut(InsertedPayload)

    fileprivate func applied(to edge: UInt32) -> UInt32 {
      switch self {
      case .adding(let amount): edge &+ amount
      case .takingOut(let insertion): insertion.outbound(edge)
      }
    }
  }

  @usableFromInline
  @_lifetime(self: copy self)
  mutating func mapSelectiveAcks(_ edgeChange: EdgeChange, _ kind: TransportChecksum) {
    var rest = Self.selectiveAckEdges(in: bytes.bytes)
    var change: UInt64 = 0
    while rest != 0 {
      let offset = TCPSegment.minimumHeaderLength + rest.trailingZeroBitCount
      rest &= rest &- 1
      let old = bytes.bytes.networkUInt32(at: offset)
      let new = edgeChange.applied(to: old)
      bytes.storeNetwork(new, at: offset)
      let sum = InternetChecksum.fold(UInt64(~old) &+ UInt64(new))
      // At an odd offset the words of the checksum are made of the other halves (RFC 1071 section 2
      // B).
      change &+= UInt64(offset % 2 == 0 ? sum : sum.byteSwapped)
    }
    // A partial checksum covers the pseudo-header only.
    guard change != 0, kind == .complete else { return }
    checksum = InternetChecksum.updated(checksum, by: change)
  }

  /// Where edges begin: bit 0 is the first octet behind the fixed header.
  ///
  /// An option whose length is not 2 and 8 for each block has none.
  private static func selectiveAckEdges(in segment: RawSpan) -> UInt64 {
    guard let segment = TCPSegment(segment) else { return 0 }
    var edges: UInt64 = 0
    var options = segment.options
    while let option = options.next() {
      guard option.kind == .selectiveAck, option.length % 8 == 2 else { continue }
      for edge in stride(from: 2, to: option.length, by: 4) {
        edges |= 1 << UInt64(option.offset + edge)
      }
    }
    return edges
  }
}
