package import Wire

/// What a segment's flags mean to the state machine; the first that is set in this order counts.
package enum TCPEvent: UInt8, CaseIterable, Sendable {
  case rst = 0
  case syn = 1
  case fin = 2
  case ack = 3
  /// None of them: the connection closes.
  case none = 4

  /// The event of a segment with `flags`.
  @inline(__always)
  package init(_ flags: TCPFlags) {
    if flags.contains(.rst) {
      self = .rst
    } else if flags.contains(.syn) {
      self = .syn
    } else if flags.contains(.fin) {
      self = .fin
    } else if flags.contains(.ack) {
      self = .ack
    } else {
      self = .none
    }
  }
}
