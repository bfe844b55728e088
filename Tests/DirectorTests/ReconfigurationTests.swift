import Director
import Frames
import TestSupport
import Testing
import Wire

private typealias Net = ExampleNetwork

/// Another configuration while traffic flows: what it does not change goes on.
@Suite struct ReconfigurationTests {
  private static let first = Endpoint(Net.server1, 8080)
  private static let second = Endpoint(Net.server2, 8080)

  private func client(_ number: Int) -> Endpoint { Endpoint(Net.client, UInt16(1000 + number)) }

  private func open(_ number: Int, _ usual: UsualDirector) -> Endpoint? {
    usual.receive(request(.syn, from: client(number)))
    return usual.connection(from: client(number))?.destination
  }

  /// The configuration with its services changed by `change`.
  private func changed(
    _ usual: UsualDirector, _ change: (inout [DirectorConfiguration.Service]) -> Void
  ) -> DirectorConfiguration {
    var configuration = usual.director.configuration
    change(&configuration.services)
    return configuration
  }

  private func reconfigure(
    _ usual: UsualDirector, _ change: (inout [DirectorConfiguration.Service]) -> Void
  ) -> ReloadObstacle? {
    usual.director.reconfigure(changed(usual, change), at: usual.clock.now)
  }

  @Test func theSameChangesNothing() {
    let usual = UsualDirector(.usual(services: [.web(.weightedRoundRobin, weights: [3, 1])]))
    let twin = UsualDirector(.usual(services: [.web(.weightedRoundRobin, weights: [3, 1])]))
    for number in 0..<40 {
      let obstacle = reconfigure(usual) { _ in }
      #expect(obstacle == nil)
      #expect(open(number, usual) == open(number, twin))
    }
  }

  @Test func otherServicesLeaveASchedulersTurnAlone() {
    let usual = UsualDirector(.usual(services: [.web(.roundRobin, weights: [1, 1])]))
    var seen: [Endpoint?] = []
    for number in 0..<8 {
      seen.append(open(number, usual))
      let obstacle = reconfigure(usual) { services in
        if services.count == 1 { services.append(.dns) } else { services.removeLast() }
      }
      #expect(obstacle == nil)
    }
    let turns = [seen[0], seen[1]]
    #expect(Set(turns.map { "\($0, default: "none")" }).count == 2)
    #expect(seen == turns + turns + turns + turns)
  }

  @Test func aNewServiceServesAndAGoneOneDoesNot() {
    let usual = UsualDirector(.usual(services: [.web()]))
    let other = Endpoint(Net.virtual, 81)
    func answered(_ number: Int) -> Bool {
      usual.receive(
        request(.syn, from: client(number)).with(\.tcp.destination, other.port))
      return usual.connection(from: client(number), to: other) != nil
    }
    #expect(!answered(1))
    var service = DirectorConfiguration.Service.web()
    service.port = other.port
    for turn in 0..<4 {
      let added = reconfigure(usual) { $0.append(service) }
      #expect(added == nil)
      #expect(answered(10 + turn))
      #expect(usual.director.serviceSnapshots.count == 2)
      let removed = reconfigure(usual) { $0.removeLast() }
      #expect(removed == nil)
      #expect(!answered(20 + turn))
      #expect(usual.director.serviceSnapshots.count == 1)
    }
  }

