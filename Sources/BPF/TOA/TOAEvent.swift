/// What became of a connection's option, as the kernel counts it.
package enum TOAEvent: Int, CaseIterable, Sendable {
  /// The packet that completed the handshake had it.
  case learnedAtHandshake
  /// A later packet had it.
  case learnedLater
  /// The packet that completed the handshake came from a director and had none.
  case missing
  /// A connection did not come from a director; whatever it says is not believed.
  case stranger
}
