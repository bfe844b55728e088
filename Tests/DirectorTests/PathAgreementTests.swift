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