  @Test func aServerThatIsGoneGetsNothingAndComesBackWithItsConnections() throws {
    let usual = UsualDirector(
      .usual(services: [.web(.roundRobin, weights: [1, 1]).when(removed: .keep)]))
    let held = (0..<2).map { open($0, usual) }
    let number = try #require(held.firstIndex(of: Self.second))
    let server = try #require(usual.director.configuration.services[0].servers.last)
    let gone = reconfigure(usual) { $0[0].servers.removeLast() }
    #expect(gone == nil)
    for number in 10..<20 { #expect(open(number, usual) == Self.first) }
    // `keep`: those of the server that is gone go on.
    #expect(usual.connection(from: client(number))?.destination == Self.second)
    let back = reconfigure(usual) { $0[0].servers.append(server) }
    #expect(back == nil)
    #expect(Set((20..<24).map { open($0, usual) }) == [Self.first, Self.second])
    #expect(usual.loads()[1] == [3, 0])
  }

  /// Health has removed a server and given another weight; a reload of something else does not touch that.
  @Test func whatHealthDidStays() {
    let usual = UsualDirector(.usual(services: [.web(.roundRobin, weights: [1, 1])]))
    let removed = usual.director.removeServer(Self.second, from: .tcp, .virtual)
    #expect(removed)
    let obstacle = reconfigure(usual) { $0[0].segmentSizeClamp = .size(1400) }
    #expect(obstacle == nil)
    for number in 0..<4 { #expect(open(number, usual) == Self.first) }
    let added = usual.director.addServer(
      .init(address: Net.server2, port: 8080), to: .tcp, .virtual, at: usual.clock.now)
    #expect(added)
    #expect(Set((10..<12).map { open($0, usual) }) == [Self.first, Self.second])
  }

  @Test func aServerReachedInAnotherWayIsANewOne() {
    let usual = UsualDirector(
      .usual(services: [.web(.roundRobin, weights: [1]).when(removed: .keep)]))
    #expect(open(1, usual) == Self.first)
    let obstacle = reconfigure(usual) { services in
      services[0].servers[0].method = .tunnel
      services[0].servers[0].port = 80
      services[0].servers.append(.init(address: Net.server1, port: 8080, method: .nat))
    }
    #expect(obstacle == nil)
    let destinations = usual.director.serviceSnapshots[0].destinations
    #expect(Set(destinations.map(\.method)) == [.tunnel, .nat])
    #expect(usual.connection(from: client(1))?.destination == Self.first)
    // Back and forth, and no record is taken for the other.
    for turn in 0..<6 {
      let obstacle = reconfigure(usual) { services in
        services[0].servers[1].method = turn.isMultiple(of: 2) ? .tunnel : .nat
        services[0].servers[1].port = turn.isMultiple(of: 2) ? 80 : 8080
        services[0].servers.remove(at: 0)
        services[0].servers.append(.init(address: Net.server2, port: 8080))
        services[0].servers.swapAt(0, 1)
      }
      #expect(obstacle == nil)
    }
    #expect(
      usual.director.serviceSnapshots[0].destinations.map(\.real.address).contains(Net.server2))
  }

  @Test func aNewVirtualAddressIsAnnouncedAndAGoneOneIsNot() {
    let usual = UsualDirector(.usual(services: [.web()]))
    let address = IPv4Address(192, 0, 2, 101)
    let question = ARPFields(
      operation: .request, senderMAC: Net.gatewayMAC, senderAddress: Net.gateway,
      targetMAC: .zero, targetAddress: address)
    let frame = FrameBuilder.ethernet(from: Net.gatewayMAC, to: .broadcast).arp(question).frame()
    func isAnswered() -> Bool { usual.receive(frame).frame != nil }
    #expect(!isAnswered())
    var service = DirectorConfiguration.Service.web()
    service.address = address
    let added = reconfigure(usual) { $0.append(service) }
    #expect(added == nil)
    #expect(!usual.advance(by: .milliseconds(10)).isEmpty)
    #expect(isAnswered())
    let removed = reconfigure(usual) { $0.removeLast() }
    #expect(removed == nil)
    #expect(!isAnswered())
  }

  @Test func whatNeedsARestartChangesNothing() {
    let usual = UsualDirector(.usual(services: [.web()]))
    let before = usual.director.configuration
    var ports = before
    ports.ports[0].mtu = 1400
    ports.services = []
    var limit = before
    limit.connectionLimit += 1
    var local = before
    local.services[0].fullNAT.localAddresses = [Net.local]
    local.services[0].servers[0].method = .fullnat
    var names = before
    names.ports.removeLast()
    let cases: [(DirectorConfiguration, [ReloadObstacle])] = [
      (ports, [.port(before.ports[0].name)]), (limit, [.connectionLimit]),
      (local, [.firstFullNAT]), (names, [.portList]),
    ]
    for (new, obstacles) in cases {
      #expect(Director.obstacles(from: before, to: new) == obstacles)
      let obstacle = usual.director.reconfigure(new, at: usual.clock.now)
      #expect(obstacle == obstacles[0])
      #expect(usual.director.configuration == before)
    }
    #expect(open(1, usual) != nil)
  }

  @Test func aServiceOfFullNATMayGetOtherLocalAddresses() throws {
    var service = DirectorConfiguration.Service.web(.roundRobin, weights: [1])
    service.servers[0].method = .fullnat
    service.fullNAT = FullNATSettings(localAddresses: [Net.local], localPorts: 20_000...20_009)
    let usual = UsualDirector(.usual(services: [service.when(removed: .keep)]))
    #expect(open(1, usual) == Self.first)
    let old = usual.connection(from: client(1))?.translation?.local.address
    let obstacle = reconfigure(usual) {
      $0[0].fullNAT.localPorts = 30_000...30_009
    }
    #expect(obstacle == nil)
    #expect(open(2, usual) == Self.first)
    #expect(old == Net.local)
    #expect(usual.connection(from: client(1)) != nil)
    #expect(usual.connection(from: client(2))?.translation != nil)
  }

  /// Two hundred changes by chance: a connection of a server that stays goes on, and the list is what the
  /// configuration says.
  @Test(arguments: 1...8) func randomChangesKeepWhatStays(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let usual = UsualDirector(
      .usual(services: [.web(.roundRobin, weights: [1]).when(removed: .reset)]))
    #expect(open(0, usual) == Self.first)
    let others = [Net.server2, Net.server3].map { Endpoint($0, 8080) }
    for turn in 1...200 {
      let obstacle = reconfigure(usual) { services in
        services[0].servers.removeAll { $0.address != Net.server1 }
        for other in others where Bool.random(using: &random) {
          services[0].servers.insert(
            .init(address: other.address, port: other.port),
            at: Int.random(in: 0...services[0].servers.count, using: &random))
        }
        services[0].scheduler = SchedulerKind.allCases.randomElement(using: &random) ?? .roundRobin
        services.removeAll { $0.protocol == .udp }
        if Bool.random(using: &random) { services.append(.dns) }
      }
      #expect(obstacle == nil)
      let wanted = Set(usual.director.configuration.services[0].servers.map(\.address))
      let seen = usual.director.serviceSnapshots[0].destinations.map(\.real.address)
      #expect(Set(seen) == wanted && seen.count == wanted.count)
      if let destination = open(turn, usual) { #expect(wanted.contains(destination.address)) }
      usual.advance(by: .milliseconds(50))
    }
    #expect(usual.connection(from: client(0))?.destination == Self.first)
  }
}
