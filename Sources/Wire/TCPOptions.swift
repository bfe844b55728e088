/// The options of a TCP header (RFC 9293 section 3.2), walked one by one.
///
/// ```
///  0 end of list | 1 no operation | kind, length (2-40, both bytes counted), data...
/// ```
/// The walk ends at the end-of-list option, at the end of the header, and at the first option whose
/// length is below 2 or past the end; `isMalformed` then tells the last apart from the others.
@frozen
@usableFromInline
package struct TCPOptions: ~Escapable {
  @usableFromInline let bytes: RawSpan
  @usableFromInline var offset = 0

  /// Whether the walk met an option whose length is impossible.
  package private(set) var isMalformed = false

  /// Walks `bytes`, the header's part past byte 20.
  @inlinable
  @_lifetime(copy bytes)
  package init(_ bytes: RawSpan) {
    self.bytes = bytes
  }

  /// The kind of an option.
  @frozen
  @usableFromInline
  package struct Kind: RawRepresentable, Hashable, Sendable {
    @usableFromInline package var rawValue: UInt8

    @inlinable
    package init(rawValue: UInt8) {
      self.rawValue = rawValue
    }

    @inlinable package static var endOfList: Self { Self(rawValue: 0) }
    @inlinable package static var noOperation: Self { Self(rawValue: 1) }
    @inlinable package static var maximumSegmentSize: Self { Self(rawValue: 2) }
    @inlinable package static var windowScale: Self { Self(rawValue: 3) }
    @inlinable package static var selectiveAckPermitted: Self { Self(rawValue: 4) }
    @inlinable package static var selectiveAck: Self { Self(rawValue: 5) }
    @inlinable package static var timestamps: Self { Self(rawValue: 8) }
  }

  /// One option.
  @frozen
  @usableFromInline
  package struct Option: Equatable, Sendable {
    @usableFromInline package var kind: Kind
    /// Where the kind byte lies, in bytes from the end of the fixed header.
    @usableFromInline package var offset: Int
    /// The length in bytes with kind and length byte; 1 for no operation.
    @usableFromInline package var length: Int
  }

  /// The next option, no-operation options included, or `nil` at the end.
  @_lifetime(self: copy self)
  package mutating func next() -> Option? {
    guard !isMalformed, offset < bytes.byteCount else { return nil }
    let start = offset
    let kind = Kind(rawValue: bytes.octet(at: start))
    switch kind {
    case .endOfList:
      offset = bytes.byteCount
      return nil
    case .noOperation:
      offset += 1
      return Option(kind: kind, offset: start, length: 1)
    default:
      guard start + 1 < bytes.byteCount else {
        isMalformed = true
        return nil
      }
      let length = Int(bytes.octet(at: start + 1))
      guard length >= 2, start + length <= bytes.byteCount else {
        isMalformed = true
        return nil
      }
      offset += length
      return Option(kind: kind, offset: start, length: length)
    }
  }
}

extension MutableTCPSegment {
  /// Lowers the value of the maximum segment size option, if there is one and it is larger, and
  /// keeps the checksum; a wrong one stays wrong.
  ///
  /// The option may lie at an odd offset, where its value straddles two words of the checksum. Nothing
  /// behind a malformed option is looked at.
  @_lifetime(self: copy self)
  package mutating func lowerSegmentSize(to limit: UInt16, _ kind: TransportChecksum) {
    guard let offset = Self.segmentSizeOffset(in: bytes.bytes) else { return }
    let old = bytes.bytes.networkUInt16(at: offset)
    guard old > limit else { return }
    bytes.storeNetwork(limit, at: offset)
    // A partial checksum covers the pseudo-header only.
    guard kind == .complete else { return }
    checksum = InternetChecksum.updated(
      checksum,
      by: offset % 2 == 0
        ? InternetChecksum.change(from: old, to: limit)
        : InternetChecksum.change(from: old.byteSwapped, to: limit.byteSwapped))
  }

  /// Where the value of the maximum segment size option lies, in bytes from the start of the header.
  static func segmentSizeOffset(in bytes: RawSpan) -> Int? {
    guard let segment = TCPSegment(bytes) else { return nil }
    var options = segment.options
    while let option = options.next() {
      if option.kind == .maximumSegmentSize && option.length == 4 {
        return TCPSegment.minimumHeaderLength + option.offset + 2
      }
    }
    return nil
  }
}
