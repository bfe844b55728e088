import Configuration
import Control
import Director
import Foundation
import Frames
import Health
import LinkIO
import TestSupport
import Testing
import Wire

@testable import Appliance

/// Events, drains, health and changes of the configuration, as the loop joins them.
@Suite struct ChangesTests {
  private func order(
    _ command: ControlCommand, _ bench: Bench, _ change: (inout ControlRequest) -> Void = { _ in }
  ) -> ControlResponse? {
    var request = ControlRequest(command)
    change(&request)
    switch bench.loop.obey(request) {
    case .done(let response): return response
    case .later: return nil
    }
  }

  private func names(_ bench: Bench) -> [EventName] {
    bench.loop.events(after: 0, limit: .max).events.map(\.event)
  }

  @Test func eventsAreNumberedAndTheOldestForgotten() throws {
    var log = EventLog()
    let time = Date(timeIntervalSince1970: 1.25)
    let first = log.append(EventReport(.serverUp), at: time)
    #expect(first.sequence == 1 && first.time == "1970-01-01T00:00:01.250Z")
    for _ in 0..<3000 { _ = log.append(EventReport(.serverDown), at: time) }
    let (events, lost) = log.events(after: 0, limit: .max)
    #expect(events.count == EventLog.limit)
    #expect(lost == 3001 - UInt64(EventLog.limit))
    #expect(events.map(\.sequence) == Array(lost + 1...3001))
    let last = log.events(after: 2999, limit: 1)
    #expect(last.events.map(\.sequence) == [3000] && last.lost == 0)
    let none = log.events(after: 3001, limit: 9)
    #expect(none.events.isEmpty && none.lost == 0)
  }

  private func health(_ bench: Bench) -> HealthReport? {
    bench.loop.status().services.first?.servers.first?.health
  }

  @Test func aDrainKeepsConnectionsAndEndsByTime() throws {
    let bench = try Bench("drain", health: true)
    bench.outside.link?.put(Bench.syn(from: 40000))
    try bench.turn()
    let drained = order(.drain, bench) {
      $0.server = "10.0.0.2"
      $0.timeoutSeconds = 5
      $0.reset = true
    }
    #expect(drained?.drains?.servers.map(\.left) == [1])
    #expect(health(bench)?.state == .drained)
    // A client that comes now finds nobody.
    bench.outside.link?.put(Bench.syn(from: 40001))
    try bench.turn()
    #expect(bench.loop.director.connectionCount == 1)
    bench.time.clock.advance(by: .seconds(5))
    try bench.turn()
    #expect(names(bench).suffix(3) == [.drained, .quorumLost, .drainTimedOut])
    let undrained = order(.undrain, bench) { $0.server = "10.0.0.2:8080" }
    #expect(undrained?.ok == true)
    #expect(health(bench)?.state == .unchecked)
  }

  @Test func anEmptyDrainIsTold() throws {
    let bench = try Bench("empty", health: true)
    _ = order(.drain, bench) { $0.server = "10.0.0.2" }
    try bench.turn()
    bench.time.clock.advance(by: .milliseconds(200))
    try bench.turn()
    #expect(names(bench).suffix(3) == [.drained, .quorumLost, .drainEnded])
  }

  @Test(
    arguments: [
      ("10.0.0.99", nil), ("here", nil), ("10.0.0.2:x", nil), ("10.0.0.2", "192.0.2.100:80"),
      ("10.0.0.2", "192.0.2.100:81/tcp"), (nil, nil),
    ] as [(String?, String?)]) func whatIsNoServerIsRefused(_ server: String?, _ service: String?)
    throws
  {
    let bench = try Bench("none-\(UInt32.random(in: 0 ... .max))", health: true)
    for command in [ControlCommand.drain, .undrain] {
      let response = order(command, bench) {
        $0.server = server
        $0.service = service
      }
      #expect(response?.ok == false && response?.error?.isEmpty == false)
    }
  }

