/// Payload that is put before a client's first byte, and what it does to sequence numbers.
///
/// ```
/// client                               first        first + 1 ...
/// server         first ... first + 27  first + 28   first + 29 ...
///                inserted, 28 bytes    the client's own
/// ```
/// All numbers are in the client's space: what else shifts them is undone before, or done after.
@frozen
@usableFromInline
package struct InsertedPayload: Equatable, Sendable {
  /// The sequence number of the client's first byte, one behind its SYN.
  @usableFromInline package var first: UInt32

  /// How many bytes are inserted.
  @usableFromInline package var length: UInt32

  /// Whether the server has acknowledged all of them (`isAcknowledged(by:)`).
  ///
  /// From then on every number is shifted. Until then numbers are compared with `first`, which must
  /// end before the connection has carried 2 GiB, when numbers seem to lie before it again.
  @usableFromInline package var isAcknowledged: Bool

  @inlinable
  package init(first: UInt32, length: UInt32, isAcknowledged: Bool = false) {
    self.first = first
    self.length = length
    self.isAcknowledged = isAcknowledged
  }

  /// Whether a segment carries the insertion: it has the client's first byte or its FIN, `count` of
  /// them, and the server may still lack what is inserted.
  ///
  /// A bare acknowledgment never does, as it is never sent again.
  @inlinable
  package func belongs(into sequence: UInt32, count: Int, _ flags: TCPFlags) -> Bool {
    sequence == first && !isAcknowledged && flags.isDisjoint(with: [.syn, .rst])
      && (count > 0 || flags.contains(.fin))
  }

  /// The sequence number of a segment to the server; what carries the insertion keeps its own.
  @inlinable
  package func inbound(_ sequence: UInt32) -> UInt32 {
    isAcknowledged || isBehindFirst(sequence) ? sequence &+ length : sequence
  }

  /// The acknowledgment number of a segment to the client, or an edge of a selective one: what is
  /// inserted counts as nothing.
  @inlinable
  package func outbound(_ acknowledgment: UInt32) -> UInt32 {
    if isAcknowledged { return acknowledgment &- length }
    guard isBehindFirst(acknowledgment) else { return acknowledgment }
    return first &+ (max(acknowledgment &- first, length) &- length)
  }

  /// Whether the server's `acknowledgment`, as it came, covers all of the insertion.
  @inlinable
  package func isAcknowledged(by acknowledgment: UInt32) -> Bool {
    isBehindFirst(acknowledgment) && acknowledgment &- first >= length
  }

  @inlinable
  func isBehindFirst(_ number: UInt32) -> Bool {
    Int32(bitPattern: number &- first) > 0
  }
}
