import Director
import Frames
import Neighbors
import TestSupport
import Testing
import Wire

private typealias Net = ExampleNetwork

/// Weights, servers and services that change while traffic flows; connections of servers that are gone
/// are ignored, as by `ip_vs`.
@Suite struct ChangeTests {
  private static let second = Endpoint(Net.server2, 8080)
  private static let third = Endpoint(Net.server3, 8080)
  private static let unknown = Endpoint(Net.server1, 9999)
  private static let nowhere = Endpoint(Net.virtual, 9)

  private func client(_ number: Int) -> Endpoint { Endpoint(Net.client, UInt16(1000 + number)) }

  /// A director with the usual servers; the fast path may be off.
  private func director(
    _ scheduler: SchedulerKind = .roundRobin, weights: [Int] = [1, 1], isFast: Bool = true
  ) -> UsualDirector {
    let usual = UsualDirector(
      .usual(services: [
        .web(scheduler, weights: weights).when(removed: .ignore), .dns.when(removed: .ignore),
      ]))
    usual.director.isFastPathEnabled = isFast
    return usual
  }

  /// The server of each of `numbers` new connections.
  private func opened(_ numbers: Range<Int>, _ usual: UsualDirector) -> [IPv4Address?] {
    numbers.map { number in
      usual.receive(request(.syn, from: client(number)))
      return usual.connection(from: client(number))?.destination.address
    }
  }

  private func server(_ address: IPv4Address, weight: Int = 1) -> DirectorConfiguration.Server {
    .init(address: address, port: 8080, weight: weight)
  }

  // The director cannot be copied, and `#expect` copies what it calls.

  private func setWeight(
    _ weight: Int, of real: Endpoint, _ usual: UsualDirector,
    in protocol: ServiceProtocol = .tcp, _ virtual: Endpoint = .virtual
  ) -> Bool {
    usual.director.setWeight(weight, ofServer: real, in: `protocol`, virtual)
  }

  private func remove(
    _ real: Endpoint, _ usual: UsualDirector, from protocol: ServiceProtocol = .tcp,
    _ virtual: Endpoint = .virtual
  ) -> Bool {
    usual.director.removeServer(real, from: `protocol`, virtual)
  }

  private func add(
    _ server: DirectorConfiguration.Server, _ usual: UsualDirector,
    to virtual: Endpoint = .virtual
  ) -> Bool {
    usual.director.addServer(server, to: .tcp, virtual, at: usual.clock.now)
  }

  private func removeService(
    _ usual: UsualDirector, _ protocol: ServiceProtocol = .tcp, _ virtual: Endpoint = .virtual
  ) -> Bool {
    usual.director.removeService(`protocol`, virtual)
  }

  // MARK: - Weight

  @Test(arguments: SchedulerKind.allCases, [true, false])
  func weight0TakesNoNewConnections(scheduler: SchedulerKind, isFast: Bool) {
    let usual = director(scheduler, isFast: isFast)
    let before = opened(0..<10, usual)
    #expect(Set(before) == [Net.server1, Net.server2])
    #expect(setWeight(0, of: .real, usual))
    #expect(opened(10..<30, usual).allSatisfy { $0 == Net.server2 })
    // The others go on.
    for number in 0..<10 {
      #expect(usual.receive(request(.ack, from: client(number))).verdict == .transmit(.lan))
    }
    #expect(usual.director.serviceSnapshots[0].destinations.map(\.weight) == [0, 1])
    #expect(setWeight(0, of: Self.second, usual))
    #expect(usual.receive(request(.syn)).verdict == .drop(.noDestination))
    #expect(setWeight(1, of: .real, usual))
    #expect(opened(40..<50, usual).allSatisfy { $0 == Net.server1 })
  }

  @Test func aWeightIsTheShareFromThenOn() {
    let usual = director(.weightedRoundRobin, weights: [1, 1])
    #expect(setWeight(3, of: .real, usual))
    let servers = opened(0..<40, usual)
    #expect(servers.count { $0 == Net.server1 } == 30)
    #expect(setWeight(9, of: Self.second, usual))
    #expect(opened(40..<160, usual).count { $0 == Net.server1 } == 30)
  }

