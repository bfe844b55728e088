import Frames
import TestSupport
import Testing
import Wire

@testable import Director

private typealias Net = ExampleNetwork

/// In which pieces a datagram goes on.
@Suite struct FragmentationTests {
  private static func datagram(_ count: Int, dontFragment: Bool = false) -> FrameBuilder {
    query().payload(count: count - 28).with(\.ip.dontFragment, dontFragment)
  }

  private func lengths(_ sent: [Sent]) -> [Int] { sent.map(\.frame.packetLength) }

  struct Geometry: Sendable, CustomTestStringConvertible {
    var title: String
    /// Payload bytes of all fragments but the last.
    var lengths: [Int]
    /// The length of the whole IP packet.
    var total: Int
    var mtu = 1500
    /// What leaves, as IP packets.
    var expected: [Int]
    var testDescription: String { title }
  }

  static let geometries = [
    Geometry(title: "28 and 32 stay", lengths: [8], total: 40, expected: [28, 32]),
    Geometry(title: "996 stays", lengths: [976, 976], total: 2000, expected: [996, 996, 48]),
    Geometry(title: "1500 stays", lengths: [1480], total: 2000, expected: [1500, 520]),
    Geometry(
      title: "smaller ones are filled up", lengths: [480, 976, 480], total: 2500,
      expected: [996, 996, 548]),
    Geometry(
      title: "the last one may be the longest", lengths: [8, 8], total: 336,
      expected: [316, 40]),
    Geometry(
      title: "larger than the next link takes", lengths: [1480], total: 2000, mtu: 1000,
      expected: [996, 996, 48]),
    Geometry(
      title: "of the least MTU", lengths: [1480], total: 1620, mtu: 68,
      expected: [Int](repeating: 68, count: 33) + [36]),
    Geometry(
      title: "fitting the next link's MTU, which is larger", lengths: [976], total: 1400, mtu: 9000,
      expected: [996, 424]),
  ]

  @Test(arguments: geometries)
  func piecesAreNoLargerThanTheyCame(geometry: Geometry) {
    let usual = UsualDirector(.limited(insideMTU: geometry.mtu))
    let whole = Self.datagram(geometry.total)
    let sent = usual.receive(eachOf: whole.frame().fragments(geometry.lengths).reversed())
    #expect(sent.verdicts.last == .absorb)
    #expect(lengths(sent.originated) == geometry.expected)
    expectFrames(
      sent.originated.map(\.frame),
      are: whole.translated(to: .realDNS).frame()
        .fragments(geometry.expected.dropLast().map { $0 - 20 }))
  }

  @Test func repliesToo() {
    let usual = UsualDirector(.limited(outsideMTU: 1000))
    usual.receive(query())
    let whole = response().payload(count: 3000).with(\.ip.dontFragment, false)
    let sent = usual.receive(eachOf: whole.frame().fragments(limit: 1500).reversed(), port: .lan)
    #expect(sent.originated.allSatisfy { $0.port == .wan })
    expectFrames(
      sent.originated.map(\.frame),
      are: whole.translated(from: .virtualDNS).frame().fragments(limit: 1000))
    #expect(usual.director.serviceSnapshots[1].destinations[0].outbound.packets == 1)
  }

  @Test func tcpToo() {
    let usual = UsualDirector()
    let opening = request(.syn).with(\.ip.dontFragment, false)
    let sent = usual.receive(eachOf: opening.frame().fragments([8]))
    expectFrames(
      sent.originated.map(\.frame), are: opening.translated(to: .real).frame().fragments([8]))
    #expect(usual.connection?.state == .synReceived)
  }

