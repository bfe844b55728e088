import Frames
import TestSupport
import Testing
import Wire

@testable import Director

private typealias Net = ExampleNetwork

/// Fragments of one datagram, in whatever order they come.
@Suite struct ReassemblyTests {
  private static let whole = query().payload(count: 3000).with(\.ip.dontFragment, false)
  /// 3008 bytes in pieces.
  private static let lengths = [800, 800, 800, 608]

  private static func fragments(_ builder: FrameBuilder = whole) -> [TestFrame] {
    builder.frame().fragments(lengths)
  }

  /// The `number`th 800 bytes of the datagram's payload, or others of its bytes.
  private static func piece(_ range: Range<Int>, isLast: Bool = false) -> TestFrame {
    let payload = Array(whole.frame().bytes.dropFirst(34))
    var piece = whole
    piece.transport = nil
    piece.ip.protocol = .udp
    piece.payload = range.map { $0 < payload.count ? payload[$0] : 0 }
    piece.ip.fragmentOffset = range.lowerBound
    piece.ip.moreFragments = !isLast
    return piece.frame()
  }

  private func expectWhole(
    _ originated: [Sent], of builder: FrameBuilder = whole,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    expectFrames(
      originated.map(\.frame),
      are: builder.translated(to: .realDNS).frame().fragments(Self.lengths),
      sourceLocation: sourceLocation)
    #expect(originated.allSatisfy { $0.port == .lan }, sourceLocation: sourceLocation)
  }

  private func expectNothingWaits(
    _ usual: UsualDirector, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(usual.director.reassembly.count == 0, sourceLocation: sourceLocation)
    #expect(usual.director.reassembly.memory == 0, sourceLocation: sourceLocation)
  }

  @Test func everyOrderOfFour() {
    let frames = Self.fragments()
    for order in permutations(of: Array(frames.indices)) {
      let usual = UsualDirector()
      let sent = usual.receive(eachOf: order.map { frames[$0] })
      #expect(sent.verdicts == [.hold, .hold, .hold, .absorb], "\(order)")
      expectWhole(sent.originated)
      expectNothingWaits(usual)
      let counters = usual.director.counters
      #expect(counters.held == 3 && counters.absorbed == 1 && counters.dropped == 0)
      #expect(counters.datagramsReassembled == 1 && counters.datagramsFragmented == 1)
      #expect(counters.connectionsOpened == 1)
      let server = usual.director.serviceSnapshots[1].destinations[0]
      #expect(server.inbound.packets == 1, "a datagram counts once")
      #expect(server.inbound.bytes == 3028)
    }
  }

  private func permutations(of list: [Int]) -> [[Int]] {
    guard list.count > 1 else { return [list] }
    return list.indices.flatMap { index in
      var rest = list
      let first = rest.remove(at: index)
      return permutations(of: rest).map { [first] + $0 }
    }
  }

  @Test func inOneBatch() {
    let usual = UsualDirector()
    let sent = usual.receive(Self.fragments().reversed().map { Sent(port: .wan, frame: $0) })
    #expect(sent.outcomes.map(\.verdict) == [.hold, .hold, .hold, .absorb])
    expectWhole(sent.originated)
  }

  @Test(arguments: UInt64(1)...20)
  func manyDatagramsInOneHeap(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let usual = UsualDirector()
    let builders = (UInt16(1)...10).map { Self.whole.with(\.ip.identification, $0) }
    let frames = builders.flatMap { Self.fragments($0) }.shuffled(using: &random)
    let sent = usual.receive(eachOf: frames).originated
    for builder in builders {
      let number = builder.ip.identification
      expectWhole(
        sent.filter { $0.frame.bytes[18] == 0 && $0.frame.bytes[19] == UInt8(number) }, of: builder)
    }
    #expect(sent.count == frames.count, "seed \(seed)")
    expectNothingWaits(usual)
  }