  @Test func aWeightOfNobodyIsRefused() {
    let usual = director()
    #expect(!setWeight(5, of: Self.unknown, usual))
    #expect(!setWeight(5, of: .real, usual, in: .udp))
    #expect(!setWeight(5, of: .real, usual, in: .tcp, Self.nowhere))
    #expect(remove(.real, usual))
    #expect(!setWeight(5, of: .real, usual), "it was removed")
    #expect(usual.director.serviceSnapshots[0].destinations.map(\.weight) == [1])
  }

  // MARK: - Removal

  @Test(arguments: SchedulerKind.allCases, [true, false])
  func aRemovedServersConnectionsStandStill(scheduler: SchedulerKind, isFast: Bool) {
    let usual = director(scheduler, isFast: isFast)
    let before = opened(0..<10, usual)
    for number in 0..<10 { usual.receive(request(.ack, from: client(number))) }
    usual.advance(by: .seconds(10))
    #expect(remove(.real, usual))
    for number in 0..<10 {
      let isIts = before[number] == Net.server1
      let sent = usual.receive([
        Sent(port: .wan, frame: request(.ack, from: client(number)).frame())
      ])
      #expect(sent.outcomes[0].verdict == (isIts ? .drop(.destinationRemoved) : .transmit(.lan)))
      #expect(sent.originated.isEmpty, "without a word")
      let remaining = usual.connection(from: client(number))?.remaining
      #expect(remaining == (isIts ? .seconds(890) : .seconds(900)))
    }
    #expect(opened(10..<30, usual).allSatisfy { $0 == Net.server2 })
    #expect(usual.director.connectionCount == 30)
    #expect(usual.director.serviceSnapshots[0].destinations.map(\.real) == [Self.second])
    // What the server still says is passed on.
    if let number = before.firstIndex(of: Net.server1) {
      let answer = reply(.ack, to: client(number))
      expectFrame(
        usual.receiveReply(answer).frame, is: answer.translated(from: .virtual).frame())
    }
  }

  @Test(arguments: [true, false])
  func aServerThatComesBackHasItsConnections(isFast: Bool) {
    let usual = director(weights: [1], isFast: isFast)
    usual.receive(request(.syn))
    usual.receive(request(.ack))
    let before = usual.director.serviceSnapshots[0].destinations[0]
    #expect(remove(.real, usual))
    #expect(usual.director.serviceSnapshots[0].destinations.isEmpty)
    #expect(usual.receive(request(.syn, from: client(1))).verdict == .drop(.noDestination))
    #expect(usual.receive(request(.ack)).verdict == .drop(.destinationRemoved))
    usual.advance(by: .seconds(800))
    #expect(add(server(Net.server1, weight: 7), usual))
    usual.learnNeighbors()
    let inbound = request(.ack).payload("again")
    let fastPath = usual.director.counters.fastPath
    expectFrame(usual.receive(inbound).frame, is: inbound.translated(to: .real).frame())
    #expect(usual.connection?.remaining == .seconds(900))
    #expect(usual.director.counters.fastPath - fastPath == (isFast ? 1 : 0))
    let after = usual.director.serviceSnapshots[0].destinations[0]
    #expect(after.weight == 7)
    #expect(after.activeCount == 1)
    #expect(after.openedCount == before.openedCount)
    #expect(after.inbound.packets == before.inbound.packets + 1, "its counters go on")
    #expect(opened(2..<4, usual).allSatisfy { $0 == Net.server1 })
  }

  /// Places change; counts stay with their servers.
  @Test func countsStayWithTheirServers() {
    let usual = director(weights: [1, 1, 1])
    _ = opened(0..<9, usual)
    #expect(usual.loads() == [[3, 0], [3, 0], [3, 0]])
    #expect(remove(Self.second, usual))
    #expect(usual.loads() == [[3, 0], [3, 0]])
    for number in 0..<9 {
      usual.receiveReply(reply(.rst, from: .real, to: client(number)))
      usual.receiveReply(reply(.rst, from: Self.second, to: client(number)))
    }
    #expect(usual.loads() == [[0, 3], [3, 0]])
    #expect(add(server(Net.server2), usual))
    #expect(usual.loads() == [[0, 3], [3, 0], [0, 3]], "the newest is the last")
    usual.advance(by: .seconds(11))
    #expect(usual.loads() == [[0, 0], [3, 0], [0, 0]])
    usual.advance(by: .seconds(60))
    #expect(usual.loads() == [[0, 0], [0, 0], [0, 0]])
    #expect(usual.director.connectionCount == 0)
  }

