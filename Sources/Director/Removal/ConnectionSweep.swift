import Frames

/// Where the director is in going through its table for connections whose ends are to be reset.
///
/// It goes in rounds over the whole table, with a pause after each, until a round finds none. What was
/// done for a connection stands in its flags, so that no list of them is needed.
struct ConnectionSweep: Sendable {
  private enum Phase {
    case idle
    case walking
    case resting(until: Instant)
  }

  private var phase = Phase.idle
  private var hasFound = false
  /// The place in the connection table that is looked at next.
  private(set) var cursor = 0
  /// How many segments may be sent.
  var pace: SendingPace

  /// How long an end has to answer before it is asked again.
  ///
  /// Linux answers segments outside of the window twice a second at most
  /// (`net.ipv4.tcp_invalid_ratelimit`).
  static let pause = Duration.seconds(1)

  /// How long after a walk that was cut short the next one follows.
  private static let stepInterval = Duration.milliseconds(10)

  /// A sweep that sends `rate` segments a second (above 0).
  init(rate: Int) {
    pace = SendingPace(rate: rate)
  }

  /// Asks for a whole round from now on; one that has begun is followed by another.
  mutating func begin() {
    hasFound = true
    guard case .idle = phase else { return }
    phase = .walking
    cursor = 0
  }

  /// Whether there are places to look at now.
  mutating func mayWalk(at now: Instant) -> Bool {
    switch phase {
    case .idle: return false
    case .walking: return true
    case .resting(let end):
      guard end <= now else { return false }
      phase = .walking
      cursor = 0
      hasFound = false
      return true
    }
  }

  /// Goes on to the next place.
  mutating func step() { cursor += 1 }

  /// Notes that the round has found a connection to end: another one follows.
  mutating func noteFound() { hasFound = true }

  /// Ends the round.
  mutating func finishRound(at now: Instant) {
    phase = hasFound ? .resting(until: now.advanced(by: Self.pause)) : .idle
  }

  /// When there will be places to look at; `nil` when the sweep is over.
  func nextDeadline(after now: Instant) -> Instant? {
    switch phase {
    case .idle: nil
    case .walking: now.advanced(by: Self.stepInterval)
    case .resting(let end): end
    }
  }
}

/// A bound on what is sent: so many a second, and at most what 25 ms bring at once.
struct SendingPace: Sendable {
  private let rate: Int
  private let burst: Int
  private var allowance: Int
  private var last: Instant?

  /// A pace of `rate` a second (above 0), which begins with a burst.
  init(rate: Int) {
    self.rate = rate
    burst = max(2, rate / 40)
    allowance = burst
  }

  /// Adds what the time since the last call brings.
  mutating func advance(to now: Instant) {
    guard let before = last else {
      last = now
      return
    }
    let elapsed = min(max(0, before.duration(to: now).wholeNanoseconds), 1_000_000_000)
    let gained = Int(elapsed) * rate / 1_000_000_000
    guard gained > 0 else { return }
    allowance = min(burst, allowance + gained)
    // What is left of a segment's share counts next time.
    let used = Duration.nanoseconds(Int64(gained) * 1_000_000_000 / Int64(rate))
    last = allowance == burst ? now : before.advanced(by: used)
  }

  /// Takes `count` (at most 2) if so many may be sent.
  mutating func take(_ count: Int) -> Bool {
    guard allowance >= count else { return false }
    allowance -= count
    return true
  }
}
