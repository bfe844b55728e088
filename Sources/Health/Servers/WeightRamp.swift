import Frames

/// The rise of a weight from 1 to its full height.
struct WeightRamp: Equatable, Sendable {
  let start: Instant
  let length: Duration

  /// Steps on the whole way, at most; each costs the scheduler of the service a new look at its list.
  static let stepCount = 64

  /// Between two steps, at least.
  static let shortestStep = Duration.milliseconds(100)

  var end: Instant { start.advanced(by: length) }

  private var step: Int64 {
    max(Self.shortestStep, length / Self.stepCount).wholeNanoseconds
  }

  /// The weight at `now` of a server whose full one is `full`, at most 65535; the length is at most
  /// an hour.
  func weight(of full: Int, at now: Instant) -> Int {
    guard now < end, full > 1 else { return full }
    let elapsed = max(0, start.duration(to: now).wholeNanoseconds)
    return 1 + Int(Int64(full - 1) * elapsed / max(1, length.wholeNanoseconds))
  }

  /// The next time to look at the weight; `nil` when it has its full height.
  func nextStep(after now: Instant) -> Instant? {
    guard now < end else { return nil }
    let elapsed = max(0, start.duration(to: now).wholeNanoseconds)
    return min(end, start.advanced(by: .nanoseconds((elapsed / step + 1) * step)))
  }
}
