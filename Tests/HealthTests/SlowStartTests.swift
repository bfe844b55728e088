import Director
import Frames
import TestSupport
import Testing

@testable import Health

@Suite struct SlowStartTests {
  private let first = UsualMonitor.server(2)
  private let second = UsualMonitor.server(3)

  private func slow(_ weights: [Int], _ length: Duration = .seconds(10)) -> UsualMonitor {
    UsualMonitor([.web(weights) { $0.slowStart = length }])
  }

  @Test func theWeightRisesInALine() {
    let ramp = WeightRamp(start: .zero.advanced(by: .seconds(5)), length: .seconds(10))
    func weight(_ full: Int, _ milliseconds: Int) -> Int {
      ramp.weight(of: full, at: ramp.start.advanced(by: .milliseconds(milliseconds)))
    }
    #expect(
      [0, 1000, 5000, 9999, 10_000, 20_000].map { weight(101, $0) } == [1, 11, 51, 100, 101, 101])
    #expect([0, 9999, 10_000].map { weight(2, $0) } == [1, 1, 2])
    #expect([0, 5000, 10_000].map { weight(65_535, $0) } == [1, 32_768, 65_535])
    #expect(weight(1, 0) == 1)
    #expect(weight(0, 0) == 0)
    #expect(weight(101, -1000) == 1)
  }

  @Test(arguments: [Duration.milliseconds(1), .milliseconds(350), .seconds(10), .seconds(3600)])
  func stepsAreBounded(length: Duration) {
    let ramp = WeightRamp(start: .zero, length: length)
    var steps: [Instant] = []
    var now = Instant.zero
    while let step = ramp.nextStep(after: now) {
      steps.append(step)
      now = step
    }
    #expect(steps.last == ramp.end)
    #expect(steps.count <= WeightRamp.stepCount + 1)
    for (one, next) in zip(steps, steps.dropFirst().dropLast()) {
      #expect(one.duration(to: next) >= WeightRamp.shortestStep)
    }
  }

  @Test func aServerThatReturnsRisesFromOne() {
    let usual = slow([100, 100])
    #expect(usual.list == [first: 100, second: 100], "not at the start")
    usual.fail(first)
    let events = usual.run(for: .seconds(1))
    guard case .slowStartBegan(let end)? = events.last else {
      Issue.record("no slow start: \(events)")
      return
    }
    #expect(events.dropLast() == [.checkUp(probe: "tcp"), .serverUp])
    var weights: [Int] = [usual.list[first] ?? -1]
    var changes = 0
    while usual.clock.now < end {
      usual.run(for: .milliseconds(10))
      let weight = usual.list[first] ?? -1
      if weight != weights.last {
        weights.append(weight)
        changes += 1
      }
      let elapsed = end.advanced(by: .seconds(-10)).duration(to: usual.clock.now)
      let line = 1 + Int(Double(99) * (elapsed / .seconds(10)))
      #expect((line - 2...line).contains(weight), "at \(elapsed)")
    }
    #expect(weights == weights.sorted())
    #expect(weights.last == 100)
    #expect(changes <= 65)
    #expect(usual.list[second] == 100)
  }

  @Test func itEndsWithAnEventAndNothingMoreToDo() {
    let usual = slow([5], .seconds(1))
    usual.fail(first)
    let events = usual.run(for: .seconds(3))
    #expect(events.last == .slowStartEnded)
    #expect(usual.list == [first: 5])
    #expect(usual.monitor.ramps.count == 0)
  }

  /// A result comes after the end and before anybody looked.
  @Test func itsEndIsNotMissed() {
    let usual = slow([5, 5], .seconds(1))
    usual.fail(first)
    usual.run(for: .seconds(1))
    #expect(usual.monitor.ramps.count == 1)
    usual.clock.advance(by: .seconds(2))
    let now = usual.clock.now
    var update = HealthUpdate()
    usual.monitor.settle(0, changed: 1, at: now, update: &update)
    #expect(usual.monitor.nextDeadline.map { $0 <= now } == true)
    let events = usual.advance().events.map(\.kind)
    #expect(events.contains(.slowStartEnded))
    #expect(usual.list == [first: 5, second: 5])
    #expect(usual.monitor.ramps.count == 0)
  }

  @Test func aFailureEndsIt() {
    let usual = slow([100, 100])
    usual.fail(first)
    usual.run(for: .seconds(3))
    usual.fail(first)
    #expect(usual.list == [second: 100])
    #expect(usual.monitor.ramps.count == 0)
    usual.run(for: .seconds(1))
    #expect((1...11).contains(usual.list[first] ?? 0), "from one again")
  }

  @Test func anUndrainedServerRisesToo() {
    let usual = slow([100, 100])
    let selection = ServerSelection(first.address)
    usual.monitor.setDrained(true, selection, at: usual.clock.now).map { _ = usual.take($0) }
    usual.run(for: .seconds(1))
    usual.monitor.setDrained(false, selection, at: usual.clock.now).map { _ = usual.take($0) }
    #expect(usual.list == [first: 1, second: 100])
    usual.run(for: .seconds(11))
    #expect(usual.list == [first: 100, second: 100])
  }

  /// With alpha, too: nobody has failed yet.
  @Test func theFirstSuccessGivesFullWeight() {
    let alpha = CheckSettings.quick.with { $0.startsFailed = true }
    let usual = UsualMonitor([.web([100], alpha) { $0.slowStart = .seconds(10) }])
    usual.run(for: .seconds(1))
    #expect(usual.list == [first: 100])
    let late = UsualMonitor([.web([100], alpha) { $0.slowStart = .seconds(10) }])
    late.run(for: .seconds(1), [first: .failure(.refused)])
    late.run(for: .seconds(1))
    #expect((1...11).contains(late.list[first] ?? 0), "this one has failed")
  }

  /// The quorum counts the full weight of a server whose weight rises.
  @Test func theQuorumDoesNotWait() {
    let usual = UsualMonitor([
      .web([100, 100]) {
        $0.quorum = 150
        $0.slowStart = .seconds(60)
      }
    ])
    usual.run(for: .seconds(1))
    usual.fail(first)
    let events = usual.run(for: .seconds(1))
    #expect(events.contains(.quorumGained(weight: 200, needed: 150)))
  }
}