  @Test func checksDecideWhoServes() throws {
    let runner = FakeRunner()
    let bench = try Bench("checks", health: true, checks: [.init("tcp")], runner: runner)
    bench.time.clock.advance(by: .seconds(2))
    try bench.turn()
    for _ in 0..<3 {
      runner.answer(.failure(.refused))
      bench.loop.takeCheckResults()
      bench.time.clock.advance(by: .seconds(2))
      try bench.turn()
    }
    let report = try #require(health(bench))
    #expect(report.state == .down && report.failure == "refused")
    #expect(bench.loop.director.serviceSnapshots.first?.destinations.count == 0)
    #expect(names(bench).suffix(3) == [.checkDown, .serverDown, .quorumLost])
    for _ in 0..<2 {
      runner.answer(.success)
      bench.loop.takeCheckResults()
      bench.time.clock.advance(by: .seconds(2))
      try bench.turn()
    }
    #expect(health(bench)?.state == .up)
    #expect(bench.loop.director.serviceSnapshots.first?.destinations.map(\.weight) == [1])
  }

  @Test func plansTellWhatChanges() throws {
    let text = """
      version: 1
      ports:
        wan: { tap: w, mac: "02:00:00:00:00:01", addresses: [192.0.2.10/24], gateway: 192.0.2.1 }
        lan: { tap: l, mac: "02:00:00:00:00:02", addresses: [10.0.0.1/24] }
      services:
        - { address: 192.0.2.100, port: 80, servers: [{ address: 10.0.0.2 }, { address: 10.0.0.3 }] }
        - { address: 192.0.2.100, port: 81, when-removed: keep, servers: [{ address: 10.0.0.2 }] }

      """
    func parse(_ text: String) throws -> ApplianceConfiguration {
      try ApplianceConfiguration.parse(text, file: "f")
    }
    let old = try parse(text)
    #expect(ConfigurationPlan(from: old, to: old).items.isEmpty)
    let new = try parse(
      text.replacingOccurrences(of: "{ address: 10.0.0.3 }", with: "{ address: 10.0.0.4 }")
        .replacingOccurrences(of: "port: 81", with: "port: 82")
        .replacingOccurrences(
          of: "[{ address: 10.0.0.2 }, {", with: "[{ address: 10.0.0.2, weight: 0 }, {"))
    let plan = ConfigurationPlan(from: old, to: new)
    let lines = plan.items.map { item in
      [item.kind.rawValue, item.service, item.server, item.key, item.effect].compactMap(\.self)
        .joined(separator: " ")
    }
    #expect(
      lines == [
        """
        changed 192.0.2.100:80/tcp 10.0.0.2:80 weight it gets no new connections, and keeps those \
        it has
        """,
        "added 192.0.2.100:80/tcp 10.0.0.4:80 it gets new connections",
        "removed 192.0.2.100:80/tcp 10.0.0.3:80 its connections are reset",
        "added 192.0.2.100:82/tcp",
        "removed 192.0.2.100:81/tcp its connections go on",
      ])
    #expect(plan.restart.isEmpty)
    let other = try parse(text.replacingOccurrences(of: "tap: w", with: "tap: x"))
    #expect(
      ConfigurationPlan(from: old, to: other).restart == ["another TAP, or another way to open it"])
  }
}

/// Runs nothing: the test says how the runs that wait have ended.
final class FakeRunner: CheckRunning {
  let descriptor: Int32 = -1
  private var waiting: [CheckRun] = []
  private var results: [(run: CheckRun, result: CheckResult)] = []

  func setProbes(_ probes: [String: CheckProbe]) {}

  func run(_ orders: [CheckOrder]) {
    for order in orders {
      if case .start(let start) = order { waiting.append(start.run) }
    }
  }

  /// Ends all runs that wait.
  func answer(_ result: CheckResult) {
    results += waiting.map { ($0, result) }
    waiting = []
  }

  func takeResults() -> [(run: CheckRun, result: CheckResult)] {
    defer { results = [] }
    return results
  }

  func stop() {}
}
