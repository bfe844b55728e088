import Frames
import TestSupport
import Testing

@testable import Health

@Suite struct HealthMonitorTests {
  private let first = UsualMonitor.server(2)
  private let second = UsualMonitor.server(3)

  @Test func anEmptyOneHasNothingToDo() {
    let usual = UsualMonitor()
    #expect(usual.monitor.nextDeadline == nil)
    #expect(usual.advance(by: .seconds(1000)) == HealthUpdate())
  }

  @Test func aStartSaysWhatToDo() throws {
    let usual = UsualMonitor([.web([1])])
    usual.advance(by: .seconds(1))
    let start = try #require(usual.runs.first)
    #expect(start.service == UsualMonitor.web)
    #expect(start.server == first)
    #expect(start.probe == "tcp")
    #expect(start.deadline == usual.clock.now.advanced(by: .seconds(1)))
    #expect(usual.monitor.nextDeadline == start.deadline.advanced(by: HealthMonitor.resultGrace))
    #expect(usual.monitor.runningCount == 1)
  }

  @Test func startsAreLimitedAndTheRestStaysDue() {
    let usual = UsualMonitor([.web(Array(repeating: 1, count: 10))])
    usual.clock.advance(by: .seconds(1))
    var counts: [Int] = []
    for _ in 0..<4 {
      let update = usual.monitor.advance(to: usual.clock.now, limit: 4)
      usual.take(update)
      counts.append(update.orders.count)
    }
    #expect(counts == [4, 4, 2, 0])
  }

  /// A runner that tells nothing cannot keep a server up, nor is the check started again.
  @Test func aResultThatIsMissingCountsAsAFailureEachInterval() throws {
    let settings = CheckSettings.quick.with { $0.fall = 3 }
    let usual = UsualMonitor([.web([1, 1], settings)])
    usual.run(for: .seconds(2))
    var events: [HealthEvent.Kind] = []
    var startCount = 0
    for _ in 0..<600 {
      let update = usual.advance(by: .milliseconds(10))
      events += update.events.map(\.kind)
      startCount += update.orders.count {
        if case .start(let start) = $0 { start.server == first } else { false }
      }
      usual.finish(second, .success)
    }
    #expect(startCount == 1)
    #expect(events == [.checkDown(probe: "tcp", .lost), .serverDown(.lost)])
    #expect(usual.list == [second: 1])
    // The result comes after all: it is not looked at, and the check goes on.
    #expect(usual.finish(first, .success) == HealthUpdate())
    #expect(usual.monitor.staleResultCount == 1)
    #expect(usual.run(for: .seconds(1)) == [.checkUp(probe: "tcp"), .serverUp])
  }

  @Test func aResultCountsOnce() throws {
    let usual = UsualMonitor([.web([1, 1])])
    usual.advance(by: .seconds(1))
    let start = try #require(usual.runs.first)
    usual.finish(start.server, .success)
    let again = usual.monitor.note(.failure(.refused), of: start.run, at: usual.clock.now)
    #expect(again == HealthUpdate())
    let invented = CheckRun(place: 99, number: 1)
    _ = usual.monitor.note(.failure(.refused), of: invented, at: usual.clock.now)
    let idle = CheckRun(place: start.run.place, number: 0)
    _ = usual.monitor.note(.failure(.refused), of: idle, at: usual.clock.now)
    #expect(usual.monitor.staleResultCount == 3)
    #expect(usual.list.count == 2)
  }

  /// `fall` intervals and one time limit after a server died, it is gone, wherever in the interval it
  /// died.
  @Test(arguments: [Duration.zero, .milliseconds(1), .milliseconds(250), .milliseconds(990)])
  func aDeadServerIsFoundInTime(phase: Duration) {
    let settings = CheckSettings.quick.with {
      $0.fall = 3
      $0.timeout = .milliseconds(500)
    }
    let usual = UsualMonitor([.web([1, 1], settings)])
    usual.run(for: .seconds(3))
    usual.advance(by: phase)
    usual.finish(first, .success)
    usual.finish(second, .success)
    let death = usual.clock.now
    var deadlines: [CheckStart] = []
    while usual.list[first] != nil, death.duration(to: usual.clock.now) < .seconds(9) {
      usual.advance(by: .milliseconds(10))
      usual.finish(second, .success)
      deadlines = usual.runs.filter { $0.server == first && $0.deadline <= usual.clock.now }
      if !deadlines.isEmpty { usual.finish(first, .failure(.timedOut)) }
    }
    #expect(death.duration(to: usual.clock.now) <= .milliseconds(3 * 1000 + 500 + 20))
  }

