import Director
import Frames
import TestSupport
import Testing

@testable import Health

@Suite struct SuspicionTests {
  private static let settings = CheckSettings.quick.with {
    $0.interval = .seconds(5)
    $0.timeout = .seconds(2)
    $0.fall = 3
    $0.rise = 2
    $0.retryCount = 2
  }

  /// A check with a clock.
  private final class Subject {
    var clock = ManualClock()
    var state: CheckState

    /// A check that has passed.
    init() {
      state = CheckState(at: clock.now)
      _ = state.note(.success, SuspicionTests.settings, at: clock.now)
    }

    func suspect(_ settings: CheckSettings = SuspicionTests.settings) -> Bool {
      state.suspect(settings, at: clock.now)
    }

    @discardableResult
    func note(
      _ result: CheckResult, isShort: Bool = true,
      _ settings: CheckSettings = SuspicionTests.settings
    ) -> CheckOutcome {
      state.note(result, isShort: isShort, settings, at: clock.now)
    }

    /// The time `milliseconds` from now.
    func later(_ milliseconds: Int) -> Instant {
      clock.now.advanced(by: .milliseconds(milliseconds))
    }
  }

  @Test func shortChecksUntilEnoughFailed() {
    let check = Subject()
    #expect(check.state.timeout(Self.settings) == .seconds(2))
    #expect(check.suspect())
    #expect(!check.suspect(), "once at a time")
    #expect(check.state.timeout(Self.settings) == .milliseconds(200))
    #expect(check.note(.failure(.timedOut)) == CheckOutcome(next: .at(check.later(50))))
    #expect(check.note(.failure(.timedOut)) == CheckOutcome(entered: .down))
    #expect(!check.state.isSuspected)
    #expect(check.state.timeout(Self.settings) == .seconds(2))
    #expect(!check.suspect(), "it is down already")
  }

  /// A script that usually takes half a second does not fail for being suspected.
  @Test(arguments: [(0, 200), (20, 200), (100, 200), (101, 202), (500, 1000), (1500, 2000)])
  func whoeverUsuallyAnswersLateGetsMoreTime(length: Int, timeout: Int) {
    let check = Subject()
    _ = check.state.note(
      .success, after: .milliseconds(length), Self.settings, at: check.clock.now)
    _ = check.state.note(
      .failure(.timedOut), after: .seconds(2), Self.settings, at: check.clock.now)
    #expect(check.suspect())
    #expect(check.state.timeout(Self.settings) == .milliseconds(timeout))
  }

  @Test func theMonitorMeasuresHowLongAnswersTake() {
    let usual = UsualMonitor([.web([1], Self.settings)])
    let server = UsualMonitor.server(2)
    usual.advance(by: .seconds(5))
    usual.advance(by: .milliseconds(400))
    usual.finish(server, .success)
    usual.take(usual.monitor.suspect(server, of: UsualMonitor.web, .silence, at: usual.clock.now))
    usual.advance()
    #expect(usual.runs.first?.deadline == usual.clock.now.advanced(by: .milliseconds(800)))
  }

  @Test func aSuccessClearsForAWhile() {
    let check = Subject()
    #expect(check.suspect())
    check.note(.failure(.refused))
    #expect(check.note(.success) == CheckOutcome(isCleared: true))
    check.clock.advance(by: .milliseconds(499))
    #expect(!check.suspect())
    check.clock.advance(by: .milliseconds(1))
    #expect(check.suspect())
    #expect(check.state.suspectCount == 0)
  }

  /// The check ran already: its success says nothing of what came after its start.
  @Test func anEarlierSuccessClearsNothing() {
    let check = Subject()
    #expect(check.suspect())
    #expect(check.note(.success, isShort: false) == CheckOutcome(next: .at(check.clock.now)))
    #expect(check.state.isSuspected)
  }

  @Test func anEarlierFailureCounts() {
    let check = Subject()
    #expect(check.suspect())
    check.note(.failure(.timedOut), isShort: false)
    #expect(check.note(.failure(.timedOut)).entered == .down)
  }

  @Test func concernsOnlyChecksThatWantIt() {
    let check = Subject()
    #expect(!check.suspect(Self.settings.with { $0.suspicion = nil }))
    check.state = CheckState(at: check.clock.now)
    #expect(!check.suspect(Self.settings.with { $0.startsFailed = true }))
  }

  /// A reload that takes suspicion away while it lasts.
  @Test func endsWhenItIsNotWantedAnyMore() {
    let others = Self.settings.with { $0.suspicion = nil }
    let check = Subject()
    #expect(check.suspect())
    #expect(check.state.timeout(others) == .seconds(2))
    let outcome = check.note(.failure(.refused), others)
    #expect(outcome.next == .at(check.later(1000)), "a repetition")
    #expect(!check.state.isSuspected)
  }