  @Test func connectionsOfARemovedServerEndInTime() {
    let usual = director(weights: [1])
    usual.receive(request(.syn))
    #expect(remove(.real, usual))
    usual.advance(by: .seconds(59))
    #expect(usual.receive(request(.ack)).verdict == .drop(.destinationRemoved))
    usual.advance(by: .seconds(2))
    #expect(usual.director.connectionCount == 0)
    #expect(usual.receive(request(.ack)).verdict == .transmit(.wan), "a reset")
  }

  /// In states that a SYN opens anew, it goes to another server.
  @Test(arguments: ConnectionState.allCases.filter { $0 != .udp })
  func aSYNLeavesARemovedServerWhereItMay(state: ConnectionState) {
    let usual = director()
    let isInstalled = usual.director.installConnection(
      ConnectionSnapshot(
        protocol: .tcp, client: .client, virtual: .virtual, destination: .real, state: state),
      at: usual.clock.now)
    #expect(isInstalled && remove(.real, usual))
    let isNew = state == .timeWait || state == .close
    #expect(
      usual.receive(request(.syn)).verdict
        == (isNew ? .transmit(.lan) : .drop(.destinationRemoved)))
    #expect(usual.connection?.destination == (isNew ? Self.second : .real))
  }

  @Test func whatIsNotThereCannotBeRemoved() {
    let usual = director()
    #expect(!remove(Self.unknown, usual))
    #expect(!remove(.real, usual, from: .udp))
    #expect(!remove(.real, usual, from: .tcp, Self.nowhere))
    #expect(remove(.real, usual))
    #expect(!remove(.real, usual), "twice")
    #expect(usual.director.serviceSnapshots[0].destinations.count == 1)
  }

  /// An endpoint may serve two services; only one loses it.
  @Test func anotherServiceKeepsTheServer() {
    let other = Endpoint(Net.virtual, 81)
    let usual = UsualDirector(
      .usual(services: [
        .web().when(removed: .ignore), .web(at: other).when(removed: .ignore),
      ]))
    #expect(remove(.real, usual))
    #expect(usual.receive(request(.syn, to: other)).verdict == .transmit(.lan))
    #expect(usual.receive(request(.syn)).verdict == .drop(.noDestination))
  }

  // MARK: - Addition

  @Test(arguments: [true, false])
  func aServerThatIsAddedTakesConnections(isFast: Bool) {
    let usual = director(weights: [1], isFast: isFast)
    #expect(opened(0..<3, usual) == [Net.server1, Net.server1, Net.server1])
    #expect(add(server(Net.server2), usual))
    #expect(add(server(Net.server3), usual))
    // The newest comes first.
    #expect(
      opened(3..<9, usual)
        == [Net.server3, Net.server2, Net.server1, Net.server3, Net.server2, Net.server1])
    let inbound = request(.ack, from: client(3)).payload("x")
    let fastPath = usual.director.counters.fastPath
    expectFrame(usual.receive(inbound).frame, is: inbound.translated(to: Self.third).frame())
    let outbound = reply(.ack, from: Self.third, to: client(3))
    expectFrame(
      usual.receiveReply(outbound).frame, is: outbound.translated(from: .virtual).frame())
    #expect(usual.director.counters.fastPath - fastPath == (isFast ? 2 : 0))
    #expect(
      usual.director.serviceSnapshots[0].destinations.map(\.real)
        == [.real, Self.second, Self.third])
  }

  /// Many more servers than the configuration had room for.
  @Test func manyServersAreAdded() {
    var configuration = DirectorConfiguration.usual(services: [.web(weights: [])])
    configuration.ports[1].addresses = [IPv4InterfaceAddress(Net.inside, length: 8)]
    let usual = UsualDirector(configuration)
    for number in UInt32(0)..<300 {
      let address = IPv4Address(rawValue: 0x0a01_0000 + number)
      #expect(add(server(address), usual))
      usual.director.installNeighbor(
        address, mac: Net.server1MAC, port: .lan, at: usual.clock.now)
    }
    let servers = opened(0..<300, usual)
    #expect(Set(servers).count == 300)
    for number in 0..<300 {
      #expect(usual.receive(request(.ack, from: client(number))).verdict == .transmit(.lan))
    }
    #expect(usual.loads().allSatisfy { $0 == [1, 0] })
  }

  /// Its link address is asked for, as those of others are.
  @Test func anAddedServerIsAskedFor() {
    let usual = UsualDirector(.usual(services: [.web(weights: [])]), knowsNeighbors: false)
    #expect(add(server(Net.server1), usual))
    #expect(usual.director.neighbor(Net.server1, port: .lan)?.state == .idle)
    #expect(usual.receive(request(.syn)).verdict == .hold)
    let answer = Sent(port: .lan, frame: arpReply(of: Net.server1, Net.server1MAC))
    expectFrames(
      usual.receive([answer]).originated.map(\.frame),
      are: [request(.syn).translated(to: .real).frame()])
  }

  @Test func whatCannotBeAddedIsRefused() {
    var configuration = DirectorConfiguration.usual()
    configuration.ports[0].gateway = nil
    let usual = UsualDirector(configuration)
    #expect(!add(server(Net.server1), usual), "it is there")
    #expect(!add(server(IPv4Address(8, 8, 8, 8)), usual), "no route")
    #expect(!add(server(Net.server2), usual, to: Self.nowhere), "no service")
    #expect(usual.director.serviceSnapshots[0].destinations.map(\.real) == [.real])
  }

  @Test func anAddedServerOfWeight0Waits() {
    let usual = director(weights: [1])
    #expect(add(server(Net.server2, weight: 0), usual))
    #expect(opened(0..<5, usual).allSatisfy { $0 == Net.server1 })
    #expect(setWeight(1, of: Self.second, usual))
    #expect(Set(opened(5..<9, usual)) == [Net.server1, Net.server2])
  }

  // MARK: - Services

  @Test(arguments: [true, false])
  func aRemovedServiceIsNone(isFast: Bool) {
    let usual = director(isFast: isFast)
    usual.receive(request(.syn))
    usual.receive(request(.ack))
    usual.receive(query())
    #expect(removeService(usual))
    let sent = usual.receive([Sent(port: .wan, frame: request(.ack).frame())])
    #expect(sent.outcomes[0].verdict == .drop(.destinationRemoved))
    #expect(sent.originated.isEmpty, "live connections hear nothing")
    #expect(usual.receive(request(.syn, from: client(1))).verdict == .transmit(.wan), "a reset")
    #expect(usual.director.counters.resetsSent == 1)
    #expect(usual.director.serviceSnapshots.map(\.virtual) == [.virtualDNS])
    #expect(usual.connection?.state == .established)
    #expect(usual.director.connectionCount == 2)
    // The other one goes on, and the address is still ours.
    #expect(usual.receive(query()).verdict == .transmit(.lan))
    usual.advance(by: .seconds(901))
    #expect(usual.director.connectionCount == 0)
    #expect(!removeService(usual))
    #expect(!add(server(Net.server3), usual))
    #expect(!setWeight(1, of: .real, usual))
    #expect(!remove(.real, usual))
  }

  @Test func aRemovedUDPServiceIsAPortWithoutOne() {
    let usual = director()
    usual.receive(query())
    #expect(removeService(usual, .udp, .virtualDNS))
    #expect(usual.receive(query()).verdict == .drop(.destinationRemoved))
    let other = query(from: client(1))
    let sent = usual.receive([Sent(port: .wan, frame: other.frame())])
    #expect(sent.outcomes[0].verdict == .drop(.noService))
    expectFrames(
      sent.originated.map(\.frame),
      are: [ownError(.destinationUnreachable, code: 3, about: other.packet).frame()])
    #expect(usual.receive(request(.syn)).verdict == .transmit(.lan))
  }

  /// In states that a SYN opens anew, it meets a closed port.
  @Test func aSYNInTimeWaitOfARemovedServiceIsReset() {
    let usual = director()
    let isInstalled = usual.director.installConnection(
      ConnectionSnapshot(
        protocol: .tcp, client: .client, virtual: .virtual, destination: .real, state: .timeWait),
      at: usual.clock.now)
    #expect(isInstalled && removeService(usual))
    #expect(usual.receive(request(.syn)).verdict == .transmit(.wan))
    #expect(usual.director.counters.resetsSent == 1)
    #expect(usual.director.connectionCount == 0)
  }
}
