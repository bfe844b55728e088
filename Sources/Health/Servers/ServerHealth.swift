import Director
import Frames

/// What a real server's checks say together.
package struct CheckSummary: Equatable, Sendable {
  /// Checks that do not count as passed.
  package var failedCount = 0

  /// Whether one of these has failed indeed, and does not only start so.
  package var isDown = false

  /// Why the first of these failed last.
  package var failure: CheckFailure?

  /// What all checks add to the configured weight.
  package var weightShift = 0

  package init() {}
}

/// A real server of one virtual service: whether it lives, whether it may serve, and with what weight.
///
/// Two things keep new connections away, each undone on its own: failed checks and an operator's drain.
package struct ServerHealth: Sendable {
  package internal(set) var definition: HealthConfiguration.Server

  /// The places of its checks in the monitor, in the order of the definition.
  var checks: [Int32]

  /// Whether all checks pass; without checks it always lives.
  package private(set) var isAlive: Bool

  /// Whether an operator keeps new connections away.
  package private(set) var isDrained = false

  /// The configured weight and what checks add to it, within 0 to 65535.
  package private(set) var effectiveWeight: Int

  /// How it stands in the list; `nil` before the first settling.
  package internal(set) var use: ServerUse?

  private var ramp: WeightRamp?

  /// Whether it has failed or was drained since it served last, so that its return is slow.
  private var isReturning: Bool

  init(
    _ definition: HealthConfiguration.Server, checks: [Int32] = [],
    _ summary: CheckSummary = CheckSummary()
  ) {
    self.definition = definition
    self.checks = checks
    isAlive = summary.failedCount == 0
    isReturning = summary.isDown
    effectiveWeight = Self.effective(definition.weight, summary)
  }

  private static func effective(_ weight: Int, _ summary: CheckSummary) -> Int {
    let range = DirectorConfiguration.Server.weightRange
    return min(max(weight + summary.weightShift, range.lowerBound), range.upperBound)
  }

  /// Whether new connections may go there as far as the server is concerned.
  var isServing: Bool { isAlive && !isDrained }

  /// What it counts for the quorum: its full weight, even while that rises.
  package var countedWeight: Int { isServing ? effectiveWeight : 0 }

  /// Whether its weight rises.
  var isRising: Bool { ramp != nil }

  /// When its weight rises next, or `now` when the rise is to be ended; `nil` when it does not rise.
  func nextStep(after now: Instant) -> Instant? { ramp.map { $0.nextStep(after: now) ?? now } }

  /// Takes what its checks say now; answers what there is to tell.
  mutating func note(
    _ summary: CheckSummary, slowStart: Duration, at now: Instant
  ) -> [HealthEvent.Kind] {
    var events: [HealthEvent.Kind] = []
    let weight = Self.effective(definition.weight, summary)
    if weight != effectiveWeight {
      events.append(.weightChanged(from: effectiveWeight, to: weight))
      effectiveWeight = weight
    }
    if summary.isDown { isReturning = true }
    if isAlive != (summary.failedCount == 0) {
      isAlive.toggle()
      events.append(isAlive ? .serverUp : .serverDown(summary.failure))
    }
    return events + beginRamp(slowStart, at: now)
  }

  /// Keeps new connections away, or no longer; answers what there is to tell.
  mutating func setDrained(
    _ drained: Bool, slowStart: Duration, at now: Instant
  ) -> [HealthEvent.Kind] {
    guard drained != isDrained else { return [] }
    isDrained = drained
    if drained { isReturning = true }
    return [drained ? .drained : .undrained] + beginRamp(slowStart, at: now)
  }

  /// Lets the weight of a server that returns rise from 1, and ends the rise of one that left.
  private mutating func beginRamp(_ length: Duration, at now: Instant) -> [HealthEvent.Kind] {
    guard isServing else {
      ramp = nil
      return []
    }
    guard isReturning else { return [] }
    isReturning = false
    guard length > .zero else { return [] }
    let ramp = WeightRamp(start: now, length: length)
    self.ramp = ramp
    return [.slowStartBegan(until: ramp.end)]
  }

  /// Ends a rise whose time is over; answers what there is to tell.
  mutating func endRamp(at now: Instant) -> [HealthEvent.Kind] {
    guard let ramp, ramp.end <= now else { return [] }
    self.ramp = nil
    return [.slowStartEnded]
  }

  /// How it should stand in the list; `isRelieved` while the sorry server serves instead.
  func wantedUse(isRelieved: Bool, at now: Instant) -> ServerUse {
    if isAlive && isDrained { return .weight(0) }
    guard isAlive && !isRelieved else {
      return definition.inhibitsOnFailure ? .weight(0) : .removed
    }
    return .weight(ramp?.weight(of: effectiveWeight, at: now) ?? effectiveWeight)
  }
}
