import Frames
import TestSupport
import Testing
import Wire

@testable import Director

private typealias Net = ExampleNetwork

/// What fragments may cost, and what becomes of those that stay alone.
@Suite struct FragmentBoundTests {
  private static func lone(
    _ number: Int, offset: Int = 0, payload: Int = 1472, from client: IPv4Address = Net.client
  ) -> FrameBuilder {
    query(from: Endpoint(client, 40000)).payload(count: payload - 8)
      .with(\.ip.identification, UInt16(number)).with(\.ip.dontFragment, false)
      .with(\.ip.moreFragments, true).with(\.ip.fragmentOffset, offset)
  }

  /// A datagram in pieces of 8 bytes.
  private static func pieces(_ count: Int) -> [TestFrame] {
    let whole = query().payload(count: 8 * count - 8).with(\.ip.dontFragment, false)
    return whole.frame().fragments([Int](repeating: 8, count: count))
  }

  @Test func aDatagramHasUpTo256Fragments() {
    let usual = UsualDirector()
    let sent = usual.receive(eachOf: Self.pieces(256).reversed())
    #expect(sent.verdicts.last == .absorb)
    let whole = query().payload(count: 2040).with(\.ip.dontFragment, false)
    expectFrames(
      sent.originated.map(\.frame),
      are: whole.translated(to: .realDNS).frame().fragments([Int](repeating: 8, count: 256)))
  }

  @Test func the257thSpoilsIt() {
    let usual = UsualDirector()
    let sent = usual.receive(eachOf: Self.pieces(257).dropLast())
    #expect(sent.verdicts.allSatisfy { $0 == .hold })
    let last = usual.receive(Self.lone(0x1c46, offset: 8 * 256, payload: 8))
    #expect(last.verdict == .drop(.fragmentInvalid))
    #expect(usual.director.counters[.fragmentInvalid] == 257)
    #expect(usual.director.reassembly.count == 0)
    #expect(usual.director.reassembly.memory == 0)
  }

  /// 65535 bytes with the header, and not one more.
  @Test(arguments: [0, 1])
  func aDatagramHasUpTo65535Bytes(excess: Int) {
    let usual = UsualDirector()
    let frames = [
      Self.lone(1, payload: 32_768),
      Self.lone(1, offset: 32_768, payload: 32_747 + excess).with(\.ip.moreFragments, false),
    ].map { $0.with(\.udp.length, 65_515).frame() }
    let sent = usual.receive(eachOf: frames)
    #expect(sent.verdicts == [.hold, excess == 0 ? .absorb : .drop(.fragmentInvalid)])
    #expect(sent.originated.count == (excess == 0 ? 45 : 0))
    let lengths = sent.originated.map { $0.frame.packetLength - 20 }
    #expect(lengths.reduce(0, +) == (excess == 0 ? 65_515 : 0))
    #expect(usual.director.counters[.fragmentInvalid] == UInt64(excess))
  }

  /// Each fragment fits, but not with the first one's options.
  @Test func optionsOfTheFirstFragmentCount() {
    let usual = UsualDirector()
    let frames = [
      Self.lone(1, payload: 32_768).with(\.ip.options, [1, 1, 1, 0]),
      Self.lone(1, offset: 32_768, payload: 32_747).with(\.ip.moreFragments, false),
    ].map { $0.with(\.udp.length, 65_515).frame() }
    let sent = usual.receive(eachOf: frames)
    #expect(sent.verdicts == [.hold, .drop(.fragmentInvalid)])
    #expect(usual.director.counters[.fragmentInvalid] == 2)
    #expect(usual.director.reassembly.memory == 0)
  }

  @Test func theOldestGoFirstWhenMemoryIsFull() {
    let usual = UsualDirector()
    var count = 0
    while usual.director.counters[.fragmentMemoryExceeded] < 10 {
      count += 1
      guard count < 10_000 else { break }
      #expect(usual.receive(Self.lone(count)).verdict == .hold)
      #expect(usual.director.reassembly.memory <= Reassembly.memoryLimit)
      usual.advance(by: .microseconds(100))
    }
    // What is kept costs its payload, the first frame, and a little.
    #expect((1000...2000).contains(count))
    #expect(usual.director.reassembly.count == count - 10)
    for number in [11, count, 10] {
      let rest = Self.lone(number, offset: 1472, payload: 100).with(\.ip.moreFragments, false)
      #expect(usual.receive(rest).verdict == (number == 10 ? .hold : .absorb), "\(number)")
    }
  }