  @Test func theMonitorChecksASuspectAtOnce() {
    let usual = UsualMonitor([.web([1, 1], Self.settings)])
    let server = UsualMonitor.server(2)
    usual.run(for: .seconds(6))
    let events = usual.take(
      usual.monitor.suspect(server, of: UsualMonitor.web, .silence, at: usual.clock.now))
    #expect(events == [.suspected(.silence)])
    usual.advance()
    #expect(usual.runs.map(\.server) == [server])
    #expect(usual.runs.first?.deadline == usual.clock.now.advanced(by: .milliseconds(200)))
    usual.advance(by: .milliseconds(200))
    #expect(usual.finish(server, .failure(.timedOut)).events.isEmpty)
    usual.advance(by: .milliseconds(50))
    usual.advance(by: .milliseconds(200))
    let update = usual.finish(server, .failure(.timedOut))
    #expect(
      update.events.map(\.kind) == [
        .checkDown(probe: "tcp", .timedOut), .serverDown(.timedOut),
      ])
    #expect(usual.list == [UsualMonitor.server(3): 1], "450 ms after the suspicion")
  }

  @Test func aRunThatWaitsIsShortened() throws {
    let usual = UsualMonitor([.web([1], Self.settings)])
    let server = UsualMonitor.server(2)
    usual.advance(by: .seconds(5))
    let start = try #require(usual.runs.first)
    let update = usual.monitor.suspect(server, of: UsualMonitor.web, .reset, at: usual.clock.now)
    let deadline = usual.clock.now.advanced(by: .milliseconds(200))
    #expect(update.orders == [.shorten(start.run, to: deadline)])
    usual.finish(server, .failure(.timedOut))
    usual.advance(by: .milliseconds(50))
    #expect(usual.runs.count == 1)
    #expect(usual.finish(server, .success).events.map(\.kind) == [.cleared(probe: "tcp")])
    #expect(usual.list == [server: 1])
  }

  /// The success of a run that began before the suspicion clears nothing: the short check follows.
  @Test func aRunFromBeforeIsFollowedByAShortCheck() {
    let usual = UsualMonitor([.web([1], Self.settings)])
    let server = UsualMonitor.server(2)
    usual.advance(by: .seconds(5))
    usual.take(usual.monitor.suspect(server, of: UsualMonitor.web, .reset, at: usual.clock.now))
    #expect(usual.finish(server, .success) == HealthUpdate())
    usual.advance()
    #expect(usual.runs.count == 1)
    #expect(usual.finish(server, .success).events.map(\.kind) == [.cleared(probe: "tcp")])
  }

  /// A run that was shortened is missed a second after its new deadline, and when it ends after all,
  /// the suspicion goes on at once.
  @Test func aShortenedRunThatTellsNothingIsMissed() {
    let usual = UsualMonitor([.web([1], Self.settings)])
    let server = UsualMonitor.server(2)
    usual.advance(by: .seconds(5))
    usual.take(usual.monitor.suspect(server, of: UsualMonitor.web, .silence, at: usual.clock.now))
    usual.advance(by: .milliseconds(1199))
    #expect(usual.monitor.records[0].isLost == false)
    usual.advance(by: .milliseconds(1))
    #expect(usual.monitor.records[0].isLost)
    #expect(usual.list == [server: 1], "one failure of two")
    usual.finish(server, .success)
    usual.advance()
    #expect(usual.runs.count == 1)
    let update = usual.finish(server, .failure(.refused))
    #expect(update.events.first?.kind == .checkDown(probe: "tcp", .refused))
    #expect(usual.list.isEmpty)
  }

  @Test func nothingFollowsForStrangers() {
    let usual = UsualMonitor([.web([1], Self.settings)])
    let now = usual.clock.now
    let other = ServiceName(.udp, UsualMonitor.web.endpoint)
    let stranger = UsualMonitor.server(77)
    let first = usual.monitor.suspect(UsualMonitor.server(2), of: other, .reset, at: now)
    #expect(first == HealthUpdate())
    let second = usual.monitor.suspect(stranger, of: UsualMonitor.web, .reset, at: now)
    #expect(second == HealthUpdate())
  }

  /// However often traffic raises suspicion, a server that passes is checked at most each hold time
  /// more often than without.
  @Test func aStormOfSuspicionsIsBounded() {
    let usual = UsualMonitor([.web([1], Self.settings)])
    var startCount = 0
    for _ in 0..<1000 {
      usual.take(
        usual.monitor.suspect(
          UsualMonitor.server(2), of: UsualMonitor.web, .reset, at: usual.clock.now))
      startCount += usual.advance(by: .milliseconds(10)).orders.count
      usual.finish(UsualMonitor.server(2), .success)
    }
    #expect(startCount <= 10 * 2 + 3, "10 seconds, a hold of 500 ms, an interval of 5 s")
    #expect(startCount >= 15)
  }
}
