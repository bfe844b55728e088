import Director
import Frames
import TestSupport
import Testing
import Wire

/// What a real server behind FullNAT gets to know of its client, on both paths.
@Suite struct ClientAddressTests {
  private static let option: [UInt8] = [254, 8, 0x9c, 0x40, 198, 51, 100, 10]
  private static let header: [UInt8] =
    [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a, 0x21, 0x11, 0, 12]
    + [198, 51, 100, 10, 192, 0, 2, 100, 0x9c, 0x40, 0, 80]

  private func usual(_ form: ClientAddressForm, _ isFast: Bool) -> UsualDirector {
    var configuration = DirectorConfiguration.fullNAT()
    let isTCP = form == .toa || form == .proxyV2
    configuration.services[isTCP ? 0 : 1].fullNAT.clientAddress = form
    let usual = UsualDirector(configuration)
    usual.director.isFastPathEnabled = isFast
    return usual
  }

  /// Opens a connection up to the server's SYN-ACK.
  private func open(_ usual: UsualDirector) throws -> TranslationSnapshot {
    usual.receive(request(.syn))
    let known = try #require(usual.translation())
    let synAck = reply([.syn, .ack], to: known.local).with(\.tcp.sequence, 0x2222_2222)
      .with(\.tcp.acknowledgment, 0x1111_1112 &+ known.sequenceShift)
      .with(\.tcp.options, [2, 4, 0x05, 0xb4])
    let outcome = usual.receiveReply(synAck)
    let announced: [UInt8] = usual.tellsByOption ? [2, 4, 0x05, 0xac] : [2, 4, 0x05, 0xb4]
    expectFrame(
      outcome.frame,
      is: synAck.translated(from: .virtual, by: known).with(\.tcp.options, announced).frame())
    return known
  }

  private func data(_ count: Int, behind: UInt32 = 0) -> FrameBuilder {
    request([.ack, .psh]).with(\.tcp.sequence, 0x1111_1112 &+ behind)
      .with(\.tcp.acknowledgment, 0x2222_2223).payload(count: count)
  }

  @Test(arguments: [true, false]) func optionsUntilTheClientAcknowledgesMore(isFast: Bool) throws {
    let usual = usual(.toa, isFast)
    let known = try open(usual)
    for count in [0, 0, 7, 1440] {
      let segment = data(count)
      expectFrame(
        usual.receive(segment).frame,
        is: segment.translated(to: .real, by: known).with(\.tcp.options, Self.option).frame())
    }
    let later = data(10).with(\.tcp.acknowledgment, 0x2222_2224)
    expectFrame(usual.receive(later).frame, is: later.translated(to: .real, by: known).frame())
    #expect(usual.director.counters.fastPath == (isFast ? 5 : 0))
    #expect(usual.director.counters.clientAddressesUntold == 0)
  }

  /// 1500 bytes leave no room for an option: the segment goes without.
  @Test(arguments: [true, false]) func aFullSegmentGoesWithout(isFast: Bool) throws {
    let usual = usual(.toa, isFast)
    let known = try open(usual)
    let full = data(1460)
    expectFrame(usual.receive(full).frame, is: full.translated(to: .real, by: known).frame())
    #expect(usual.director.counters.clientAddressesUntold == 1)
  }

  @Test(arguments: [true, false]) func aForgedOptionIsOverwritten(isFast: Bool) throws {
    let usual = usual(.toa, isFast)
    let known = try open(usual)
    let forged = data(10).with(\.tcp.options, [254, 8, 1, 1, 9, 9, 9, 9])
    let wanted = forged.translated(to: .real, by: known)
      .with(\.tcp.options, Self.option + [1, 1, 1, 1, 1, 1, 1, 1])
    expectFrame(usual.receive(forged).frame, is: wanted.frame())
    let late = forged.with(\.tcp.acknowledgment, 0x3333_3333)
    expectFrame(
      usual.receive(late).frame,
      is: late.translated(to: .real, by: known).with(\.tcp.options, [1, 1, 1, 1, 1, 1, 1, 1])
        .frame())
  }

