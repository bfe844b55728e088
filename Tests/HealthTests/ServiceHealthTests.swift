import Director
import Frames
import TestSupport
import Testing

@testable import Health

/// What quorum and sorry server make of a service's list.
@Suite struct ServiceHealthTests {
  private let servers = (2...6).map { UsualMonitor.server($0) }
  private let sorry = UsualMonitor.server(99)

  private func usual(
    _ weights: [Int], quorum: Int = 1, hysteresis: Int = 0, sorry: Bool = true,
    _ change: @escaping (inout HealthConfiguration.Service) -> Void = { _ in }
  ) -> UsualMonitor {
    UsualMonitor([
      .web(weights) {
        $0.quorum = quorum
        $0.hysteresis = hysteresis
        if sorry { $0.sorryServer = HealthConfiguration.SorryServer(self.sorry, weight: 7) }
        change(&$0)
      }
    ])
  }

  @Test func theSorryServerServesWhenNobodyIsLeft() {
    let usual = usual([1, 1])
    #expect(usual.list == [servers[0]: 1, servers[1]: 1])
    usual.fail(servers[0])
    let events = usual.fail(servers[1])
    #expect(events.suffix(2) == [.quorumLost(weight: 0, needed: 1), .sorryServerBegan])
    #expect(usual.list == [sorry: 7])
    let returned = usual.run(for: .seconds(1), [servers[1]: .failure(.refused)])
    #expect(
      returned == [
        .checkUp(probe: "tcp"), .serverUp, .quorumGained(weight: 1, needed: 1), .sorryServerEnded,
      ])
    #expect(usual.list == [servers[0]: 1])
  }

  /// Weights count, not servers; what still lives makes room for the sorry server.
  @Test func aLostQuorumRelievesThoseThatLive() {
    let usual = usual([5, 3, 1], quorum: 4)
    usual.fail(servers[1])
    #expect(usual.list == [servers[0]: 5, servers[2]: 1])
    usual.fail(servers[0])
    #expect(usual.list == [sorry: 7], "1 is less than 4")
    usual.run(for: .seconds(1), [servers[0]: .failure(.refused)])
    #expect(usual.list == [servers[1]: 3, servers[2]: 1])
  }

  @Test func hysteresisKeepsTheListStill() {
    let usual = usual([2, 2, 2], quorum: 4, hysteresis: 2)
    #expect(usual.list.count == 3)
    usual.fail(servers[0])
    usual.fail(servers[1])
    #expect(usual.list == [servers[2]: 2], "lost below 2")
    usual.fail(servers[2])
    #expect(usual.list == [sorry: 7])
    usual.run(for: .seconds(1), [servers[0]: .failure(.refused)])
    #expect(usual.list == [sorry: 7], "gained at 6")
    usual.run(for: .seconds(1))
    #expect(usual.list == [servers[0]: 2, servers[1]: 2, servers[2]: 2])
  }

  @Test func withoutASorryServerThoseThatLiveGoOn() {
    let usual = usual([2, 2], quorum: 4, sorry: false)
    let events = usual.fail(servers[0])
    #expect(events.last == .quorumLost(weight: 2, needed: 4))
    #expect(usual.list == [servers[1]: 2])
  }

  @Test func inhibitKeepsServersThatAreRelieved() {
    let usual = usual([5, 5, 5], quorum: 10) {
      $0.servers[0].inhibitsOnFailure = true
      $0.servers[1].inhibitsOnFailure = true
    }
    usual.fail(servers[0])
    #expect(usual.list == [servers[0]: 0, servers[1]: 5, servers[2]: 5])
    usual.fail(servers[2])
    #expect(usual.list == [servers[0]: 0, servers[1]: 0, sorry: 7])
  }

  @Test func aSorryServerMayStayInTheList() {
    let usual = usual([1]) { $0.sorryServer?.inhibits = true }
    #expect(usual.list == [servers[0]: 1, sorry: 0])
    usual.fail(servers[0])
    #expect(usual.list == [sorry: 7])
    usual.run(for: .seconds(1))
    #expect(usual.list == [servers[0]: 1, sorry: 0])
  }

  @Test func aRealServerMayBeTheSorryServer() {
    let usual = usual([1, 4], quorum: 4) {
      $0.sorryServer = HealthConfiguration.SorryServer(self.servers[0], weight: 9)
    }
    #expect(usual.list == [servers[0]: 1, servers[1]: 4])
    usual.fail(servers[1])
    #expect(usual.list == [servers[0]: 9])
    usual.run(for: .seconds(1))
    #expect(usual.list == [servers[0]: 1, servers[1]: 4])
    usual.fail(servers[1])
    usual.fail(servers[0])
    #expect(usual.list == [servers[0]: 9], "even when its own checks fail")
    usual.run(for: .seconds(1))
    #expect(usual.list == [servers[0]: 1, servers[1]: 4])
  }

  @Test func drainedServersDoNotCount() {
    let usual = usual([1, 1])
    for server in servers.prefix(2) {
      let selection = ServerSelection(server.address)
      usual.monitor.setDrained(true, selection, at: usual.clock.now).map { _ = usual.take($0) }
    }
    #expect(usual.list == [servers[0]: 0, servers[1]: 0, sorry: 7])
    let selection = ServerSelection(servers[0].address)
    usual.monitor.setDrained(false, selection, at: usual.clock.now).map { _ = usual.take($0) }
    #expect(usual.list == [servers[0]: 1, servers[1]: 0])
  }

  @Test func weightZeroOfScriptsCanLoseTheQuorum() {
    let script = CheckSettings.quick.with { $0.dynamicWeight = .replaces }
    let usual = UsualMonitor([
      .web([4, 4], script) {
        $0.quorum = 4
        $0.sorryServer = HealthConfiguration.SorryServer(self.sorry)
      }
    ])
    usual.run(for: .seconds(1), [servers[0]: .weight(1), servers[1]: .weight(2)])
    #expect(usual.list == [sorry: 1])
    #expect(usual.monitor.service(UsualMonitor.web)?.weight == 3)
    usual.run(for: .seconds(1), [servers[0]: .weight(1), servers[1]: .weight(3)])
    #expect(usual.list == [servers[0]: 1, servers[1]: 3])
  }

  @Test func aServiceMayBeginWithoutQuorum() {
    let alpha = CheckSettings.quick.with { $0.startsFailed = true }
    var service = HealthConfiguration.Service.web([1, 1], alpha)
    service.sorryServer = HealthConfiguration.SorryServer(sorry)
    let usual = UsualMonitor()
    let update = usual.apply([service])
    #expect(
      update.events.map(\.kind) == [.quorumLost(weight: 0, needed: 1), .sorryServerBegan])
    #expect(usual.list == [sorry: 1])
    usual.run(for: .seconds(1))
    #expect(usual.list == [servers[0]: 1, servers[1]: 1])
  }

  /// In every update, those that begin to take connections come before those that end.
  @Test(arguments: UInt64(1)...4)
  func thereIsNoMomentWithoutAServer(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let usual = usual([1, 2, 3, 4], quorum: 5, hysteresis: 2) {
      $0.servers[1].inhibitsOnFailure = true
    }
    var list = usual.list
    var turnCount = 0
    for _ in 0..<600 {
      let results = Dictionary(
        uniqueKeysWithValues: servers.prefix(4).map {
          ($0, Int.random(in: 0..<3, using: &random) == 0 ? CheckResult.failure(.closed) : .success)
        })
      usual.advance(by: .milliseconds(100))
      for server in Set(usual.runs.map(\.server)) {
        let update = usual.finish(server, results[server] ?? .success)
        for change in update.changes {
          switch change.use {
          case .weight(let weight): list[change.server] = weight
          case .removed: list[change.server] = nil
          }
          #expect(list.values.contains { $0 > 0 }, "seed \(seed)")
        }
        #expect(list == usual.list)
        turnCount += update.events.count { $0.kind == .sorryServerBegan }
        let health = usual.monitor.service(UsualMonitor.web)
        #expect(health?.isSorry == (usual.list[sorry] != nil))
      }
    }
    #expect(turnCount > 3)
  }
}
