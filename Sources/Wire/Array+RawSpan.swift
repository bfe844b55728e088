// Fence: the bytes of an array as a raw span, which the standard library marks unsafe for elements
// in general.
//
// Memory: the array's own.
// Owner: the array, which the span keeps from changing or from being read meanwhile.
// Soundness: a `UInt8` has no padding, and every bit pattern is one.

extension [UInt8] {
  /// The bytes, lent for reading.
  package var rawSpan: RawSpan {
    @_lifetime(borrow self)
    get { unsafe span.bytes }
  }

  /// Lends the bytes to `change`.
  package mutating func withMutableRawSpan<Result, Failure: Error>(
    _ change: (consuming MutableRawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    var elements = mutableSpan
    return try change(unsafe elements.mutableBytes)
  }
}
