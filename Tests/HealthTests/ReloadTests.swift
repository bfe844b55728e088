import Director
import Frames
import TestSupport
import Testing
import Wire

@testable import Health

/// What another configuration leaves as it was.
@Suite struct ReloadTests {
  private let servers = (2...9).map { UsualMonitor.server($0) }

  /// What is known of each check of `service`.
  private func states(
    _ usual: UsualMonitor, _ service: ServiceName = UsualMonitor.web
  ) -> [Endpoint: [CheckState]] {
    let servers = usual.monitor.service(service)?.servers ?? []
    return Dictionary(
      uniqueKeysWithValues: servers.map {
        ($0.definition.endpoint, usual.monitor.checkStates(of: $0))
      })
  }

  /// When each check is due.
  private func dues(_ usual: UsualMonitor) -> [Endpoint: [Instant?]] {
    let servers = usual.monitor.service(UsualMonitor.web)?.servers ?? []
    return Dictionary(
      uniqueKeysWithValues: servers.map { server in
        (server.definition.endpoint, server.checks.map { usual.monitor.schedule.due(of: Int($0)) })
      })
  }

  /// Three servers: one up, one down, one with failures that are not believed yet.
  private func lived(_ settings: CheckSettings) -> UsualMonitor {
    let usual = UsualMonitor([.web([1, 2, 3], settings)])
    usual.run(for: .seconds(2))
    usual.fail(servers[1])
    usual.run(
      for: .seconds(2), [servers[1]: .failure(.refused), servers[2]: .failure(.timedOut)])
    return usual
  }

  private let patient = CheckSettings.quick.with { $0.fall = 5 }

  @Test func theSameAgainChangesNothing() {
    let usual = lived(patient)
    let before = states(usual)
    #expect(before[servers[2]]?.first?.contraryCount == 2)
    let dues = dues(usual)
    for _ in 0..<100 {
      #expect(usual.apply([.web([1, 2, 3], patient)]) == HealthUpdate())
    }
    #expect(states(usual) == before)
    #expect(self.dues(usual) == dues)
    #expect(usual.list == [servers[0]: 1, servers[2]: 3])
  }

