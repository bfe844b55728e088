import Frames
import TestSupport
import Testing

@testable import Director

/// The wheel against a list of deadlines.
@Suite struct TimerWheelTests {
  private static let tick = Duration.milliseconds(1 << Int64(TimerWheel.tickShift))
  private static let circle = tick * TimerWheel.slotCount

  /// All timers that are due, of which those that are not over yet are put back, as the director
  /// does.
  private func removeDue(
    _ wheel: inout TimerWheel, _ deadlines: [Int: Instant], at now: Instant
  ) -> Set<Int> {
    var ended: Set<Int> = []
    while let place = wheel.removeDue(at: now) {
      guard let deadline = deadlines[place] else {
        Issue.record("the timer of place \(place) was removed, or never added")
        continue
      }
      if deadline > now { wheel.add(place, due: deadline) } else { ended.insert(place) }
    }
    return ended
  }

  private func step(_ random: inout SplitMix64) -> Duration {
    switch Int.random(in: 0..<20, using: &random) {
    case 0: .seconds(Int.random(in: 0...40_000, using: &random))
    case 1...3: .seconds(Int.random(in: 0...900, using: &random))
    case 4...6: .zero
    default: .nanoseconds(Int.random(in: 0...400_000_000, using: &random))
    }
  }

  @Test(arguments: UInt64(1)..<9)
  func behavesAsAListOfDeadlines(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var clock = ManualClock(
      at: Instant(nanoseconds: UInt64.random(in: 0...1 << 60, using: &random)))
    let placeCount = 64
    var wheel = try TimerWheel(placeCount: placeCount, at: clock.now)
    var deadlines: [Int: Instant] = [:]
    var endedCount = 0
    for _ in 0..<3000 {
      let place = Int.random(in: 0..<placeCount, using: &random)
      if deadlines[place] == nil {
        // Up to twice the circle away.
        let delay = Duration.milliseconds(
          Int.random(in: 0...(Bool.random(using: &random) ? 2000 : 2_100_000), using: &random))
        let deadline = clock.now.advanced(by: delay)
        wheel.add(place, due: deadline)
        deadlines[place] = deadline
      } else if Int.random(in: 0..<4, using: &random) == 0 {
        wheel.remove(place)
        deadlines[place] = nil
      }
      guard Int.random(in: 0..<4, using: &random) == 0 else { continue }
      clock.advance(by: step(&random))
      let ended = removeDue(&wheel, deadlines, at: clock.now)
      for (place, deadline) in deadlines {
        let lateness = deadline.duration(to: clock.now)
        if lateness < .zero { #expect(!ended.contains(place), "\(lateness) early") }
        if lateness >= Self.tick { #expect(ended.contains(place), "\(lateness) late") }
      }
      for place in ended { deadlines[place] = nil }
      endedCount += ended.count
    }
    #expect(endedCount > 500)
  }

  /// Never early, at most a tick late, for deadlines at and around the borders of ticks.
  @Test(arguments: [
    0, 1, 127, 128, 129, 255, 256, 10_000, 900_000, 1_048_448, 1_048_576, 3_000_000,
  ])
  func isDueWithinATick(milliseconds: Int) throws {
    for offset in [0, 1, 63, 127] {
      var clock = ManualClock(at: Instant(nanoseconds: UInt64(offset) * 1_000_000 + 500))
      let deadline = clock.now.advanced(by: .milliseconds(milliseconds))
      var wheel = try TimerWheel(placeCount: 4, at: clock.now)
      wheel.add(2, due: deadline)
      clock.advance(by: .milliseconds(milliseconds) - .nanoseconds(1))
      let early = removeDue(&wheel, [2: deadline], at: clock.now)
      #expect(early.isEmpty)
      clock.advance(by: Self.tick)
      let due = removeDue(&wheel, [2: deadline], at: clock.now)
      #expect(due == [2])
      let again = wheel.removeDue(at: clock.now.advanced(by: .seconds(9999)))
      #expect(again == nil)
    }
  }

  /// A timer that the circle reaches is not looked at before its time.
  @Test(arguments: [129, 1000, 10_000, 120_000, 900_000])
  func isNotLookedAtEarly(milliseconds: Int) throws {
    let now = ManualClock().now
    let deadline = now.advanced(by: .milliseconds(milliseconds))
    var wheel = try TimerWheel(placeCount: 4, at: now)
    wheel.add(1, due: deadline)
    for step in 0..<8 {
      let early = wheel.removeDue(at: now.advanced(by: .milliseconds(milliseconds * step / 8)))
      #expect(early == nil)
    }
    let due = wheel.removeDue(at: deadline.advanced(by: Self.tick))
    #expect(due == 1)
  }

  @Test func removesFromAnyPlaceOfASlot() throws {
    let now = ManualClock().now
    let deadline = now.advanced(by: .seconds(5))
    for removed in 0..<4 {
      var wheel = try TimerWheel(placeCount: 4, at: now)
      for place in 0..<4 { wheel.add(place, due: deadline) }
      wheel.remove(removed)
      var deadlines = Dictionary(uniqueKeysWithValues: (0..<4).map { ($0, deadline) })
      deadlines[removed] = nil
      let ended = removeDue(&wheel, deadlines, at: deadline.advanced(by: Self.tick))
      #expect(ended == Set(deadlines.keys))
    }
  }

  /// Who looks at a few timers at a time finds the rest later.
  @Test func goesOnWhereItWasLeft() throws {
    var clock = ManualClock()
    var wheel = try TimerWheel(placeCount: 1000, at: clock.now)
    for place in 0..<1000 {
      wheel.add(place, due: clock.now.advanced(by: .milliseconds(place * 10)))
    }
    clock.advance(by: .seconds(20_000))
    var found: Set<Int> = []
    while let place = wheel.removeDue(at: clock.now) {
      found.insert(place)
      if found.count.isMultiple(of: 100) { clock.advance(by: .seconds(3000)) }
    }
    #expect(found.count == 1000)
  }
}