  /// What came whole, and is too large without saying that it must stay so.
  @Test(arguments: [true, false])
  func aWholePacketIsCut(isFast: Bool) {
    let usual = UsualDirector(.limited(outsideMTU: 600, insideMTU: 1000))
    usual.director.isFastPathEnabled = isFast
    usual.receive(request(.syn))
    let large = request(.ack).payload(count: 1400).with(\.ip.dontFragment, false)
    let sent = usual.receive([Sent(port: .wan, frame: large.frame())])
    #expect(sent.outcomes[0].verdict == .absorb)
    expectFrames(
      sent.originated.map(\.frame),
      are: large.translated(to: .real).frame().fragments(limit: 1000))
    let back = reply(.ack).payload(count: 1400).with(\.ip.dontFragment, false)
    let returned = usual.receive([Sent(port: .lan, frame: back.frame())])
    expectFrames(
      returned.originated.map(\.frame),
      are: back.translated(from: .virtual).frame().fragments(limit: 600))
    let counters = usual.director.counters
    #expect(counters.datagramsFragmented == 2 && counters.datagramsReassembled == 0)
    #expect(counters.absorbed == 2 && counters.errorsSent == 0)
  }

  // MARK: - Do not fragment

  /// The flag of each of two fragments, of 1000 and 500 bytes, and that of those that leave.
  @Test(arguments: [
    ([true, true], true), ([true, false], true), ([false, true], false), ([false, false], false),
  ])
  func theLongestFragmentsFlagCounts(flags: [Bool], expected: Bool) {
    let usual = UsualDirector()
    let lengths = [976]
    let pieces = [true, false].map {
      Self.datagram(1472, dontFragment: $0).frame().fragments(lengths)
    }
    let frames = zip([0, 1], flags).map { place, flag in pieces[flag ? 0 : 1][place] }
    let sent = usual.receive(eachOf: frames)
    expectFrames(
      sent.originated.map(\.frame),
      are: Self.datagram(1472, dontFragment: expected).translated(to: .realDNS).frame()
        .fragments(lengths))
  }

  /// The reassembled length is what counts then.
  @Test func whatMustNotBeFragmentedIsJudgedWhole() {
    for (total, isFitting) in [(1500, true), (1501, false), (1980, false)] {
      let usual = UsualDirector()
      let whole = Self.datagram(total, dontFragment: true)
      let sent = usual.receive(eachOf: whole.frame().fragments([976]))
      if isFitting {
        #expect(sent.verdicts == [.hold, .absorb])
        expectFrames(
          sent.originated.map(\.frame),
          are: whole.translated(to: .realDNS).frame().fragments([976]))
      } else {
        #expect(sent.verdicts == [.hold, .drop(.mtuExceeded)])
        expectFrames(
          sent.originated.map(\.frame),
          are: [
            ownError(
              .destinationUnreachable, code: 4, rest: 1500,
              about: whole.with(\.ip.timeToLive, 63).packet
            ).frame()
          ])
      }
    }
  }

  // MARK: - Congestion

  /// The congestion field of two fragments and of the whole; `nil` when they contradict each other.
  @Test(
    arguments: [
      (0, 0, 0), (1, 1, 1), (2, 2, 2), (3, 3, 3), (1, 3, 3), (3, 1, 3), (2, 3, 3), (3, 2, 3),
      (1, 2, 1), (2, 1, 2), (0, 3, nil), (3, 0, nil),
    ] as [(UInt8, UInt8, UInt8?)])
  func congestionIsMerged(first: UInt8, second: UInt8, merged: UInt8?) {
    let usual = UsualDirector()
    func whole(_ service: UInt8) -> FrameBuilder {
      Self.datagram(1400).with(\.ip.typeOfService, service)
    }
    // The rest of the field is the first fragment's.
    let frames = [
      whole(0xb8 | first).frame().fragments([800])[0], whole(second).frame().fragments([800])[1],
    ]
    let sent = usual.receive(eachOf: frames)
    if let merged {
      expectFrames(
        sent.originated.map(\.frame),
        are: whole(0xb8 | merged).translated(to: .realDNS).frame().fragments([800]))
    } else {
      #expect(sent.verdicts == [.hold, .drop(.fragmentInvalid)])
      #expect(usual.director.counters[.fragmentInvalid] == 2)
      #expect(usual.director.reassembly.memory == 0)
    }
  }

  // MARK: - Options

  struct Options: Sendable, CustomTestStringConvertible {
    var title: String
    var first: [UInt8]
    var others: [UInt8]
    var testDescription: String { title }
  }