  @Test func retriesComeInBetweenAndThePlaceStays() {
    let settings = CheckSettings.quick.with {
      $0.interval = .seconds(10)
      $0.retryCount = 2
      $0.retryDelay = .milliseconds(700)
    }
    let usual = UsualMonitor([.web([1], settings)])
    var starts: [Instant] = []
    for _ in 0..<4000 {
      let update = usual.advance(by: .milliseconds(10))
      guard !update.orders.isEmpty else { continue }
      starts.append(usual.clock.now)
      // The second and the third fail.
      usual.finish(first, [2, 3].contains(starts.count) ? .failure(.closed) : .success)
    }
    let gaps = zip(starts, starts.dropFirst()).map { $0.duration(to: $1) }
    #expect(
      gaps == [
        .seconds(10), .milliseconds(700), .milliseconds(700), .milliseconds(8600), .seconds(10),
      ])
    #expect(usual.list == [first: 1])
  }

  /// A check that takes longer than the interval runs over places and keeps to the others.
  @Test func aTimeLimitAboveTheIntervalLeavesPlacesOut() {
    let settings = CheckSettings.quick.with { $0.timeout = .milliseconds(2500) }
    let usual = UsualMonitor([.web([1], settings)])
    var starts: [Instant] = []
    for _ in 0..<1000 {
      let update = usual.advance(by: .milliseconds(10))
      if !update.orders.isEmpty { starts.append(usual.clock.now) }
      if let run = usual.runs.first, run.deadline <= usual.clock.now {
        usual.finish(first, .failure(.timedOut))
      }
    }
    let gaps = Set(zip(starts, starts.dropFirst()).map { $0.duration(to: $1) })
    #expect(gaps == [.seconds(3)])
  }

  /// The same calls give the same answers.
  @Test(arguments: UInt64(1)...3)
  func isDeterministic(seed: UInt64) {
    func story() -> [HealthUpdate] {
      var random = SplitMix64(seed: seed)
      let usual = UsualMonitor([
        .web([1, 2, 3, 4, 5]) {
          $0.slowStart = .seconds(2)
          $0.quorum = 6
          $0.sorryServer = HealthConfiguration.SorryServer(UsualMonitor.server(99))
        }
      ])
      var updates: [HealthUpdate] = []
      for _ in 0..<500 {
        updates.append(usual.advance(by: .milliseconds(20)))
        let servers = usual.runs.map(\.server)
        for server in servers {
          let passes = Int.random(in: 0..<3, using: &random) > 0
          updates.append(usual.finish(server, passes ? .success : .failure(.timedOut)))
        }
      }
      return updates
    }
    let updates = story()
    #expect(updates == story())
    #expect(updates.contains { !$0.changes.isEmpty })
  }

  @Test func settingsOutOfRangeAreNamed() {
    #expect(CheckSettings().violations.isEmpty)
    #expect(CheckSettings.keepalived.violations.isEmpty)
    let settings = CheckSettings.quick.with {
      $0.interval = .milliseconds(99)
      $0.timeout = .zero
      $0.rise = 0
      $0.fall = 101
      $0.retryCount = -1
      $0.retryDelay = .seconds(3601)
      $0.startDelay = .seconds(-1)
      $0.suspicion?.timeout = .seconds(11)
      $0.suspicion?.fall = 0
      $0.suspicion?.delay = .zero
      $0.suspicion?.hold = .zero
    }
    #expect(
      settings.violations.map(\.key) == [
        "interval", "timeout", "rise", "fall", "retry", "delay-before-retry", "start-delay",
        "suspect-timeout", "suspect-fall", "suspect-delay", "suspect-hold",
      ])
    var service = HealthConfiguration.Service.web([1, 70_000])
    service.quorum = 3
    service.hysteresis = 3
    service.slowStart = .seconds(-1)
    service.servers.append(service.servers[0])
    service.servers[0].checks += service.servers[0].checks
    let all = HealthConfiguration(services: [service, service])
    #expect(all.violations.first == SettingViolation("services", wanted: .unique))
    #expect(
      service.violations == [
        SettingViolation("hysteresis", wanted: .integers(0...2)),
        SettingViolation("slow-start", wanted: .durations(.zero ... .seconds(3600))),
        SettingViolation("servers", wanted: .unique), SettingViolation("checks", wanted: .unique),
        SettingViolation("weight", wanted: .integers(0...65_535)),
      ])
  }
}