  /// With other methods only if the service says so.
  @Test(arguments: [true, false], [ForwardingMethod.nat, .dr])
  func aForgedOptionIsOverwrittenWhereItIsTold(isFast: Bool, method: ForwardingMethod) {
    for strips in [true, false] {
      var configuration = DirectorConfiguration.usual()
      configuration.services[0].stripsClientOption = strips
      configuration.services[0].servers[0].method = method
      let usual = UsualDirector(configuration)
      usual.director.isFastPathEnabled = isFast
      usual.receive(request(.syn))
      let forged = request(.ack).with(\.tcp.options, [254, 8, 1, 1, 9, 9, 9, 9]).payload(count: 9)
      let options: [UInt8] = strips ? [1, 1, 1, 1, 1, 1, 1, 1] : forged.tcp.options
      let wanted = forged.translated(
        to: method == .nat ? .real : .virtual, at: Endpoint.real.address)
      expectFrame(
        usual.receive(forged).frame, is: wanted.with(\.tcp.options, options).frame())
    }
  }

  @Test(arguments: [true, false]) func aHeaderBeforeTheFirstByte(isFast: Bool) throws {
    let usual = usual(.proxyV2, isFast)
    let known = try open(usual)
    let bare = data(0)
    expectFrame(usual.receive(bare).frame, is: bare.translated(to: .real, by: known).frame())
    // The first segment carries it, as often as it comes.
    for _ in 0..<2 {
      let first = data(5)
      let wanted = first.translated(to: .real, by: known)
      expectFrame(
        usual.receive(first).frame, is: wanted.payload(Self.header + first.payload).frame())
    }
    let second = data(5, behind: 5)
    expectFrame(
      usual.receive(second).frame,
      is: second.translated(to: .real, by: known).with(\.tcp.sequence) { $0 &+ 28 }.frame())
    for (acknowledged, told) in [(0, 0), (1, 0), (28, 0), (29, 1), (38, 10)] as [(UInt32, UInt32)] {
      let base = 0x1111_1112 &+ known.sequenceShift
      let answer = reply(.ack, to: known.local).with(\.tcp.acknowledgment, base &+ acknowledged)
      let wanted = answer.translated(from: .virtual, by: known)
        .with(\.tcp.acknowledgment, 0x1111_1112 &+ told)
      expectFrame(usual.receiveReply(answer).frame, is: wanted.frame())
    }
  }

  /// A SYN in the midst of a connection, as anybody may forge it, moves no numbers.
  @Test(arguments: [true, false]) func aStraySYNMovesNothing(isFast: Bool) throws {
    let usual = usual(.proxyV2, isFast)
    let known = try open(usual)
    usual.receive(data(5))
    usual.receive(request(.syn).with(\.tcp.sequence, 0x7777_7777))
    let second = data(5, behind: 5)
    expectFrame(
      usual.receive(second).frame,
      is: second.translated(to: .real, by: known).with(\.tcp.sequence) { $0 &+ 28 }.frame())
    #expect(usual.translation()?.clientSequence == 0x1111_1111)
  }

  /// A first segment without room for the header is sent behind one that carries it alone.
  @Test func aHeaderAhead() throws {
    let usual = usual(.proxyV2, true)
    let known = try open(usual)
    let full = data(1460)
    let (outcomes, originated) = usual.receive([Sent(port: .wan, frame: full.frame())])
    let wanted = full.translated(to: .real, by: known)
    expectFrame(
      originated.first?.frame,
      is: wanted.with(\.tcp.flags, .ack).payload(Self.header).frame())
    expectFrame(outcomes[0].frame, is: wanted.with(\.tcp.sequence) { $0 &+ 28 }.frame())
  }

  @Test(arguments: [true, false]) func threeDatagramsTell(isFast: Bool) throws {
    let usual = usual(.uoaOption, isFast)
    for round in 0..<5 {
      let outcome = usual.receive(query().payload(count: 30))
      let known = try #require(usual.translation(.udp, to: .virtualDNS))
      var wanted = query().payload(count: 30).translated(to: .realDNS, by: known)
      if round < 3 { wanted.ip.options = [31, 8, 0x9c, 0x40, 198, 51, 100, 10] }
      expectFrame(outcome.frame, is: wanted.frame())
      #expect(known.toldCount == min(round + 1, 3))
    }
  }
}

extension UsualDirector {
  fileprivate var tellsByOption: Bool {
    director.configuration.services[0].fullNAT.clientAddress == .toa
  }
}

extension FrameBuilder {
  fileprivate func with(
    _ field: WritableKeyPath<FrameBuilder, UInt32>, _ change: (UInt32) -> UInt32
  ) -> FrameBuilder {
    with(field, change(self[keyPath: field]))
  }

  /// The request as the server at `station` gets it, with `destination` as its destination.
  fileprivate func translated(to destination: Endpoint, at station: IPv4Address) -> FrameBuilder {
    var copy = translated(to: Endpoint(station, destination.port))
    copy.ip.destination = destination.address
    return copy
  }
}