  @Test func duplicatesAreDroppedAlone() {
    let frames = Self.fragments()
    let usual = UsualDirector()
    var verdicts: [Verdict] = []
    for frame in frames.dropLast() {
      let sent = usual.receive(eachOf: [frame, frame])
      verdicts += sent.verdicts
    }
    #expect(
      verdicts
        == [Verdict](
          repeating: .hold, count: 3
        ).flatMap { [$0, .drop(.fragmentDuplicate)] })
    // Bytes that have come already, across two fragments.
    #expect(usual.receive(Self.piece(400..<1200)).verdict == .drop(.fragmentDuplicate))
    expectWhole(usual.receive(eachOf: [frames[3]]).originated)
    #expect(usual.director.counters[.fragmentDuplicate] == 4)
    #expect(usual.director.counters.dropped == 4)
  }

  struct Overlap: Sendable, CustomTestStringConvertible {
    var title: String
    var range: Range<Int>
    var isLast = false
    var reason: DropReason
    var testDescription: String { title }
  }

  /// What contradicts a datagram of which 800 to 1600 have come.
  static let overlaps = [
    Overlap(title: "its head", range: 0..<808, reason: .fragmentOverlap),
    Overlap(title: "its tail", range: 1592..<2400, reason: .fragmentOverlap),
    Overlap(title: "longer by 8", range: 800..<1608, reason: .fragmentOverlap),
    Overlap(title: "8 earlier", range: 792..<1600, reason: .fragmentOverlap),
    Overlap(title: "around it", range: 0..<2400, reason: .fragmentOverlap),
    Overlap(
      title: "its tail, and the last", range: 1592..<2000, isLast: true, reason: .fragmentOverlap),
    Overlap(title: "the last before it", range: 8..<800, isLast: true, reason: .fragmentInvalid),
    Overlap(title: "the last far before it", range: 8..<16, isLast: true, reason: .fragmentInvalid),
  ]

  @Test(arguments: overlaps)
  func whatContradictsSpoilsTheDatagram(overlap: Overlap) {
    let usual = UsualDirector()
    usual.receive(Self.piece(800..<1600))
    let outcome = usual.receive(Self.piece(overlap.range, isLast: overlap.isLast))
    #expect(outcome.verdict == .drop(overlap.reason))
    #expect(usual.director.counters[overlap.reason] == 2, "both")
    #expect(usual.director.counters.dropped == 2)
    expectNothingWaits(usual)
    // What comes later does not make it whole.
    let sent = usual.receive(eachOf: [
      Self.piece(0..<800), Self.piece(1600..<3008, isLast: true),
    ])
    #expect(sent.verdicts == [.hold, .hold])
    #expect(sent.originated.isEmpty)
  }

  @Test(arguments: [808..<1592, 800..<1600, 800..<808, 1592..<1600])
  func whatLiesInsideIsADuplicate(range: Range<Int>) {
    let usual = UsualDirector()
    usual.receive(Self.piece(800..<1600))
    #expect(usual.receive(Self.piece(range)).verdict == .drop(.fragmentDuplicate))
    let sent = usual.receive(eachOf: [
      Self.piece(0..<800), Self.piece(1600..<2400), Self.piece(2400..<3008, isLast: true),
    ])
    expectWhole(sent.originated)
  }

  /// What contradicts a datagram whose end, 3008, has come.
  @Test(arguments: [
    Overlap(title: "longer", range: 2400..<3016, isLast: true, reason: .fragmentOverlap),
    Overlap(title: "behind it", range: 3008..<3100, isLast: true, reason: .fragmentInvalid),
    Overlap(title: "not the last behind it", range: 3008..<3016, reason: .fragmentInvalid),
    Overlap(
      title: "another last before it", range: 800..<1600, isLast: true, reason: .fragmentInvalid),
  ])
  func theEndComesOnce(overlap: Overlap) {
    let usual = UsualDirector()
    usual.receive(Self.piece(2400..<3008, isLast: true))
    let outcome = usual.receive(Self.piece(overlap.range, isLast: overlap.isLast))
    #expect(outcome.verdict == .drop(overlap.reason))
    #expect(usual.director.counters[overlap.reason] == 2)
    expectNothingWaits(usual)
  }

  @Test func aShorterLastFragmentChangesNothing() {
    let usual = UsualDirector()
    let sent = usual.receive(eachOf: [
      Self.piece(2400..<3008, isLast: true), Self.piece(2400..<2500, isLast: true),
      Self.piece(0..<800), Self.piece(800..<1600), Self.piece(1600..<2400),
    ])
    #expect(sent.verdicts == [.hold, .drop(.fragmentDuplicate), .hold, .hold, .absorb])
    expectWhole(sent.originated)
  }

  /// Two datagrams that differ in one part of what tells them apart.
  @Test func datagramsAreToldApart() {
    let others = [
      Self.whole.with(\.ip.identification, 1), Self.whole.with(\.ip.source, Net.server3),
      Self.whole.with(\.ip.destination, Net.outside), Self.whole.with(\.ip.protocol, .tcp),
    ]
    for other in others {
      let usual = UsualDirector()
      let sent = usual.receive(
        eachOf: [Self.fragments()[0]] + Self.fragments(other).dropFirst())
      #expect(sent.verdicts == [.hold, .hold, .hold, .hold])
      #expect(usual.director.reassembly.count == 2)
      expectWhole(usual.receive(eachOf: Array(Self.fragments().dropFirst())).originated)
    }
  }

  @Test func datagramsOfTwoPortsAreApart() {
    let usual = UsualDirector()
    usual.receive(Self.fragments()[0])
    var inner = Self.whole
    inner.ethernet = response().ethernet
    let rest = Self.fragments(inner).dropFirst()
    #expect(usual.receive(eachOf: Array(rest), port: .lan).originated.isEmpty)
    #expect(usual.director.reassembly.count == 2)
  }

  /// The same datagram again, at the same time.
  @Test func oneAfterTheOther() {
    let usual = UsualDirector()
    for _ in 0..<3 { expectWhole(usual.receive(eachOf: Self.fragments()).originated) }
    expectNothingWaits(usual)
  }
}
