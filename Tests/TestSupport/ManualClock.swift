package import Frames

/// A clock that stands still until a test moves it.
package struct ManualClock: Sendable {
  package private(set) var now: Instant

  /// A clock that shows `start`; not zero, so that a time before it exists.
  package init(at start: Instant = Instant(nanoseconds: 1_000_000_000_000)) {
    now = start
  }

  /// Moves the clock and gives the new time.
  @discardableResult
  package mutating func advance(by duration: Duration) -> Instant {
    now = now.advanced(by: duration)
    return now
  }
}
