import Director
import Frames
import TestSupport
import Testing

@testable import Health

private typealias Kind = HealthEvent.Kind

/// What failed checks, drains and weights make of a server's place in the list.
@Suite struct ServerHealthTests {
  private let first = UsualMonitor.server(2)
  private let second = UsualMonitor.server(3)

  @Test func aServerWithoutChecksIsAlwaysUp() {
    let usual = UsualMonitor([.web([3, 4]) { $0.servers[0].checks = [] }])
    #expect(usual.list == [first: 3, second: 4])
    #expect(usual.monitor.checkCount == 1)
    usual.fail(second)
    #expect(usual.list == [first: 3])
  }

  @Test func aFailedServerIsRemovedAndComesBack() {
    let usual = UsualMonitor([.web([3, 4])])
    #expect(usual.list == [first: 3, second: 4], "before any result")
    let events = usual.fail(first)
    #expect(events == [.checkDown(probe: "tcp", .refused), .serverDown(.refused)])
    #expect(usual.list == [second: 4])
    #expect(usual.run(for: .seconds(2)) == [.checkUp(probe: "tcp"), .serverUp])
    #expect(usual.list == [first: 3, second: 4])
  }

  @Test func inhibitOnFailureGivesWeightZero() {
    let usual = UsualMonitor([.web([3, 4]) { $0.servers[0].inhibitsOnFailure = true }])
    usual.fail(first)
    usual.fail(second)
    #expect(usual.list == [first: 0])
    usual.run(for: .seconds(2))
    #expect(usual.list == [first: 3, second: 4])
  }

  @Test func alphaKeepsAServerOutUntilItsFirstSuccess() {
    let alpha = CheckSettings.quick.with { $0.startsFailed = true }
    let usual = UsualMonitor([
      .web([3, 4], alpha) { $0.servers[1].inhibitsOnFailure = true }
    ])
    #expect(usual.list == [second: 0])
    #expect(usual.monitor.server(first, of: UsualMonitor.web)?.use == .removed)
    let events = usual.run(for: .seconds(2), [second: .failure(.timedOut)])
    #expect(events.contains(.serverUp))
    #expect(usual.list == [first: 3, second: 0])
  }

  @Test func allChecksMustPass() {
    let checks = ["tcp", "http /"].map { HealthConfiguration.Check($0, .quick) }
    let usual = UsualMonitor([.web([1, 1]) { $0.servers[0].checks = checks }])
    usual.advance(by: .seconds(1))
    for start in usual.runs where start.server == first {
      let result: CheckResult = start.probe == "http /" ? .failure(.status(503)) : .success
      usual.take(usual.monitor.note(result, of: start.run, at: usual.clock.now))
    }
    #expect(usual.list == [second: 1])
    let server = usual.monitor.server(first, of: UsualMonitor.web)
    #expect(server?.isAlive == false)
    #expect(server.map { usual.monitor.checkStates(of: $0).map(\.phase) } == [.up, .down])
  }

  @Test func scriptsGiveWeights() {
    let script = CheckSettings.quick.with { $0.dynamicWeight = .replaces }
    let usual = UsualMonitor([.web([10, 10], script)])
    #expect(usual.run(for: .seconds(1), [first: .weight(4)]) == [.weightChanged(from: 10, to: 4)])
    #expect(usual.list == [first: 4, second: 10])
    #expect(usual.run(for: .seconds(1), [first: .weight(4)]).isEmpty, "the same again")
    usual.run(for: .seconds(1), [first: .weight(0)])
    #expect(usual.list == [first: 0, second: 10], "quiesced, not removed")
    #expect(usual.monitor.server(first, of: UsualMonitor.web)?.isAlive == true)
    usual.run(for: .seconds(1), [first: .success])
    #expect(usual.list == [first: 10, second: 10])
  }

  @Test func weightsOfSeveralScriptsAreAdded() {
    let adding = CheckSettings.quick.with { $0.dynamicWeight = .adds }
    let replacing = CheckSettings.quick.with { $0.dynamicWeight = .replaces }
    let checks = [
      HealthConfiguration.Check("load", replacing), HealthConfiguration.Check("file", adding),
    ]
    let usual = UsualMonitor([.web([10, 1]) { $0.servers[0].checks = checks }])
    let rows: [(load: Int, file: Int, weight: Int)] = [
      (4, 0, 4), (4, 5, 9), (10, -3, 7), (0, -3, 0), (65_535, 65_535, 65_535),
    ]
    for row in rows {
      usual.advance(by: .seconds(1))
      for start in usual.runs where start.server == first {
        usual.take(
          usual.monitor.note(
            .weight(start.probe == "load" ? row.load : row.file), of: start.run,
            at: usual.clock.now))
      }
      usual.finish(second, .success)
      // What was told is done with.
      usual.finish(first, .success)
      #expect(usual.list[first] == row.weight, "\(row)")
    }
    #expect(usual.monitor.staleResultCount == 10, "the second results of the runs")
  }

  /// Health and drain are undone each on its own.
  @Test func aDrainAndAFailureDoNotUndoEachOther() {
    let usual = UsualMonitor([.web([3, 4])])
    let selection = ServerSelection(first.address, port: first.port)
    func drain(_ drained: Bool) -> [Kind]? {
      usual.monitor.setDrained(drained, selection, at: usual.clock.now).map { usual.take($0) }
    }
    #expect(drain(true) == [.drained])
    #expect(drain(true) == [], "once is enough")
    #expect(usual.list == [first: 0, second: 4])
    usual.fail(first)
    #expect(usual.list == [second: 4])
    #expect(drain(false) == [.undrained])
    #expect(usual.list == [second: 4], "it has failed all the same")
    #expect(drain(true) == [.drained])
    usual.run(for: .seconds(2))
    #expect(usual.list == [first: 0, second: 4], "healthy and drained")
    #expect(drain(false) == [.undrained])
    #expect(usual.list == [first: 3, second: 4])
  }

  @Test func aDrainMeansPortsAndServicesAsSelected() {
    let other = ServiceName(.tcp, Endpoint(ExampleNetwork.virtual, 443))
    let usual = UsualMonitor([
      .web([1]),
      HealthConfiguration.Service(
        other,
        servers: [8080, 8443].map { HealthConfiguration.Server(UsualMonitor.server(2, port: $0)) }),
    ])
    func drained(_ selection: ServerSelection) -> Int? {
      let now = usual.clock.now
      let update = usual.monitor.setDrained(true, selection, at: now)
      _ = usual.monitor.setDrained(false, ServerSelection(selection.address), at: now)
      return update?.changes.count
    }
    #expect(drained(ServerSelection(first.address)) == 3)
    #expect(drained(ServerSelection(first.address, port: 8080)) == 2)
    #expect(drained(ServerSelection(first.address, service: other)) == 2)
    #expect(drained(ServerSelection(first.address, port: 8443, service: UsualMonitor.web)) == nil)
    #expect(drained(ServerSelection(second.address)) == nil)
    let stranger = ServiceName(.udp, other.endpoint)
    #expect(drained(ServerSelection(first.address, service: stranger)) == nil)
  }
}
