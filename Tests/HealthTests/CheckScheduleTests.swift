import Frames
import TestSupport
import Testing

@testable import Health

@Suite struct CheckScheduleTests {
  /// The starts of all checks between now and `duration` later, in steps of `tick`; each check
  /// finishes at once.
  private static func starts(
    _ schedule: inout CheckSchedule, _ clock: inout ManualClock, for duration: Duration,
    tick: Duration = .milliseconds(10)
  ) -> [(place: Int, at: Instant)] {
    var starts: [(Int, Instant)] = []
    let end = clock.now.advanced(by: duration)
    while clock.now < end {
      let now = clock.advance(by: tick)
      while case .start(let place)? = schedule.takeDue(at: now) {
        schedule.watch(place, until: now.advanced(by: .seconds(1)))
        schedule.finish(place, next: .regular, at: now)
        starts.append((place, now))
      }
    }
    return starts
  }

  private static func schedule(
    _ count: Int, interval: Duration, at now: Instant
  ) -> CheckSchedule {
    var schedule = CheckSchedule()
    for place in 0..<count { schedule.add(place, interval: interval, at: now) }
    return schedule
  }

  /// How many starts fall into the fullest slot of 10 ms.
  private static func fullest(_ starts: [(place: Int, at: Instant)]) -> Int {
    Dictionary(grouping: starts) { $0.at.nanoseconds / 10_000_000 }.values.map(\.count).max() ?? 0
  }

  @Test(arguments: [UInt64(0), 1, 999_999_999, 1_234_567_890_123])
  func aThousandChecksAreSpreadFromTheBeginning(time: UInt64) {
    var clock = ManualClock(at: Instant(nanoseconds: time))
    var schedule = Self.schedule(1000, interval: .seconds(1), at: clock.now)
    let starts = Self.starts(&schedule, &clock, for: .seconds(3))
    #expect((2990...3010).contains(starts.count))
    #expect(Self.fullest(starts) <= 13, "10 on average")
  }

  /// After removals and additions, and for a part of the checks, too.
  @Test(arguments: UInt64(1)...4)
  func theyStaySpreadWhenSomeComeAndGo(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var clock = ManualClock()
    var schedule = Self.schedule(1000, interval: .seconds(1), at: clock.now)
    var count = 1000
    for _ in 0..<500 {
      let place = Int.random(in: 0..<1000, using: &random)
      if schedule.due(of: place) != nil {
        schedule.remove(place)
        count -= 1
      } else {
        schedule.add(place, interval: .seconds(1), at: clock.now)
        count += 1
      }
      clock.advance(by: .milliseconds(Int.random(in: 0..<7, using: &random)))
    }
    #expect(schedule.count == count)
    // What waited while nobody looked comes at once; then all is as before.
    _ = Self.starts(&schedule, &clock, for: .seconds(1))
    let starts = Self.starts(&schedule, &clock, for: .seconds(1))
    #expect(starts.count == count)
    #expect(Self.fullest(starts) <= 20)
    let part = starts.filter { $0.place.isMultiple(of: 4) }
    #expect(Self.fullest(part) <= 10, "of about 250")
  }

  @Test func eachIntervalIsSpreadForItself() {
    var clock = ManualClock()
    var schedule = CheckSchedule()
    for place in 0..<1000 {
      schedule.add(place, interval: .seconds(place.isMultiple(of: 2) ? 1 : 5), at: clock.now)
    }
    _ = Self.starts(&schedule, &clock, for: .seconds(5))
    let starts = Self.starts(&schedule, &clock, for: .seconds(5))
    #expect(starts.count == 2500 + 500)
    #expect(Self.fullest(starts) <= 12, "6 on average")
  }

  @Test func theFirstChecksAreSpreadOverTheStartDelay() {
    var clock = ManualClock()
    var schedule = CheckSchedule()
    let delay = Duration.milliseconds(500)
    for place in 0..<100 {
      schedule.add(place, interval: .seconds(60), startDelay: delay, at: clock.now)
    }
    let starts = Self.starts(&schedule, &clock, for: .milliseconds(500))
    #expect(Set(starts.map(\.place)).count == 100)
    #expect(Self.fullest(starts) <= 6, "2 on average, and those whose place comes right after")
    schedule.add(100, interval: .seconds(60), startDelay: .zero, at: clock.now)
    #expect(schedule.due(of: 100) == clock.now)
  }

