import Director
import Frames
import TestSupport
import Testing
import Wire

/// What fits the next link's MTU to the byte; what does not is among the refusals.
@Suite struct MTUTests {
  struct Row: Sendable, CustomTestStringConvertible {
    var title: String
    var builder: FrameBuilder
    var testDescription: String { title }
  }

  private static let timestamps: [UInt8] = [1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2]

  static let fitting = [
    Row(title: "TCP", builder: request(.ack).payload(count: 1460)),
    Row(
      title: "TCP with options",
      builder: request(.ack).with(\.tcp.options, timestamps).payload(count: 1448)),
    Row(title: "UDP", builder: query().payload(count: 1472)),
    Row(title: "segments", builder: request(.ack).payload(count: 9000).segmented(1460)),
    Row(
      title: "segments with options",
      builder: request(.ack).with(\.tcp.options, timestamps).payload(count: 9000).segmented(1448)),
    Row(title: "datagrams", builder: query().payload(count: 9000).segmented(1472)),
    Row(
      title: "a segment size that the frame does not reach",
      builder: request(.ack).payload(count: 100).segmented(9000)),
  ]

  @Test(arguments: fitting, [true, false])
  func fits(row: Row, isFast: Bool) {
    let usual = UsualDirector()
    usual.director.isFastPathEnabled = isFast
    usual.receive(request(.syn))
    usual.receive(query())
    let real: Endpoint = row.builder.transport == .tcp ? .real : .realDNS
    let before = usual.director.counters.fastPath
    let outcome = usual.receive(row.builder)
    expectFrame(outcome.frame, is: row.builder.translated(to: real).frame())
    #expect(usual.director.counters.fastPath - before == (isFast ? 1 : 0))
  }

  /// The MTU that counts is that of the port where the frame leaves.
  @Test(arguments: [true, false])
  func isThatOfTheWayOut(isFast: Bool) {
    var configuration = DirectorConfiguration.usual()
    configuration.ports[0].mtu = 600
    configuration.ports[1].mtu = 9000
    let usual = UsualDirector(configuration)
    usual.director.isFastPathEnabled = isFast
    usual.receive(request(.syn))
    #expect(usual.receive(request(.ack).payload(count: 8960)).verdict == .transmit(.lan))
    #expect(usual.receiveReply(reply(.ack).payload(count: 560)).verdict == .transmit(.wan))
    #expect(usual.receiveReply(reply(.ack).payload(count: 561)).verdict == .drop(.mtuExceeded))
  }
}

/// GSO frames that may be fragmented, and whose segments do not fit.
@Suite struct LargeSegmentTests {
  private static var narrow: DirectorConfiguration {
    var configuration = DirectorConfiguration.usual()
    configuration.ports[1].mtu = 1000
    return configuration
  }

  /// Segments that do not exist yet are made shorter; they are not fragmented.
  @Test func tcpSegmentsGetShorter() {
    let usual = UsualDirector(Self.narrow)
    usual.receive(request(.syn))
    let large = request(.ack).payload(count: 9000).with(\.ip.dontFragment, false)
    let outcome = usual.receive(large.segmented(1448))
    expectFrame(outcome.frame, is: large.segmented(960).translated(to: .real).frame())
    #expect(usual.director.counters.datagramsFragmented == 0)
  }

  /// Datagrams are the sender's: each leaves as fragments of its own.
  @Test func datagramsAreFragmented() {
    let usual = UsualDirector(Self.narrow)
    let large = query().payload(count: 3000).with(\.ip.dontFragment, false).segmented(1400)
    let (outcomes, sent) = usual.receive([Sent(port: .wan, frame: large.frame())])
    #expect(outcomes[0].verdict == .absorb)
    var lengths: [Int] = []
    var payload: [UInt8] = []
    for fragment in sent {
      #expect(fragment.port == .lan)
      #expect(fragment.frame.offload == VirtioNetHeader())
      guard let packet = IPv4Packet(fragment.frame.bytes.rawSpan.extracting(droppingFirst: 14))
      else {
        Issue.record("no IPv4 packet:\n\(fragment.frame)")
        continue
      }
      lengths.append(packet.totalLength)
      let isFirst = packet.fragmentOffset == 0
      payload += [UInt8](copying: packet.payload.extracting(droppingFirst: isFirst ? 8 : 0))
    }
    // 1400, 1400 and 200 bytes and their UDP headers; a fragment holds a multiple of 8 bytes.
    #expect(lengths == [996, 452, 996, 452, 228])
    #expect(payload == large.payload)
    #expect(usual.director.counters.datagramsFragmented == 3)
  }
}
