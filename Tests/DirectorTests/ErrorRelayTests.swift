import Director
import Frames
import TestSupport
import Testing
import Wire

private typealias Net = ExampleNetwork

/// ICMP errors about packets of connections reach who sent the packet, in its own terms.
@Suite struct ErrorRelayTests {
  struct Row: Sendable, CustomTestStringConvertible {
    var title: String
    var change: @Sendable (RelayedError) -> RelayedError
    var testDescription: String { title }

    init(_ title: String, _ change: @escaping @Sendable (RelayedError) -> RelayedError) {
      self.title = title
      self.change = change
    }
  }

  private static let recordRoute: [UInt8] = [7, 7, 4, 0, 0, 0, 0, 1]

  private static let kinds: [(ICMPv4Type, UInt8, UInt32)] =
    (0...15).map { (.destinationUnreachable, $0, $0 == 4 ? 1300 : 0) }
    + [(.timeExceeded, 0, 0), (.timeExceeded, 1, 0), (.sourceQuench, 0, 0)]

  static let rows =
    kinds.map { type, code, rest in
      Row("\(type.rawValue) \(code)") {
        $0.with(\.type, type).with(\.code, code).with(\.rest, rest)
      }
    } + [
      Row("both ports and no more") { $0.with(\.quoteLength, 24) },
      Row("both ports and a byte") { $0.with(\.quoteLength, 25) },
      Row("8 bytes of the transport header") { $0.with(\.quoteLength, 28) },
      Row("the checksum cut in half") { $0.with(\.quoteLength, 37) },
      Row("an odd number of bytes") {
        $0.quoting { $0.payload = Array(repeating: 7, count: 301) }
      },
      Row("a long quote") {
        $0.with(\.quoteLength, 1472).quoting { $0 = $0.payload(count: 1400) }
      },
      Row("options in the quoted header") { $0.quoting { $0.ip.options = Self.recordRoute } },
      Row("most options, and both ports") {
        $0.with(\.quoteLength, 64).quoting { $0.ip.options = [UInt8](repeating: 1, count: 40) }
      },
      Row("options in the outer header") { $0.carried { $0.ip.options = Self.recordRoute } },
      Row("options in both") {
        $0.carried { $0.ip.options = Self.recordRoute }
          .quoting { $0.ip.options = [1, 1, 1, 0] }
      },
      Row("a first fragment") {
        $0.quoting {
          $0.ip.moreFragments = true
          $0.ip.dontFragment = false
        }
      },
      Row("a quoted header checksum that is wrong") { $0.quoting { $0.ip.checksum = 0x1234 } },
      Row("a quoted total length that is wrong") {
        $0.quoting { $0.ip.totalLength = 9999 }.with(\.quoteLength, 28)
      },
      Row("a quoted transport checksum that is wrong") {
        $0.quoting { $0 = $0.withTransportChecksum(0x4711) }
      },
      Row("a quoted time to live of 1") { $0.quoting { $0.ip.timeToLive = 1 } },
      Row("type of service") { $0.carried { $0.ip.typeOfService = 0x0a } },
      Row("do not fragment") { $0.carried { $0.ip.dontFragment = true } },
      Row("its last hop but one") { $0.carried { $0.ip.timeToLive = 2 } },
      Row("padding") { $0.with(\.quoteLength, 24).carried { $0.minimumLength = 120 } },
    ]

  private func established(_ configuration: DirectorConfiguration = .usual()) -> UsualDirector {
    let usual = UsualDirector(configuration)
    usual.receive(request(.syn))
    usual.receiveReply(reply([.syn, .ack]))
    usual.receive(request(.ack))
    usual.receive(query())
    usual.receiveReply(response())
    return usual
  }

  @Test(arguments: rows, RelayedError.all)
  func isTranslated(row: Row, error: RelayedError) {
    let error = row.change(error)
    let usual = established()
    let outcome = usual.receive(error.incoming.frame(), port: error.portIn)
    #expect(outcome.verdict == .transmit(error.portOut))
    expectFrame(outcome.frame, is: error.outgoing.frame())
    #expect(usual.director.counters.errorsSent == 0, "it is somebody else's")
  }

