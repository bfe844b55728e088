/// Which options of a segment are overwritten.
@frozen
@usableFromInline
package struct TCPOptionSelection: OptionSet, Hashable, Sendable {
  @usableFromInline package let rawValue: UInt8

  @inlinable
  package init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// Kind 8 of length 10 (RFC 7323).
  @inlinable package static var timestamps: Self { Self(rawValue: 1) }
  /// Kind 34 of any length (RFC 7413), and its experimental form: kind 254 with identifier 0xf989.
  @inlinable package static var fastOpen: Self { Self(rawValue: 2) }
  /// Kind 30 of any length (RFC 8684).
  @inlinable package static var multipath: Self { Self(rawValue: 4) }

  /// What depends on the client's address, which a server behind FullNAT does not see.
  @inlinable package static var addressBound: Self { [.fastOpen, .multipath] }

  /// What depends on the client's address or clock.
  @inlinable package static var clientBound: Self { [.timestamps, .fastOpen, .multipath] }

  /// An option that could be taken for the director's own of that kind, 252-254: one of length 8 or
  /// 20.
  ///
  /// Traps on any other kind.
  @inlinable
  package static func clientAddress(kind: UInt8) -> Self {
    precondition(kind >= 252 && kind <= 254)
    return Self(rawValue: 8 << (kind - 252))
  }

  /// Whether `option`, which lies in `options`, is among them.
  fileprivate func matches(_ option: TCPOptions.Option, in options: RawSpan) -> Bool {
    switch option.kind.rawValue {
    case 8: contains(.timestamps) && option.length == 10
    case 30: contains(.multipath)
    case 34: contains(.fastOpen)
    case 252...254:
      isClientAddress(option)
        || contains(.fastOpen) && option.kind.rawValue == 254 && option.length >= 4
          && options.networkUInt16(at: option.offset + 2) == 0xf989
    default: false
    }
  }

  private func isClientAddress(_ option: TCPOptions.Option) -> Bool {
    contains(.clientAddress(kind: option.kind.rawValue))
      && (option.length == 8 || option.length == 20)
  }
}

extension MutableTCPSegment {
  /// Overwrites the selected options by no-operations, so that no length changes; answers how many.
  ///
  /// The checksum is kept; a wrong one stays wrong. Nothing behind a malformed option is looked at.
  @inlinable
  @_lifetime(self: copy self)
  package mutating func overwriteOptions(
    _ selection: TCPOptionSelection, _ kind: TransportChecksum
  ) -> Int {
    hasOptions ? overwriteFoundOptions(selection, kind) : 0
  }

  @usableFromInline
  @_lifetime(self: copy self)
  mutating func overwriteFoundOptions(
    _ selection: TCPOptionSelection, _ kind: TransportChecksum
  ) -> Int {
    let (count, octets) = Self.find(selection, in: bytes.bytes)
    guard count > 0 else { return 0 }
    var old: UInt64 = 0
    var new: UInt64 = 0
    var rest = octets
    while rest != 0 {
      let offset = TCPSegment.minimumHeaderLength + rest.trailingZeroBitCount
      rest &= rest &- 1
      let weight = offset % 2 == 0 ? 8 : 0 as UInt64
      old &+= UInt64(bytes.bytes.octet(at: offset)) << weight
      new &+= 1 << weight
      bytes.storeOctet(TCPOptions.Kind.noOperation.rawValue, at: offset)
    }
    // A partial checksum covers the pseudo-header only.
    if kind == .complete {
      checksum = InternetChecksum.updated(
        checksum,
        by: InternetChecksum.change(
          from: InternetChecksum.fold(old), to: InternetChecksum.fold(new)))
    }
    return count
  }

  /// How many options of `segment` are selected, and which octets they take: bit 0 is the first
  /// behind the fixed header.
  private static func find(
    _ selection: TCPOptionSelection, in segment: RawSpan
  ) -> (count: Int, octets: UInt64) {
    guard let segment = TCPSegment(segment) else { return (0, 0) }
    var count = 0
    var octets: UInt64 = 0
    var options = segment.options
    while let option = options.next() {
      guard selection.matches(option, in: options.bytes) else { continue }
      count += 1
      octets |= (1 << UInt64(option.length) &- 1) << UInt64(option.offset)
    }
    return (count, octets)
  }

  /// Whether the header says that it is longer than the fixed part.
  @inlinable var hasOptions: Bool { bytes.bytes.octet(at: 12) >= 0x60 }
}

extension MutableTCPSegment {
  /// Lowers the value of the maximum segment size option by `amount`, if there is one and it is
  /// larger, and keeps the checksum; a wrong one stays wrong.
  @_lifetime(self: copy self)
  package mutating func lowerSegmentSize(by amount: UInt16, _ kind: TransportChecksum) {
    guard let offset = Self.segmentSizeOffset(in: bytes.bytes) else { return }
    let old = bytes.bytes.networkUInt16(at: offset)
    guard old > amount else { return }
    lowerSegmentSize(to: old - amount, kind)
  }
}
