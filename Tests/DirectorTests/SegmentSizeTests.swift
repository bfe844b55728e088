import Director
import Frames
import TestSupport
import Testing
import Wire

/// The segment size that SYNs announce, lowered to what the service allows.
@Suite struct SegmentSizeTests {
  struct Row: Sendable, CustomTestStringConvertible {
    var title: String
    var options: [UInt8]
    var expected: [UInt8]
    var testDescription: String { title }

    init(_ title: String, _ options: String, _ expected: String? = nil) {
      self.title = title
      self.options = hexadecimal(options)
      self.expected = hexadecimal(expected ?? options)
    }
  }

  /// With a limit of 1400, 0x0578.
  static let rows = [
    Row("larger", "020405b4", "02040578"),
    Row("the largest", "0204ffff", "02040578"),
    Row("larger by one", "02040579", "02040578"),
    Row("equal", "02040578"),
    Row("smaller", "02040577"),
    Row("0", "02040000"),
    Row("at an odd offset", "01 020405b4 010101", "01 02040578 010101"),
    Row("at an odd offset, the largest", "01 0204ffff 010101", "01 02040578 010101"),
    Row("at an odd offset, smaller", "01 02040577 010101"),
    Row("two bytes in", "0101 020405b4 0101", "0101 02040578 0101"),
    Row("three bytes in", "010101 020405b4 01", "010101 02040578 01"),
    Row(
      "among others", "0402 080a0000000100000000 01 030307 020405b4",
      "0402 080a0000000100000000 01 030307 02040578"),
    Row(
      "at the end of 40 bytes", String(repeating: "01", count: 36) + "020405b4",
      String(repeating: "01", count: 36) + "02040578"),
    Row("absent", "0402 080a0000000100000000"),
    Row("no options", ""),
    Row("behind the end of the list", "0101 00 01 020405b4"),
    Row("behind a length of 0", "0800 020405b4 0101"),
    Row("behind a length of 1", "0801 020405b4 0101"),
    Row("behind a length past the end", "08ff 020405b4 0101"),
    Row("before a length of 0", "020405b4 0800 0101", "02040578 0800 0101"),
    Row("before a length past the end", "020405b4 08ff 0101", "02040578 08ff 0101"),
    Row("before a kind without length", "020405b4 010101 08", "02040578 010101 08"),
    Row("of 3 bytes", "020305 01"),
    Row("of 6 bytes", "020605b4 0000 0101"),
    Row("of 3 bytes, and a right one", "020305 020405b4 01", "020305 02040578 01"),
    Row("cut off", "010101 02"),
    Row("cut off behind its length", "0101 0204"),
  ]

  private func director(
    _ clamp: SegmentSizeClamp?, _ configuration: DirectorConfiguration = .usual()
  ) -> UsualDirector {
    var configuration = configuration
    configuration.services[0].segmentSizeClamp = clamp
    return UsualDirector(configuration)
  }

  /// The SYN of a client, or the answer of the real server.
  private func expectOptions(
    _ options: [UInt8], _ expected: [UInt8], _ usual: UsualDirector,
    change: (FrameBuilder) -> FrameBuilder = { $0 },
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let opening = change(request(.syn).with(\.tcp.options, options))
    expectFrame(
      usual.receive(opening).frame,
      is: opening.translated(to: .real).with(\.tcp.options, expected).frame(),
      sourceLocation: sourceLocation)
    let answer = change(reply([.syn, .ack]).with(\.tcp.options, options))
    expectFrame(
      usual.receiveReply(answer).frame,
      is: answer.translated(from: .virtual).with(\.tcp.options, expected).frame(),
      sourceLocation: sourceLocation)
  }

  @Test(arguments: rows)
  func isLoweredAndNeverRaised(row: Row) {
    expectOptions(row.options, row.expected, director(.size(1400)))
  }

  @Test(arguments: rows)
  func aPartialChecksumCoversNoOptions(row: Row) {
    expectOptions(row.options, row.expected, director(.size(1400))) { $0.partialChecksum() }
  }

  @Test(arguments: rows)
  func ipOptionsAndPayloadMakeNoDifference(row: Row) {
    expectOptions(row.options, row.expected, director(.size(1400))) {
      $0.with(\.ip.options, [1, 1, 1, 0]).payload("early")
    }
  }

  @Test(arguments: rows)
  func withoutAClampOptionsStay(row: Row) {
    expectOptions(row.options, row.options, director(nil))
  }

  @Test func onlyWhatOpensIsChanged() {
    let options = hexadecimal("020405b4")
    for isFast in [true, false] {
      let usual = director(.size(1400))
      usual.director.isFastPathEnabled = isFast
      usual.receive(request(.syn))
      for flags: TCPFlags in [.ack, [.ack, .psh], [.fin, .ack], .rst, []] {
        let segment = request(flags).with(\.tcp.options, options)
        expectFrame(usual.receive(segment).frame, is: segment.translated(to: .real).frame())
        let answer = reply(flags).with(\.tcp.options, options)
        expectFrame(
          usual.receiveReply(answer).frame, is: answer.translated(from: .virtual).frame())
      }
    }
  }