  @Test(arguments: RelayedError.all)
  func comesFromTheVirtualAddressWhoeverSaysIt(error: RelayedError) {
    for sender in [Net.server1, Net.server2, IPv4Address(172, 31, 0, 1)] {
      let error = error.carried { $0.ip.source = sender }
      let usual = established()
      let outcome = usual.receive(error.incoming.frame(), port: error.portIn)
      expectFrame(outcome.frame, is: error.outgoing.frame())
    }
  }

  @Test(arguments: RelayedError.all)
  func countsForTheServerAndNotForTheConnection(error: RelayedError) {
    let usual = established()
    let isTCP = error.protocol == .tcp
    let virtual: Endpoint = isTCP ? .virtual : .virtualDNS
    usual.advance(by: .seconds(10))
    let connection = usual.connection(error.protocol, from: .client, to: virtual)
    let service = isTCP ? 0 : 1
    let before = usual.director.serviceSnapshots[service].destinations[0]
    let frame = error.incoming.frame()
    #expect(usual.receive(frame, port: error.portIn).verdict == .transmit(error.portOut))
    #expect(usual.connection(error.protocol, from: .client, to: virtual) == connection)
    #expect(connection?.remaining == (isTCP ? .seconds(890) : .seconds(290)))
    let after = usual.director.serviceSnapshots[service].destinations[0]
    let isInbound = error.direction == .toServer
    #expect(after.inbound.packets - before.inbound.packets == (isInbound ? 1 : 0))
    #expect(after.outbound.packets - before.outbound.packets == (isInbound ? 0 : 1))
    let bytes =
      after.inbound.bytes - before.inbound.bytes + after.outbound.bytes - before.outbound.bytes
    #expect(bytes == UInt64(frame.packetLength))
  }

  /// Nobody hears of an error that could not be delivered.
  @Test(arguments: RelayedError.all)
  func waitsForTheNextHopAndThenIsForgotten(error: RelayedError) {
    let usual = UsualDirector(knowsNeighbors: false)
    if error.direction == .toServer {
      usual.director.installNeighbor(
        Net.gateway, mac: Net.gatewayMAC, port: .wan, at: usual.clock.now)
    } else {
      usual.director.installNeighbor(
        Net.server1, mac: Net.server1MAC, port: .lan, at: usual.clock.now)
    }
    usual.receive(request(.syn))
    usual.receive(query())
    let frame = error.incoming.frame()
    #expect(usual.receive(frame, port: error.portIn).verdict == .hold)
    for _ in 0..<3 { usual.advance(by: .seconds(1)) }
    let (outcomes, originated) = usual.receive([Sent(port: error.portIn, frame: frame)])
    #expect(outcomes[0].verdict == .drop(.neighborUnreachable))
    #expect(originated.isEmpty)
    // The SYN and the query waited for the server, too.
    #expect(usual.director.counters.errorsSent == (error.direction == .toServer ? 2 : 0))
  }

  /// Errors larger than the next link takes: none is sent about them.
  @Test(arguments: RelayedError.all)
  func isFragmentedOrDropped(error: RelayedError) {
    let error = error.with(\.quoteLength, 1400).quoting { $0 = $0.payload(count: 1400) }
    let usual = established(.limited(outsideMTU: 1000, insideMTU: 1000))
    let (outcomes, originated) = usual.receive([
      Sent(port: error.portIn, frame: error.incoming.frame())
    ])
    #expect(outcomes[0].verdict == .absorb)
    expectFrames(originated.map(\.frame), are: error.outgoing.frame().fragments(limit: 1000))
    let whole = error.carried { $0.ip.dontFragment = true }
    let refused = usual.receive([Sent(port: error.portIn, frame: whole.incoming.frame())])
    #expect(refused.outcomes[0].verdict == .drop(.mtuExceeded))
    #expect(refused.originated.isEmpty)
  }

  @Test(arguments: RelayedError.all)
  func isPutTogetherFromFragments(error: RelayedError) {
    let error = error.with(\.quoteLength, 1400).quoting { $0 = $0.payload(count: 1400) }
    for lengths in [[8], [16, 24], [800], [480, 480]] {
      let usual = established()
      let frames = error.incoming.frame().fragments(lengths)
      let sent = usual.receive(eachOf: frames.reversed(), port: error.portIn)
      #expect(sent.verdicts == frames.dropFirst().map { _ in .hold } + [.absorb])
      let longest = frames.map(\.packetLength).max() ?? 0
      expectFrames(
        sent.originated.map(\.frame), are: error.outgoing.frame().fragments(limit: longest))
    }
  }
}
