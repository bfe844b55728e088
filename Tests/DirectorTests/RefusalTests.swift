import Director
import Frames
import TestSupport
import Testing
import Wire

private typealias Net = ExampleNetwork

/// One frame for each reason to drop one: the verdict says so, and exactly that counter rises.
@Suite struct RefusalTests {
  struct Row: Sendable, CustomTestStringConvertible {
    var reason: DropReason
    var title: String
    var configuration = DirectorConfiguration.usual()
    var knowsNeighbors = true
    var prepare: @Sendable (UsualDirector) -> Void = { _ in }
    var frame: TestFrame
    var port = PortIndex.wan
    var testDescription: String { "\(reason.name): \(title)" }

    init(
      _ reason: DropReason, _ title: String, _ frame: TestFrame, port: PortIndex = .wan,
      configuration: DirectorConfiguration = .usual(), knowsNeighbors: Bool = true,
      prepare: @escaping @Sendable (UsualDirector) -> Void = { _ in }
    ) {
      self.reason = reason
      self.title = title
      self.frame = frame
      self.port = port
      self.configuration = configuration
      self.knowsNeighbors = knowsNeighbors
      self.prepare = prepare
    }
  }

  static let rows =
    ethernetRefusals + arpRefusals + ipRefusals + transportRefusals
    + serviceRefusals + forwardingRefusals

  @Test(arguments: rows, [true, false])
  func raisesExactlyItsCounter(row: Row, isFast: Bool) {
    let usual = UsualDirector(row.configuration, knowsNeighbors: row.knowsNeighbors)
    usual.director.isFastPathEnabled = isFast
    row.prepare(usual)
    let before = usual.director.counters
    let outcome = usual.receive(row.frame, port: row.port)
    #expect(outcome.verdict == .drop(row.reason))
    let after = usual.director.counters
    for reason in DropReason.allCases {
      let rise = after[reason] - before[reason]
      #expect(rise == (reason == row.reason ? 1 : 0), "\(reason.name) rose by \(rise)")
    }
    #expect(after.received - before.received == 1)
    #expect(
      after.transmitted + after.held + after.absorbed
        == before.transmitted + before.held + before.absorbed)
  }

  /// A frame whose copy waits is not dropped itself, but older ones or requests may be.
  @Test func aHeldFrameDisplacesTheOldest() {
    let usual = UsualDirector(knowsNeighbors: false)
    for port in UInt16(1001)...1065 {
      #expect(usual.receive(request(.syn, from: Endpoint(Net.client, port))).verdict == .hold)
    }
    #expect(usual.director.counters[.neighborQueueFull] == 1)
    #expect(usual.director.counters.dropped == 1)
    #expect(usual.director.counters.held == 65)
  }

  @Test func aFullOutboxLosesTheRequest() {
    let usual = UsualDirector(knowsNeighbors: false)
    usual.fillOutbox()
    #expect(usual.receive(request(.syn)).verdict == .hold)
    #expect(usual.director.counters[.outboxFull] == 1)
    #expect(usual.director.counters.dropped == 1)
  }

  /// Only who owns the devices can know of the last two; they are counted here all the same.
  @Test(arguments: [DropReason.portMissing, .transmitFailed])
  func theDevicesReasonsAreNoted(reason: DropReason) {
    let usual = UsualDirector()
    usual.director.note(reason, count: 3)
    #expect(usual.director.counters[reason] == 3)
    #expect(usual.director.counters.dropped == 3)
  }

  @Test func everyReasonIsReached() {
    let elsewhere: Set<DropReason> = [
      .noLocalPort, .fragmentOverlap, .fragmentMemoryExceeded, .fragmentTimeExceeded,
      .neighborQueueFull,
      .outboxFull, .portMissing, .transmitFailed,
    ]
    #expect(Set(Self.rows.map(\.reason)).union(elsewhere) == Set(DropReason.allCases))
    #expect(elsewhere.isDisjoint(with: Self.rows.map(\.reason)))
  }
}
