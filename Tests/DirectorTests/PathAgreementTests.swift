import Director
import Frames
import TestSupport
import Testing
import Wire

/// Two directors, one without its fast path, get the same frames and do the same.
@Suite struct PathAgreementTests {
  private func expectEqual(
    _ fast: [Outcome], _ slow: [Outcome], of frames: [Sent]
  ) {
    for (index, frame) in frames.enumerated() where fast[index] != slow[index] {
      Issue.record(
        "fast: \(fast[index].verdict), slow: \(slow[index].verdict), frame:\n\(frame.frame)")
      if let left = fast[index].frame, let right = slow[index].frame {
        expectFrame(left, is: right)
      }
    }
  }

  private func totals(_ usual: UsualDirector) -> [UInt64] {
    let counters = usual.director.counters
    return [
      counters.received, counters.transmitted, counters.held, counters.absorbed,
      counters.originated, counters.connectionsOpened, counters.connectionsEnded,
      counters.probesSent, counters.resetsSent, counters.connectionsReset,
      counters.connectionsAbandoned, counters.connectionsReplaced,
      counters.tunnelSuperframes,
    ] + DropReason.allCases.map { counters[$0] }
  }

  private func servers(_ usual: UsualDirector) -> [[UInt64]] {
    usual.director.serviceSnapshots.flatMap(\.destinations).map { server in
      [
        UInt64(server.activeCount), UInt64(server.inactiveCount), server.openedCount,
        server.inbound.packets, server.inbound.bytes, server.outbound.packets,
        server.outbound.bytes,
      ]
    }
  }

