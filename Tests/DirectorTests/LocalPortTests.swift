import TestSupport
import Testing
import Wire

@testable import Director

@Suite struct LocalPortTests {
  private static let first = IPv4Address(10, 0, 0, 200)
  private static let second = IPv4Address(10, 0, 0, 201)

  private func leases(_ count: Int, _ pool: inout LocalPortPool) -> [UInt16?] {
    (0..<count).map { _ in pool.lease() }
  }

  private func settings(_ ports: ClosedRange<UInt16>, _ addresses: [IPv4Address]) -> FullNATSettings
  {
    FullNATSettings(localAddresses: addresses, localPorts: ports)
  }

  @Test(arguments: [0, 1, 7, 1_000_003] as [UInt64])
  func leasesEachPortOnceWhateverItBeginsWith(seed: UInt64) {
    var pool = LocalPortPool(5000...5099, seed: seed)
    var leased: [UInt16] = []
    while let port = pool.lease() { leased.append(port) }
    #expect(leased.sorted() == Array(5000...5099))
    #expect(leased.first == 5000 + UInt16(seed % 100))
    #expect(pool.takenCount == 100)
  }

  @Test func takesWhatCameBackFirst() {
    var pool = LocalPortPool(1...4, seed: 0)
    for _ in 0..<4 { _ = pool.lease() }
    for port in [3, 1, 4] as [UInt16] { pool.release(port) }
    #expect(pool.takenCount == 1)
    #expect(leases(4, &pool) == [3, 1, 4, nil])
  }

  /// What has not had a turn goes before what has.
  @Test func takesFreshPortsBeforeReturnedOnes() {
    var pool = LocalPortPool(1...3, seed: 0)
    #expect(leases(1, &pool) == [1])
    pool.release(1)
    #expect(leases(3, &pool) == [2, 3, 1])
  }

  @Test func aPortThatWasTakenByNumberIsPassedOver() {
    var pool = LocalPortPool(1...3, seed: 0)
    let byNumber = ([2, 2, 0, 4] as [UInt16]).map { pool.lease($0) }
    #expect(byNumber == [true, false, false, false])
    #expect(leases(3, &pool) == [1, 3, nil])
    pool.release(2)
    let isBack = pool.lease(2)
    #expect(isBack)
    #expect(leases(1, &pool) == [nil])
  }

  @Test func tellsEndedPortsInTheirOrderAndOnce() {
    var pool = LocalPortPool(1...3, seed: 0)
    for _ in 0..<3 { _ = pool.lease() }
    for port in [2, 1, 2] as [UInt16] { pool.noteEnded(port) }
    let ended = (0..<3).map { _ in pool.takeEnded() }
    #expect(ended == [2, 1, nil])
    pool.noteEnded(2)
    let again = pool.takeEnded()
    #expect(again == 2)
  }

  /// A pool against a model that is a list, from a seed.
  @Test(arguments: UInt64(1)...4) func goesRoundLikeAList(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var pool = LocalPortPool(100...163, seed: seed)
    var waiting = (0..<64).map { 100 + UInt16((Int(seed) + $0) % 64) }
    var taken: [UInt16] = []
    for _ in 0..<20_000 {
      if Bool.random(using: &random) {
        let expected = waiting.isEmpty ? nil : waiting.removeFirst()
        let port = pool.lease()
        #expect(port == expected)
        if let port { taken.append(port) }
      } else if !taken.isEmpty {
        let port = taken.remove(at: Int.random(in: 0..<taken.count, using: &random))
        pool.release(port)
        waiting.append(port)
      }
      #expect(pool.takenCount == taken.count)
    }
  }

  @Test func oneLocalPortServesDifferentServers() throws {
    var ports = LocalPorts(seed: 1)
    let one = settings(7...7, [Self.first])
    let a = ports.add(one, Endpoint(ExampleNetwork.server1, 80), .tcp)
    let b = ports.add(one, Endpoint(ExampleNetwork.server2, 80), .tcp)
    let c = ports.add(one, Endpoint(ExampleNetwork.server1, 81), .tcp)
    let d = ports.add(one, Endpoint(ExampleNetwork.server1, 80), .udp)
    for list in [a, b, c, d] {
      let locals = (0..<2).map { _ in ports.lease(from: list)?.local }
      #expect(locals == [Endpoint(Self.first, 7), nil])
    }
  }

  @Test func twoServicesOfOneServerShareItsPorts() {
    var ports = LocalPorts(seed: 1)
    let real = Endpoint(ExampleNetwork.server1, 80)
    let a = ports.add(settings(7...8, [Self.first]), real, .tcp)
    let b = ports.add(settings(7...8, [Self.second, Self.first]), real, .tcp)
    let leased = [a, a, b, b, b].map { ports.lease(from: $0)?.local }
    #expect(Set(leased.compactMap { $0 }).count == 4)
    #expect(leased.filter { $0 == nil }.count == 1)
  }

  @Test func localAddressesTakeTurns() {
    var ports = LocalPorts(seed: 1)
    let list = ports.add(
      settings(1...100, [Self.first, Self.second]), Endpoint(ExampleNetwork.server1, 80), .tcp)
    let addresses = (0..<4).compactMap { _ in ports.lease(from: list)?.local.address }
    #expect(addresses == [Self.first, Self.second, Self.first, Self.second])
    #expect(ports.usage(of: list).taken == 4)
    #expect(ports.usage(of: list).count == 200)
  }

  @Test func tellsOnceThatFewPortsAreLeft() {
    var ports = LocalPorts(seed: 1)
    let real = Endpoint(ExampleNetwork.server1, 80)
    let list = ports.add(settings(1...10, [Self.first]), real, .tcp)
    var leased = (0..<8).compactMap { _ in ports.lease(from: list) }
    let early = ports.takeNotices()
    #expect(early.isEmpty)
    leased += (0..<2).compactMap { _ in ports.lease(from: list) }
    let first = ports.takeNotices()
    #expect(first == [LocalPortNotice(local: Self.first, real: real, takenCount: 9, count: 10)])
    // Between eight and nine of ten it is no news.
    for lease in leased.prefix(2) { ports.release(lease.local.port, at: 0, of: list) }
    _ = ports.lease(from: list)
    let second = ports.takeNotices()
    #expect(second.isEmpty)
    for lease in leased.suffix(4) { ports.release(lease.local.port, at: 0, of: list) }
    for _ in 0..<4 { _ = ports.lease(from: list) }
    let third = ports.takeNotices()
    #expect(third.map(\.takenCount) == [9])
  }
}
