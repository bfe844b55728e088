import Director
import Frames
import TestSupport
import Testing
import Wire

/// The order in which a director's servers get connections: that of `ip_vs`, which keeps the server
/// added last at the head of its list.
@Suite struct ChoiceOrderTests {
  struct Row: Sendable, CustomTestStringConvertible {
    var scheduler: SchedulerKind
    /// In the order of the configuration.
    var weights: [Int]
    /// The servers chosen, counted from 1 in the order of the configuration.
    var expected: [Int]
    var testDescription: String { "\(scheduler.rawValue) \(weights)" }
  }

  static let rows = [
    Row(scheduler: .roundRobin, weights: [1, 1, 1], expected: [3, 2, 1, 3, 2, 1, 3]),
    Row(scheduler: .roundRobin, weights: [3, 0, 1], expected: [3, 1, 3, 1]),
    Row(scheduler: .roundRobin, weights: [7], expected: [1, 1, 1]),
    Row(
      scheduler: .weightedRoundRobin, weights: [3, 2, 1],
      expected: [3, 2, 1, 1, 2, 1, 3, 2, 1, 1, 2, 1, 3]),
    Row(scheduler: .weightedRoundRobin, weights: [1, 0, 1], expected: [3, 1, 3, 1]),
    Row(scheduler: .weightedLeastConnection, weights: [3, 2, 1], expected: [3, 2, 1, 1, 2, 1]),
    Row(scheduler: .weightedLeastConnection, weights: [1, 1, 1], expected: [3, 2, 1, 3, 2, 1]),
    Row(scheduler: .weightedLeastConnection, weights: [1, 0, 3], expected: [3, 1, 3, 3, 3, 1]),
  ]

  /// Opens connections, which stay, and tells their servers.
  private func choices(_ usual: UsualDirector, _ count: Int, isTCP: Bool) -> [Int] {
    (0..<count).map { number in
      let client = Endpoint(ExampleNetwork.client, UInt16(1000 + number))
      let outcome =
        isTCP
        ? usual.receive(request(.syn, from: client))
        : usual.receive(query(from: client, to: .virtual))
      #expect(outcome.verdict == .transmit(.lan))
      if isTCP { usual.receive(request(.ack, from: client)) }
      let connection = usual.connection(isTCP ? .tcp : .udp, from: client)
      let first = ExampleNetwork.server1.rawValue
      return (connection?.destination.address.rawValue).map { Int($0 - first) + 1 } ?? 0
    }
  }

  @Test(arguments: rows, [true, false])
  func isTheKernels(row: Row, isTCP: Bool) {
    let service = DirectorConfiguration.Service.web(
      row.scheduler, weights: row.weights, protocol: isTCP ? .tcp : .udp)
    let usual = UsualDirector(.usual(services: [service]))
    #expect(choices(usual, row.expected.count, isTCP: isTCP) == row.expected)
  }

  @Test func eachServiceHasASchedulerOfItsOwn() {
    let other = Endpoint(ExampleNetwork.virtual, 81)
    let usual = UsualDirector(
      .usual(services: [.web(weights: [1, 1]), .web(weights: [1, 1], at: other)]))
    for virtual in [Endpoint.virtual, other] {
      let client = Endpoint(ExampleNetwork.client, 50000 + virtual.port)
      usual.receive(request(.syn, from: client, to: virtual))
      #expect(
        usual.connection(from: client, to: virtual)?.destination.address == ExampleNetwork.server2)
    }
  }

  @Test func listingsKeepTheOrderOfTheConfiguration() {
    let usual = UsualDirector(.usual(services: [.web(weights: [3, 2, 1])]))
    _ = choices(usual, 1, isTCP: true)
    let service = usual.director.serviceSnapshots[0]
    #expect(service.destinations.map(\.weight) == [3, 2, 1])
    #expect(service.destinations.map(\.openedCount) == [0, 0, 1])
    #expect(service.destinations.map(\.inbound.packets) == [0, 0, 2])
    #expect(service.destinations.map(\.inbound.bytes) == [0, 0, 80])
  }

  /// A server without a route is left out; the others' connections are counted as theirs.
  @Test func aServerWithoutARouteIsLeftOut() {
    var configuration = DirectorConfiguration.usual(services: [.web(weights: [1, 1, 1])])
    configuration.ports[0].gateway = nil
    configuration.services[0].servers[2].address = IPv4Address(172, 16, 0, 1)
    let usual = UsualDirector(configuration)
    #expect(choices(usual, 3, isTCP: true) == [2, 1, 2])
    #expect(usual.loads() == [[1, 0], [2, 0]])
  }
}