  /// A flood leaves a datagram alone that becomes complete in time.
  @Test func whoIsQuickPasses() {
    let usual = UsualDirector()
    let whole = query(from: Endpoint(Net.client, 7)).payload(count: 2000)
      .with(\.ip.dontFragment, false)
    let frames = whole.frame().fragments(limit: 1500)
    for number in 0..<3000 { usual.receive(Self.lone(number)) }
    usual.receive(frames[0])
    for number in 3000..<3500 { usual.receive(Self.lone(number)) }
    let sent = usual.receive(eachOf: [frames[1]]).originated
    expectFrames(
      sent.map(\.frame), are: whole.translated(to: .realDNS).frame().fragments(limit: 1500))
  }

  // MARK: - Time

  private static func timeExceeded(_ offender: FrameBuilder) -> TestFrame {
    ownError(.timeExceeded, code: 1, about: offender.packet).frame()
  }

  @Test func theSenderHearsAfter30SecondsIfTheFirstFragmentCame() {
    let short = Self.lone(5, payload: 80)
    for first in [Self.lone(5), short, short.with(\.minimumLength, 300)] {
      let usual = UsualDirector()
      usual.receive(first)
      usual.advance(by: .seconds(20))
      usual.receive(Self.lone(5, offset: 2944, payload: 800))
      #expect(usual.advance(by: .milliseconds(9999)).isEmpty)
      #expect(
        usual.director.nextDeadline(after: usual.clock.now)
          == usual.clock.now.advanced(by: .milliseconds(1)))
      let sent = usual.advance(by: .milliseconds(1))
      expectFrames(sent.map(\.frame), are: [Self.timeExceeded(first)])
      #expect(sent.map(\.port) == [.wan])
      #expect(usual.director.counters[.fragmentTimeExceeded] == 2)
      #expect(usual.director.reassembly.memory == 0)
      #expect(usual.advance(by: .seconds(100)).isEmpty, "once only")
    }
  }

  @Test func theErrorGoesBackToItsStation() {
    let usual = UsualDirector()
    usual.receive(Self.lone(5).with(\.ethernet.source, Net.server3MAC).with(\.ip.typeOfService, 2))
    let sent = usual.advance(by: .seconds(30))
    expectFrames(
      sent.map(\.frame),
      are: [
        ownError(.timeExceeded, code: 1, about: Self.lone(5).with(\.ip.typeOfService, 2).packet)
          .with(\.ethernet.destination, Net.server3MAC).with(\.ip.typeOfService, 0xc2).frame()
      ])
  }

  private static let silent: [(String, FrameBuilder, PortIndex)] = [
    ("the first fragment never came", lone(5, offset: 1472), .wan),
    ("a datagram to a client", response().with(\.ip.moreFragments, true).payload(count: 80), .lan),
    (
      "an ICMP error",
      FrameBuilder.ethernet(from: Net.gatewayMAC, to: Net.outsideMAC)
        .ipv4(from: Net.gateway, to: Net.virtual).icmp(.destinationUnreachable, code: 1)
        .payload(count: 80).with(\.ip.moreFragments, true), .wan
    ),
    ("from everybody", lone(5, from: IPv4Address(192, 0, 2, 255)), .wan),
    ("from ourselves", lone(5, from: Net.inside), .wan),
  ]

  @Test(arguments: silent.indices)
  func othersHearNothing(row: Int) {
    let (title, frame, port) = Self.silent[row]
    let usual = UsualDirector()
    usual.receive(frame.frame(), port: port)
    let sent = usual.advance(by: .seconds(31))
    #expect(sent.isEmpty, "\(title)")
    #expect(usual.director.counters.errorsSent == 0, "\(title)")
    #expect(usual.director.reassembly.count == 0)
  }

  @Test func errorsKeepToTheirLimit() {
    let usual = UsualDirector()
    for number in 0..<10 { usual.receive(Self.lone(number)) }
    #expect(usual.advance(by: .seconds(30)).count == 6)
    #expect(usual.director.counters[.fragmentTimeExceeded] == 10)
    #expect(usual.director.counters.errorsSuppressed == 4)
  }

  @Test func aFullOutboxLosesTheError() {
    let usual = UsualDirector()
    usual.receive(Self.lone(1))
    usual.fillOutbox()
    usual.advance(by: .seconds(30))
    #expect(usual.director.counters.errorsSent == 0)
    #expect(usual.director.counters.errorsSuppressed == 1)
    #expect(usual.director.counters[.fragmentTimeExceeded] == 1)
  }

  /// What comes after the time begins another datagram.
  @Test func aLateFragmentBeginsAnew() {
    let usual = UsualDirector()
    let frames = query().payload(count: 2000).with(\.ip.dontFragment, false).frame()
      .fragments(limit: 1500)
    usual.receive(frames[0])
    usual.advance(by: .seconds(30))
    usual.learnNeighbors()
    #expect(usual.receive(frames[1]).verdict == .hold)
    #expect(usual.receive(frames[0]).verdict == .absorb)
  }
}