  /// A check that ran late or over its place is back there the next time.
  @Test func aCheckKeepsItsPlaceWhateverComesBetween() {
    let interval = Duration.seconds(1)
    var clock = ManualClock()
    var schedule = Self.schedule(8, interval: interval, at: clock.now)
    let first = schedule.due(of: 5)
    clock.advance(by: .milliseconds(2700))
    while case .start(let place)? = schedule.takeDue(at: clock.now) {
      schedule.watch(place, until: clock.now.advanced(by: .seconds(9)))
    }
    clock.advance(by: .milliseconds(1300))
    for place in 0..<8 { schedule.finish(place, next: .regular, at: clock.now) }
    #expect(schedule.due(of: 5) == first.map { $0.advanced(by: .seconds(4)) })
    schedule.finish(3, next: .at(clock.now.advanced(by: .milliseconds(1))), at: clock.now)
    #expect(schedule.nextDue == clock.now.advanced(by: .milliseconds(1)))
  }

  @Test func anotherIntervalLeavesTheOthersWhereTheyAre() {
    var clock = ManualClock()
    var schedule = Self.schedule(10, interval: .seconds(10), at: clock.now)
    clock.advance(by: .milliseconds(1))
    let before = (0..<10).map { schedule.due(of: $0) }
    schedule.retune(4, interval: .seconds(1), at: clock.now)
    for place in 0..<10 where place != 4 { #expect(schedule.due(of: place) == before[place]) }
    #expect(schedule.due(of: 4).map { $0 <= clock.now.advanced(by: .seconds(1)) } == true)
  }

  /// Checks that are started, finish, are late, come and go at random: none is started while it
  /// runs, and none is started more than a tick after it was due.
  @Test(arguments: UInt64(1)...8)
  func neverTwiceAndNeverLate(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var clock = ManualClock(
      at: Instant(nanoseconds: UInt64.random(in: 0..<1 << 50, using: &random)))
    let tick = Duration.milliseconds(5)
    let intervals = [Duration.milliseconds(100), .milliseconds(730), .seconds(2)]
    var schedule = CheckSchedule()
    var running: Set<Int> = []
    /// When each check that does not run should start.
    var due: [Int: Instant] = [:]
    var startCount = 0
    for _ in 0..<4000 {
      let now = clock.advance(by: tick)
      while let next = schedule.takeDue(at: now) {
        switch next {
        case .start(let place):
          #expect(running.insert(place).inserted, "started twice, seed \(seed)")
          let lateness = due.removeValue(forKey: place).map { $0.duration(to: now) }
          #expect(lateness.map { $0 >= .zero && $0 <= tick } == true, "seed \(seed)")
          schedule.watch(place, until: now.advanced(by: .milliseconds(300)))
          startCount += 1
        case .late(let place):
          #expect(running.contains(place))
          schedule.watch(place, until: now.advanced(by: .milliseconds(300)))
        }
      }
      for _ in 0..<5 {
        let place = Int.random(in: 0..<40, using: &random)
        if running.contains(place) {
          let next: CheckOutcome.Next =
            Bool.random(using: &random) ? .regular : .at(now.advanced(by: .milliseconds(40)))
          schedule.finish(place, next: next, at: now)
          running.remove(place)
        } else if due[place] != nil {
          switch Int.random(in: 0..<20, using: &random) {
          case 0:
            schedule.remove(place)
            #expect(schedule.due(of: place) == nil)
          case 1: schedule.retune(place, interval: intervals[0], at: now)
          case 2:
            let isHastened = schedule.hasten(place, to: now)
            #expect(isHastened)
          default: break
          }
        } else if let interval = intervals.randomElement(using: &random) {
          schedule.add(place, interval: interval, at: now)
        }
        due[place] = schedule.isRunning(place) ? nil : schedule.due(of: place)
      }
      #expect(schedule.count == running.count + due.count)
    }
    #expect(startCount > 500)
  }

  @Test func aRunningCheckCannotBeHastened() {
    var schedule = Self.schedule(1, interval: .seconds(1), at: .zero)
    let now = Instant.zero.advanced(by: .seconds(1))
    let later = now.advanced(by: .seconds(1))
    let started = schedule.takeDue(at: now)
    schedule.watch(0, until: later)
    let isHastened = schedule.hasten(0, to: now)
    let early = schedule.takeDue(at: now)
    let late = schedule.takeDue(at: later)
    #expect(started == .start(0))
    #expect(!isHastened)
    #expect(early == nil)
    #expect(late == .late(0))
  }
}