  private func expectEqualState(_ fast: UsualDirector, _ slow: UsualDirector) {
    #expect(totals(fast) == totals(slow))
    #expect(servers(fast) == servers(slow))
    #expect(fast.connections == slow.connections)
    #expect(fast.director.neighborSnapshots == slow.director.neighborSnapshots)
    #expect(
      fast.director.nextDeadline(after: fast.clock.now)
        == slow.director.nextDeadline(after: slow.clock.now))
  }

  private func pair(
    _ configuration: DirectorConfiguration = RandomTraffic.configuration
  ) -> (fast: UsualDirector, slow: UsualDirector) {
    let directors = (0..<2).map { _ in
      UsualDirector(configuration, knowsNeighbors: false)
    }
    for usual in directors {
      usual.director.fixedChoices.localSequence = RandomTraffic.localSequence
    }
    directors[1].director.isFastPathEnabled = false
    return (directors[0], directors[1])
  }

  private static let configurations = [
    RandomTraffic.configuration, RandomTraffic.tunnelled, RandomTraffic.translated(.none),
    RandomTraffic.translated(.toa), RandomTraffic.translated(.proxyV2),
  ]

  @Test(arguments: UInt64(1)...6, configurations)
  func onRandomTraffic(seed: UInt64, configuration: DirectorConfiguration) {
    expectAgreement(seed, configuration)
  }

  /// Segments go into tunnels of GUE as one frame.
  @Test(arguments: UInt64(1)...6)
  func onRandomTrafficWithSuperframes(seed: UInt64) {
    let counters = expectAgreement(seed, RandomTraffic.tunnelled, superframes: true)
    #expect(counters.tunnelSuperframes > 0)
  }

  @discardableResult
  private func expectAgreement(
    _ seed: UInt64, _ configuration: DirectorConfiguration, superframes: Bool = false
  ) -> DirectorCounters {
    var traffic = RandomTraffic(seed: seed)
    traffic.isTranslated = configuration.services[0].servers[0].method == .fullnat
    let (fast, slow) = pair(configuration)
    for usual in [fast, slow] {
      for port in [PortIndex.wan, .lan] {
        usual.director.setTunnelSuperframes(superframes, by: port)
      }
    }
    var answers: [Sent] = []
    var verdicts: Set<String> = []
    for round in 0..<150 {
      let count = Int.random(in: 1...28, using: &traffic.random)
      let frames = answers.prefix(20) + (0..<count).map { _ in traffic.next() }
      let (left, leftOriginated) = fast.receive(Array(frames))
      let (right, rightOriginated) = slow.receive(Array(frames))
      expectEqual(left, right, of: Array(frames))
      #expect(leftOriginated == rightOriginated)
      verdicts.formUnion(left.map { "\($0.verdict)" })
      let step = Duration.milliseconds(Int.random(in: 0...3000, using: &traffic.random))
      let leftDue = fast.advance(by: step)
      let rightDue = slow.advance(by: step)
      #expect(leftDue == rightDue)
      answers = (leftOriginated + leftDue).compactMap { traffic.answer(to: $0) }
      if round.isMultiple(of: 10) { expectEqualState(fast, slow) }
    }
    expectEqualState(fast, slow)
    #expect(slow.director.counters.fastPath == 0)
    #expect(fast.director.counters.fastPath * 4 > fast.director.counters.transmitted)
    #expect(fast.director.counters.transmitted * 4 > fast.director.counters.received)
    #expect(verdicts.count > 15, "\(verdicts.sorted())")
    return fast.director.counters
  }

  /// Servers go, fail and come back.
  @Test(arguments: RemovalPolicy.allCases, configurations)
  func whileServersComeAndGo(policy: RemovalPolicy, configuration: DirectorConfiguration) {
    var configuration = configuration
    for index in configuration.services.indices {
      configuration.services[index].whenRemoved = policy
    }
    var traffic = RandomTraffic(seed: 7)
    traffic.isTranslated = configuration.services[0].servers[0].method == .fullnat
    let (fast, slow) = pair(configuration)
    var answers: [Sent] = []
    for _ in 0..<200 {
      let service = configuration.services[Int.random(in: 0...1, using: &traffic.random)]
      let choice = Int.random(in: 0..<8, using: &traffic.random)
      if let server = service.servers.randomElement(using: &traffic.random) {
        for usual in [fast, slow] { change(server, of: service, choice, policy, usual) }
      }
      let count = Int.random(in: 1...28, using: &traffic.random)
      let frames = answers.prefix(20) + (0..<count).map { _ in traffic.next() }
      let (left, leftOriginated) = fast.receive(Array(frames))
      let (right, rightOriginated) = slow.receive(Array(frames))
      expectEqual(left, right, of: Array(frames))
      #expect(leftOriginated == rightOriginated)
      let step = Duration.milliseconds(Int.random(in: 0...300, using: &traffic.random))
      let leftDue = fast.advance(by: step)
      #expect(leftDue == slow.advance(by: step))
      answers = (leftOriginated + leftDue).compactMap { traffic.answer(to: $0) }
      expectEqualState(fast, slow)
    }
    let counters = fast.director.counters
    let endings =
      counters.connectionsReset + counters.connectionsAbandoned + counters.connectionsReplaced
    #expect((endings > 0) == (policy == .reset || policy == .reschedule))
    #expect(endings <= counters.connectionsEnded)
    #expect((counters.probesSent > 0) == (policy == .reset))
    #expect(
      counters.connectionsOpened - counters.connectionsEnded
        == UInt64(fast.director.connectionCount))
  }

  private func change(
    _ server: DirectorConfiguration.Server, of service: DirectorConfiguration.Service,
    _ choice: Int, _ policy: RemovalPolicy, _ usual: UsualDirector
  ) {
    let real = Endpoint(server.address, server.port)
    let virtual = Endpoint(service.address, service.port)
    switch choice {
    case 0: _ = usual.director.removeServer(real, from: .tcp, virtual)
    case 1...2: _ = usual.director.addServer(server, to: .tcp, virtual, at: usual.clock.now)
    case 3: _ = usual.director.endConnections(ofServer: real, in: .tcp, virtual, by: policy)
    case 4: _ = usual.director.restoreServer(real, in: .tcp, virtual)
    default: break
    }
  }

  /// The two may be exchanged at any time.
  @Test func oneDirectorMayChangePaths() {
    var traffic = RandomTraffic(seed: 99)
    let (changing, slow) = pair()
    for round in 0..<100 {
      changing.director.isFastPathEnabled = round.isMultiple(of: 3)
      let frames = (0..<20).map { _ in traffic.next() }
      expectEqual(changing.receive(frames).outcomes, slow.receive(frames).outcomes, of: frames)
      if round.isMultiple(of: 7) {
        changing.learnNeighbors()
        slow.learnNeighbors()
      }
      #expect(changing.advance(by: .milliseconds(500)) == slow.advance(by: .milliseconds(500)))
    }
    expectEqualState(changing, slow)
    #expect(changing.director.counters.fastPath > 0)
  }
}