  @Test func everySYNIsChanged() {
    let usual = director(.size(1400))
    for flags: TCPFlags in [.syn, [.syn, .ack], [.syn, .ece, .cwr], [.syn, .fin]] {
      let segment = request(flags).with(\.tcp.options, hexadecimal("01 020405b4 010101"))
      expectFrame(
        usual.receive(segment).frame,
        is: segment.translated(to: .real).with(\.tcp.options, hexadecimal("01 02040578 010101"))
          .frame())
    }
  }

  /// The error in a wrong checksum is the same before and after.
  @Test(arguments: ["020405b4", "01 020405b4 010101"])
  func aWrongChecksumStaysWrong(options: String) throws {
    let usual = director(.size(1400))
    let right = request(.syn).with(\.tcp.options, hexadecimal(options))
    let wrong = right.with(\.tcp.checksum, right.transportChecksum ^ 0x0400)
    let sent = try #require(usual.receive(wrong).frame)
    let expected = right.translated(to: .real)
      .with(\.tcp.options, hexadecimal(options.replacing("05b4", with: "0578")))
    let found = UInt16(sent.bytes[50]) << 8 | UInt16(sent.bytes[51])
    let error = difference(wrong.transportChecksum, right.transportChecksum)
    #expect(difference(found, expected.transportChecksum) == error)
    #expect(error != 0)
  }

  /// In one's complement.
  private func difference(_ one: UInt16, _ other: UInt16) -> UInt16 {
    UInt16((Int(one) - Int(other) + 65_535) % 65_535)
  }

  struct Automatic: Sendable, CustomTestStringConvertible {
    var outside: Int
    var inside: Int
    var route: Int?
    var expected: UInt16
    var testDescription: String { "\(outside), \(inside), \(route ?? 0)" }
  }

  @Test(arguments: [
    Automatic(outside: 1500, inside: 1500, expected: 1460),
    Automatic(outside: 1500, inside: 1400, expected: 1360),
    Automatic(outside: 1300, inside: 1400, expected: 1260),
    Automatic(outside: 9000, inside: 9000, expected: 8900),
    Automatic(outside: 1500, inside: 1500, route: 1280, expected: 1240),
    Automatic(outside: 1200, inside: 1500, route: 1280, expected: 1160),
  ])
  func automaticIsWhatFitsBothSides(row: Automatic) {
    var configuration = DirectorConfiguration.limited(
      outsideMTU: row.outside, insideMTU: row.inside)
    if let mtu = row.route {
      configuration.ports[1].routes = [
        .init(to: IPv4Prefix(ExampleNetwork.server1, length: 32), via: nil, mtu: mtu)
      ]
    }
    let usual = director(.automatic, configuration)
    let announced: UInt16 = 8900
    let bytes = { (size: UInt16) in [2, 4, UInt8(size >> 8), UInt8(size & 0xff)] as [UInt8] }
    let opening = request(.syn).with(\.tcp.options, bytes(announced))
    expectFrame(
      usual.receive(opening).frame,
      is: opening.translated(to: .real).with(\.tcp.options, bytes(row.expected)).frame())
    // What the server announces is what the client sends it.
    let answer = reply([.syn, .ack]).with(\.tcp.options, bytes(announced))
    expectFrame(
      usual.receiveReply(answer).frame,
      is: answer.translated(from: .virtual).with(\.tcp.options, bytes(row.expected)).frame())
  }

  @Test func servicesHaveClampsOfTheirOwn() {
    let other = Endpoint(ExampleNetwork.virtual, 81)
    var second = DirectorConfiguration.Service.web(at: other)
    second.servers[0].port = 8181
    second.segmentSizeClamp = .size(536)
    var first = DirectorConfiguration.Service.web()
    first.segmentSizeClamp = .size(1200)
    let usual = UsualDirector(.usual(services: [first, second]))
    let options = hexadecimal("020405b4")
    for (virtual, real, expected) in [
      (Endpoint.virtual, Endpoint.real, "020404b0"),
      (other, Endpoint(ExampleNetwork.server1, 8181), "02040218"),
    ] {
      let opening = request(.syn, to: virtual).with(\.tcp.options, options)
      expectFrame(
        usual.receive(opening).frame,
        is: opening.translated(to: real).with(\.tcp.options, hexadecimal(expected)).frame())
    }
  }

  /// A SYN that came in fragments is changed, too.
  @Test func ofASYNInFragments() {
    let usual = director(.size(1400))
    let opening = request(.syn).with(\.tcp.options, hexadecimal("01 020405b4 010101"))
      .with(\.ip.dontFragment, false)
    let sent = usual.receive(eachOf: opening.frame().fragments([24]).reversed()).originated
    let expected = opening.translated(to: .real)
      .with(\.tcp.options, hexadecimal("01 02040578 010101"))
    expectFrames(sent.map(\.frame), are: expected.frame().fragments([24]))
  }
}