  static let options = [
    Options(
      title: "not copied", first: [7, 7, 4, 0, 0, 0, 0, 0], others: [1, 1, 1, 1, 1, 1, 1, 0]),
    Options(title: "copied", first: [0x94, 4, 0, 0], others: [0x94, 4, 0, 0]),
    Options(
      title: "both", first: [1, 0x94, 4, 0, 0, 68, 4, 5], others: [1, 0x94, 4, 0, 0, 1, 1, 1]),
    Options(
      title: "behind the end of the list", first: [0, 7, 3, 4], others: [0, 7, 3, 4]),
    Options(title: "a length of 0", first: [7, 0, 0, 0], others: [7, 0, 0, 0]),
    Options(title: "a length past the end", first: [7, 9, 4, 0], others: [1, 1, 1, 1]),
    Options(title: "no length", first: [1, 1, 1, 7], others: [1, 1, 1, 7]),
    Options(
      title: "40 bytes", first: [7, 39] + [UInt8](repeating: 5, count: 37) + [0],
      others: [UInt8](repeating: 1, count: 39) + [0]),
  ]

  @Test(arguments: options)
  func laterFragmentsHaveTheCopiedOptions(options: Options) {
    let usual = UsualDirector(.limited(insideMTU: 600))
    let whole = Self.datagram(1400)
    let frame = whole.with(\.ip.options, options.first).frame()
    let sent = usual.receive([Sent(port: .wan, frame: frame)])
    let firsts = whole.with(\.ip.options, options.first).translated(to: .realDNS).frame()
      .fragments(limit: 600)
    let others = whole.with(\.ip.options, options.others).translated(to: .realDNS).frame()
      .fragments(limit: 600)
    expectFrames(sent.originated.map(\.frame), are: [firsts[0]] + others.dropFirst())
  }

  // MARK: - Partial checksums

  /// A last word of the payload that makes the checksum 0, which UDP writes as all ones.
  private static func summingToZero(_ builder: FrameBuilder, _ translated: FrameBuilder)
    -> FrameBuilder
  {
    var builder = builder
    let sum = translated.transportChecksum
    builder.payload[builder.payload.count - 2] = UInt8(sum >> 8)
    builder.payload[builder.payload.count - 1] = UInt8(sum & 0xff)
    return builder
  }

  @Test(arguments: [true, false])
  func aPartialChecksumIsCompletedBefore(isFast: Bool) {
    let plain = [
      request(.ack).payload(count: 2000), request(.ack).payload(count: 2001),
      query().payload(count: 2000), query().payload(count: 2001),
      query().payload(count: 2001).with(\.ip.options, [1, 1, 1, 0]),
    ].map { $0.with(\.ip.dontFragment, false) }
    let zeroed = [request(.ack), query()].map { base in
      var base = base.with(\.ip.dontFragment, false).payload(count: 2000)
      base.payload[1998] = 0
      base.payload[1999] = 0
      return Self.summingToZero(
        base, base.translated(to: base.transport == .tcp ? .real : .realDNS))
    }
    for builder in plain + zeroed {
      let usual = UsualDirector()
      usual.director.isFastPathEnabled = isFast
      usual.receive(request(.syn))
      let sent = usual.receive([Sent(port: .wan, frame: builder.partialChecksum().frame())])
      #expect(sent.outcomes[0].verdict == .absorb)
      let translated = builder.translated(to: builder.transport == .tcp ? .real : .realDNS)
      expectFrames(
        sent.originated.map(\.frame), are: translated.frame().fragments(limit: 1500))
    }
    #expect(zeroed[0].translated(to: .real).transportChecksum == 0)
    #expect(zeroed[1].translated(to: .realDNS).transportChecksum == 0xffff)
  }

  /// A place of the checksum that is none of the protocol's.
  @Test func aPartialChecksumElsewhereIsRefused() {
    let usual = UsualDirector()
    var frame = query().payload(count: 2000).with(\.ip.dontFragment, false).partialChecksum()
      .frame()
    frame.offload.checksumOffset = 16
    let sent = usual.receive([Sent(port: .wan, frame: frame)])
    #expect(sent.outcomes[0].verdict == .drop(.mtuExceeded))
    #expect(sent.originated.isEmpty)
  }
}
