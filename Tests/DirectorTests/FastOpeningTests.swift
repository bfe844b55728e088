import Director
import Frames
import TestSupport
import Testing
import Wire

/// The first frames of flows on the fast path, and what it leaves to the slow one.
@Suite struct FastOpeningTests {
  struct Row: Sendable, CustomTestStringConvertible {
    var title: String
    var configuration = DirectorConfiguration.usual()
    var frame: FrameBuilder
    /// Whether the fast path takes it.
    var isFast: Bool
    var testDescription: String { title }
  }

  private static func clamped() -> DirectorConfiguration {
    var service = DirectorConfiguration.Service.web()
    service.segmentSizeClamp = .size(1000)
    return .usual(services: [service])
  }

  static let rows = [
    Row(title: "SYN", frame: request(.syn), isFast: true),
    Row(title: "SYN and ACK", frame: request([.syn, .ack]), isFast: true),
    Row(title: "UDP", frame: query(), isFast: true),
    Row(title: "SYN and RST", frame: request([.syn, .rst]), isFast: false),
    Row(title: "ACK", frame: request(.ack), isFast: false),
    Row(
      title: "from port 20", frame: request(.syn, from: Endpoint(ExampleNetwork.client, 20)),
      isFast: false),
    Row(
      title: "from a broadcast address",
      frame: request(.syn, from: Endpoint(IPv4Address(203, 0, 113, 255), 5)), isFast: true),
    Row(
      title: "from the broadcast address of a connected network",
      frame: request(.syn, from: Endpoint(IPv4Address(192, 0, 2, 255), 5)), isFast: false),
    Row(
      title: "to no service", frame: request(.syn, to: Endpoint(ExampleNetwork.virtual, 9)),
      isFast: false),
    Row(
      title: "with a clamped segment size", configuration: clamped(), frame: request(.syn),
      isFast: false),
    Row(
      title: "without a usable server",
      configuration: .usual(services: [.web(weights: [0])]), frame: request(.syn), isFast: false),
  ]

  @Test(arguments: rows)
  func bothPathsAgree(row: Row) {
    let directors = [true, false].map { isFast in
      let usual = UsualDirector(row.configuration)
      usual.director.isFastPathEnabled = isFast
      return usual
    }
    let outcomes = directors.map { $0.receive([Sent(port: .wan, frame: row.frame.frame())]) }
    #expect(outcomes[0].outcomes == outcomes[1].outcomes)
    #expect(outcomes[0].originated == outcomes[1].originated)
    #expect(directors[0].connections == directors[1].connections)
    #expect(directors[0].loads() == directors[1].loads())
    #expect(directors[0].director.counters.fastPath == (row.isFast ? 1 : 0))
  }

  /// A connection that the fast path opens ends when it would have.
  @Test(arguments: [true, false])
  func endsInItsTime(isFast: Bool) {
    let usual = UsualDirector()
    usual.director.isFastPathEnabled = isFast
    usual.receive(request(.syn))
    usual.advance(by: .seconds(3))
    #expect(usual.connection?.state == .synReceived)
    usual.advance(by: .milliseconds(56_900))
    #expect(usual.director.connectionCount == 1)
    usual.advance(by: .milliseconds(250))
    #expect(usual.director.connectionCount == 0)
  }

  /// The server whose link address is not known yet gets the connection all the same, and the frame
  /// when it answers.
  @Test(arguments: [true, false])
  func waitsForANeighbor(isFast: Bool) {
    let usual = UsualDirector(knowsNeighbors: false)
    usual.director.isFastPathEnabled = isFast
    #expect(usual.receive(request(.syn)).verdict == .hold)
    #expect(usual.connection?.state == .synReceived)
    #expect(usual.director.counters.connectionsOpened == 1)
    #expect(usual.director.counters.fastPath == 0)
  }

  /// A table at its limit loses no turn of the scheduler.
  @Test func aFullTableChangesNoChoice() {
    let chosen = [true, false].map { isFast in
      let usual = UsualDirector(.usual(services: [.web(weights: [1, 1, 1])], limit: 2))
      usual.director.isFastPathEnabled = isFast
      for number in UInt16(0)..<5 {
        usual.receive(request(.syn, from: Endpoint(ExampleNetwork.client, 100 + number)))
      }
      usual.advance(by: .seconds(70))
      usual.learnNeighbors()
      for number in UInt16(0)..<2 {
        usual.receive(request(.syn, from: Endpoint(ExampleNetwork.client, 200 + number)))
      }
      return usual.connections.map(\.destination)
    }
    #expect(chosen[0].count == 2)
    #expect(chosen[0] == chosen[1])
  }
}