  @Test func whatIsAddedLeavesTheRest() {
    let usual = lived(patient)
    let before = states(usual)
    let dues = dues(usual)
    let other = ServiceName(.tcp, Endpoint(ExampleNetwork.virtual, 443))
    let check = [HealthConfiguration.Check("tcp", patient)]
    var web = HealthConfiguration.Service.web([1, 2, 3], patient)
    web.servers.insert(HealthConfiguration.Server(servers[7], weight: 9, checks: check), at: 0)
    let update = usual.apply([
      HealthConfiguration.Service(
        other, servers: [HealthConfiguration.Server(servers[0], checks: check)]),
      web,
    ])
    #expect(
      update.changes == [
        ServerChange(other, servers[0], .weight(1)),
        ServerChange(UsualMonitor.web, servers[7], .weight(9)),
      ])
    #expect(update.events.isEmpty)
    #expect(update.orders.isEmpty)
    for server in servers.prefix(3) {
      #expect(states(usual)[server] == before[server])
      #expect(self.dues(usual)[server] == dues[server])
    }
    // Results find the moved servers.
    usual.run(for: .seconds(2))
    #expect(usual.list == [servers[0]: 1, servers[1]: 2, servers[2]: 3, servers[7]: 9])
    #expect(usual.lists[other] == [servers[0]: 1])
  }

  @Test func whatIsRemovedLeavesTheRest() {
    let usual = lived(patient)
    let before = states(usual)
    var web = HealthConfiguration.Service.web([1, 2, 3], patient)
    web.servers.remove(at: 0)
    let update = usual.apply([web])
    #expect(update.changes.isEmpty, "who removed the server knows")
    #expect(states(usual) == before.filter { $0.key != servers[0] })
    #expect(usual.monitor.checkCount == 2)
    usual.apply([])
    #expect(usual.monitor.checkCount == 0)
    #expect(usual.monitor.nextDeadline == nil)
  }

  @Test func runsOfRemovedChecksAreCancelled() {
    let usual = UsualMonitor([.web([1, 2])])
    usual.advance(by: .seconds(1))
    #expect(usual.runs.count == 2)
    let before = usual.runs
    let update = usual.apply([.web([1])])
    #expect(update.orders == before.filter { $0.server == servers[1] }.map { .cancel($0.run) })
    #expect(usual.runs.map(\.server) == [servers[0]])
    // The place is taken by another check: the former run's result is not taken for its.
    usual.apply([.web([1, 2])])
    for start in before where start.server == servers[1] {
      _ = usual.monitor.note(.failure(.refused), of: start.run, at: usual.clock.now)
    }
    #expect(usual.monitor.staleResultCount == 1)
    usual.finish(servers[0], .success)
    #expect(usual.list == [servers[0]: 1, servers[1]: 2])
  }

  @Test func aNewWeightKeepsTheState() {
    let usual = lived(patient)
    let before = states(usual)
    let update = usual.apply([.web([10, 20, 30], patient)])
    #expect(
      update.changes == [
        ServerChange(UsualMonitor.web, servers[0], .weight(10)),
        ServerChange(UsualMonitor.web, servers[2], .weight(30)),
      ])
    #expect(states(usual) == before)
    usual.run(for: .seconds(2))
    #expect(usual.list[servers[1]] == 20)
  }

  @Test func weightsSetByScriptsStay() {
    let script = CheckSettings.quick.with { $0.dynamicWeight = .replaces }
    let usual = UsualMonitor([.web([10, 10], script)])
    usual.run(for: .seconds(1), [servers[0]: .weight(4)])
    usual.apply([.web([10, 11], script)])
    #expect(usual.list == [servers[0]: 4, servers[1]: 11])
    usual.apply([.web([20, 11], script)])
    #expect(
      usual.list == [servers[0]: 4, servers[1]: 11], "the script's weight replaces any other")
  }

  @Test func newSettingsKeepTheState() {
    let usual = lived(patient)
    let before = states(usual)
    let dues = dues(usual)
    let strict = patient.with {
      $0.fall = 2
      $0.timeout = .milliseconds(300)
    }
    #expect(usual.apply([.web([1, 2, 3], strict)]) == HealthUpdate())
    #expect(states(usual) == before)
    #expect(self.dues(usual) == dues)
    // The server that has failed twice and is not down yet goes at its next failure.
    let events = usual.run(
      for: .seconds(1), [servers[1]: .failure(.closed), servers[2]: .failure(.closed)])
    #expect(events == [.checkDown(probe: "tcp", .closed), .serverDown(.closed)])
  }

  @Test func anotherIntervalHoldsAtOnce() {
    let slow = CheckSettings.quick.with { $0.interval = .seconds(600) }
    let usual = UsualMonitor([.web([1, 2], slow)])
    usual.run(for: .seconds(600))
    let before = states(usual)
    usual.apply([.web([1, 2])])
    #expect(states(usual) == before)
    usual.advance(by: .seconds(1))
    #expect(Set(usual.runs.map(\.server)) == Set(servers.prefix(2)))
  }

  /// While a check runs its time limit stays; the new interval holds after it.
  @Test func anotherIntervalWaitsForTheRun() {
    let usual = UsualMonitor([.web([1])])
    usual.advance(by: .seconds(1))
    usual.apply([.web([1], .quick.with { $0.interval = .milliseconds(200) })])
    #expect(usual.advance(by: .milliseconds(900)).orders.isEmpty)
    usual.finish(servers[0], .success)
    #expect(usual.advance(by: .milliseconds(200)).orders.count == 1)
  }

  @Test func checksThatComeAndGo() {
    let usual = UsualMonitor([.web([1, 1])])
    usual.run(for: .seconds(2))
    usual.fail(servers[0])
    func with(_ probes: [String], _ settings: CheckSettings = .quick) -> [HealthConfiguration
      .Service]
    {
      [.web([1, 1]) { $0.servers[0].checks = probes.map { .init($0, settings) } }]
    }
    // Another check beside the failed one does not bring the server up.
    usual.apply(with(["http", "tcp"]))
    #expect(usual.list == [servers[1]: 1])
    let server = usual.monitor.server(servers[0], of: UsualMonitor.web)
    #expect(server.map { usual.monitor.checkStates(of: $0).map(\.phase) } == [.starting, .down])
    // Without the failed check it is up.
    let update = usual.apply(with(["http"]))
    #expect(update.events.map(\.kind) == [.serverUp])
    #expect(usual.list == [servers[0]: 1, servers[1]: 1])
    // An alpha check keeps the server out until it passes.
    usual.apply(with(["http", "script"], .quick.with { $0.startsFailed = true }))
    #expect(usual.list == [servers[1]: 1])
    usual.run(for: .seconds(1))
    #expect(usual.list == [servers[0]: 1, servers[1]: 1])
    #expect(usual.monitor.checkCount == 3)
  }

  @Test func drainsAndRisesGoOn() {
    let usual = UsualMonitor([.web([100, 100, 100]) { $0.slowStart = .seconds(10) }])
    let selection = ServerSelection(servers[2].address)
    usual.monitor.setDrained(true, selection, at: usual.clock.now).map { _ = usual.take($0) }
    usual.fail(servers[0])
    usual.run(for: .seconds(4))
    let weight = usual.list[servers[0]] ?? 0
    #expect((10...60).contains(weight))
    usual.apply([.web([100, 100, 100, 100]) { $0.slowStart = .seconds(10) }])
    #expect(usual.list[servers[0]] == weight)
    #expect(usual.list[servers[2]] == 0)
    usual.run(for: .seconds(10))
    #expect(
      usual.list == [servers[0]: 100, servers[1]: 100, servers[2]: 0, servers[3]: 100])
  }

  /// Services that change their order and nothing else: results and rises still find theirs.
  @Test func anotherOrderChangesNothing() {
    let other = ServiceName(.tcp, Endpoint(ExampleNetwork.virtual, 443))
    let web = HealthConfiguration.Service.web([100, 100]) { $0.slowStart = .seconds(10) }
    let second = HealthConfiguration.Service(
      other,
      servers: [
        HealthConfiguration.Server(servers[5], checks: [HealthConfiguration.Check("tcp", .quick)])
      ])
    let usual = UsualMonitor([web, second])
    usual.fail(servers[0])
    usual.run(for: .seconds(2))
    let weight = usual.list[servers[0]] ?? 0
    #expect((2...30).contains(weight), "it rises")
    #expect(usual.apply([second, web]) == HealthUpdate())
    usual.run(for: .seconds(2), [servers[5]: .failure(.refused)])
    #expect(usual.lists[other] == [:])
    #expect((weight + 10...weight + 30).contains(usual.list[servers[0]] ?? 0), "it rises on")
    usual.run(for: .seconds(10))
    #expect(usual.list == [servers[0]: 100, servers[1]: 100])
    #expect(usual.lists[other] == [servers[5]: 1])
  }

  @Test func anotherQuorumHoldsAtOnce() {
    let sorry = UsualMonitor.server(99)
    func service(quorum: Int, _ sorry: Endpoint?) -> [HealthConfiguration.Service] {
      [
        .web([2, 2]) {
          $0.quorum = quorum
          $0.sorryServer = sorry.map { HealthConfiguration.SorryServer($0) }
        }
      ]
    }
    let usual = UsualMonitor(service(quorum: 4, sorry))
    usual.apply(service(quorum: 5, sorry))
    #expect(usual.list == [sorry: 1])
    // Another sorry server takes the place of the first, and the first goes last.
    let other = UsualMonitor.server(98)
    let changed = usual.apply(service(quorum: 5, other))
    #expect(changed.changes.map(\.server) == [other, sorry])
    #expect(usual.list == [other: 1])
    let dropped = usual.apply(service(quorum: 5, nil))
    #expect(dropped.changes.last == ServerChange(UsualMonitor.web, other, .removed))
    #expect(usual.list == [servers[0]: 2, servers[1]: 2])
    usual.apply(service(quorum: 5, sorry))
    #expect(usual.list == [sorry: 1])
    usual.apply(service(quorum: 3, sorry))
    #expect(usual.list == [servers[0]: 2, servers[1]: 2])
  }

  /// Random configurations one after the other: what the changes made of the lists is what the
  /// monitor says, and nothing is left of what is gone.
  @Test(arguments: UInt64(1)...6)
  func listsAgreeAfterManyReloads(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let names = (0..<3).map { ServiceName(.tcp, Endpoint(ExampleNetwork.virtual, 80 + $0)) }
    let usual = UsualMonitor()
    for _ in 0..<300 {
      let services = names.shuffled(using: &random).prefix(Int.random(in: 0...3, using: &random))
        .map { name in
          var service = HealthConfiguration.Service(name)
          service.servers = servers.shuffled(using: &random)
            .prefix(Int.random(in: 0...5, using: &random)).map { endpoint in
              let probes = ["tcp", "http", "script"].prefix(Int.random(in: 0...3, using: &random))
              var settings = CheckSettings.quick
              settings.interval = .milliseconds(Bool.random(using: &random) ? 500 : 1000)
              settings.startsFailed = Int.random(in: 0..<4, using: &random) == 0
              return HealthConfiguration.Server(
                endpoint, weight: Int.random(in: 0...3, using: &random),
                checks: probes.map { HealthConfiguration.Check($0, settings) })
            }
          service.quorum = Int.random(in: 1...4, using: &random)
          if Bool.random(using: &random) {
            service.sorryServer = HealthConfiguration.SorryServer(UsualMonitor.server(99))
          }
          return service
        }
      usual.apply(services)
      for service in services {
        let health = usual.monitor.service(service.name)
        for server in health?.servers ?? [] {
          let weight = usual.lists[service.name]?[server.definition.endpoint]
          #expect(server.use == weight.map { .weight($0) } ?? .removed, "seed \(seed)")
          let isAlive = zip(server.definition.checks, usual.monitor.checkStates(of: server))
            .allSatisfy { $1.isPassing($0.settings) }
          #expect(server.isAlive == isAlive)
        }
        #expect(health?.quorum.isHeld == true || (health?.weight ?? 0) < service.quorum)
      }
      let checkCount = services.reduce(0) { $0 + $1.servers.reduce(0) { $0 + $1.checks.count } }
      #expect(usual.monitor.checkCount == checkCount)
      #expect(usual.monitor.records.count - usual.monitor.freePlaces.count == checkCount)
      #expect(usual.monitor.runningCount == usual.runs.count)
      for _ in 0..<20 {
        usual.advance(by: .milliseconds(50))
        for server in Set(usual.runs.map(\.server)) where Bool.random(using: &random) {
          let passes = Int.random(in: 0..<3, using: &random) > 0
          usual.finish(server, passes ? .success : .failure(.refused))
        }
      }
    }
  }
}
