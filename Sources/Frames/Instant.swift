/// A point in time on a clock that never goes back, given to whoever needs it.
///
/// Nothing in the data path reads a clock: the event loop passes the time in, a test passes any.
@frozen
@usableFromInline
package struct Instant: Hashable, Sendable {
  /// Nanoseconds since the clock's own beginning.
  @usableFromInline package var nanoseconds: UInt64

  @inlinable
  package init(nanoseconds: UInt64) {
    self.nanoseconds = nanoseconds
  }

  /// The clock's beginning.
  @inlinable package static var zero: Self { Self(nanoseconds: 0) }

  /// Milliseconds since the clock's beginning, modulo 2^32 (49.7 days): the form kept in tables.
  ///
  /// Differences of two such stamps are right while they are below 24 days.
  @inlinable package var milliseconds: UInt32 {
    UInt32(truncatingIfNeeded: nanoseconds / 1_000_000)
  }

  /// The point `duration` later; a negative duration that leads before the beginning gives the
  /// beginning.
  @inlinable
  package func advanced(by duration: Duration) -> Self {
    let step = duration.wholeNanoseconds
    if step >= 0 { return Self(nanoseconds: nanoseconds &+ UInt64(step)) }
    let back = step.magnitude
    return Self(nanoseconds: nanoseconds > back ? nanoseconds - back : 0)
  }

  /// How long it is from here to `other`; negative when that is earlier.
  @inlinable
  package func duration(to other: Self) -> Duration {
    .nanoseconds(Int64(bitPattern: other.nanoseconds &- nanoseconds))
  }
}

extension Instant: Comparable {
  @inlinable
  package static func < (left: Self, right: Self) -> Bool {
    left.nanoseconds < right.nanoseconds
  }
}

extension Duration {
  /// The duration in nanoseconds, rounded towards zero; durations past 292 years are cut to that.
  @inlinable package var wholeNanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (high, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    if overflow { return seconds < 0 ? .min : .max }
    let (sum, overflowed) = high.addingReportingOverflow(attoseconds / 1_000_000_000)
    return overflowed ? (seconds < 0 ? .min : .max) : sum
  }
}
