// Fence: loads, stores and copies on spans, the only unsafe code of `Wire`.
//
// Memory: the span's own.
// Owner: whoever lent the span.
// Soundness: every access checks `offset` against `byteCount` before it touches memory.

extension RawSpan {
  /// The byte at `offset`; traps past the end.
  @inlinable
  package func octet(at offset: Int) -> UInt8 {
    precondition(offset >= 0 && offset < byteCount)
    return unsafe unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self)
  }

  /// The 16-bit field at `offset` (bytes), converted from network to host order.
  ///
  /// Traps if `offset + 2` is past the end; views check their length once, in `init?`.
  @inlinable
  package func networkUInt16(at offset: Int) -> UInt16 {
    precondition(offset >= 0 && offset <= byteCount - 2)
    return unsafe UInt16(
      bigEndian: unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt16.self))
  }

  /// The 32-bit field at `offset` (bytes), converted from network to host order.
  @inlinable
  package func networkUInt32(at offset: Int) -> UInt32 {
    precondition(offset >= 0 && offset <= byteCount - 4)
    return unsafe UInt32(
      bigEndian: unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt32.self))
  }

  /// The 16-bit field at `offset` (bytes) in the order of this machine.
  @inlinable
  package func nativeUInt16(at offset: Int) -> UInt16 {
    precondition(offset >= 0 && offset <= byteCount - 2)
    return unsafe unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt16.self)
  }

  /// The 32-bit field at `offset` (bytes) in the order of this machine.
  @inlinable
  package func nativeUInt32(at offset: Int) -> UInt32 {
    precondition(offset >= 0 && offset <= byteCount - 4)
    return unsafe unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt32.self)
  }
}

extension [UInt8] {
  /// A copy of `bytes`.
  package init(copying bytes: RawSpan) {
    self = unsafe bytes.withUnsafeBytes { unsafe [UInt8]($0) }
  }
}

extension MutableRawSpan {
  /// Stores `value` at `offset` (bytes) in network order; traps past the end.
  @inlinable
  @_lifetime(self: copy self)
  package mutating func storeNetwork(_ value: UInt16, at offset: Int) {
    storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt16.self)
  }

  /// Stores `value` at `offset` (bytes) in network order; traps past the end.
  @inlinable
  @_lifetime(self: copy self)
  package mutating func storeNetwork(_ value: UInt32, at offset: Int) {
    storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt32.self)
  }

  /// Stores `value` at `offset` (bytes) in the order of this machine; traps past the end.
  @inlinable
  @_lifetime(self: copy self)
  package mutating func storeNative(_ value: UInt16, at offset: Int) {
    storeBytes(of: value, toByteOffset: offset, as: UInt16.self)
  }

  /// Stores the byte `value` at `offset`; traps past the end.
  @inlinable
  @_lifetime(self: copy self)
  package mutating func storeOctet(_ value: UInt8, at offset: Int) {
    storeBytes(of: value, toByteOffset: offset, as: UInt8.self)
  }
}
