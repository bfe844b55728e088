import Director
import Frames
import TestSupport
import Testing
import Wire

/// FullNAT moves timestamps to one clock of the local endpoint, and back.
@Suite struct TimestampTests {
  private func usual(
    _ isFast: Bool, _ policy: TimestampPolicy = .shift, ports: ClosedRange<UInt16> = 10_001...10_004
  ) -> UsualDirector {
    var configuration = DirectorConfiguration.fullNAT(ports: ports)
    for index in configuration.services.indices {
      configuration.services[index].fullNAT.timestamps = policy
    }
    let usual = UsualDirector(configuration)
    usual.director.isFastPathEnabled = isFast
    return usual
  }

  private func stamped(_ builder: FrameBuilder, _ clock: UInt32, _ echo: UInt32) -> FrameBuilder {
    builder.with(\.tcp.options, [1, 1, 8, 10] + clock.octets + echo.octets)
  }

  @Test(arguments: [true, false]) func aConversation(isFast: Bool) throws {
    let usual = usual(isFast)
    let first = usual.receive(stamped(request(.syn), 1000, 0))
    let known = try #require(usual.translation())
    let shift = known.timestampShift
    expectFrame(
      first.frame,
      is: stamped(request(.syn), 1000 &+ shift, 0).translated(to: .real, by: known).frame())
    let synAck = reply([.syn, .ack], to: known.local)
    let second = usual.receiveReply(stamped(synAck, 77, 1000 &+ shift))
    expectFrame(
      second.frame, is: stamped(synAck, 77, 1000).translated(from: .virtual, by: known).frame())
    for clock in [1001, 5000, 0xffff_fff0, 3] as [UInt32] {
      let data = request([.ack, .psh]).payload(count: 100)
      let outcome = usual.receive(stamped(data, clock, 77))
      expectFrame(
        outcome.frame,
        is: stamped(data, clock &+ shift, 77).translated(to: .real, by: known).frame())
      let large = reply(.ack, to: known.local).payload(count: 9000).segmented(1436)
      let back = usual.receiveReply(stamped(large, 78, clock &+ shift))
      expectFrame(
        back.frame, is: stamped(large, 78, clock).translated(from: .virtual, by: known).frame())
    }
    #expect(usual.director.counters.fastPath == (isFast ? 8 : 0))
  }

  /// A SYN that is sent again tells a later time, and the shift stays.
  @Test func aRepeatedSYNKeepsTheShift() throws {
    let usual = usual(true)
    usual.receive(stamped(request(.syn), 1000, 0))
    let known = try #require(usual.translation())
    let again = usual.receive(stamped(request(.syn), 2000, 0))
    expectFrame(
      again.frame,
      is: stamped(request(.syn), 2000 &+ known.timestampShift, 0)
        .translated(to: .real, by: known).frame())
    #expect(usual.translation()?.timestampShift == known.timestampShift)
  }

  /// Clients of any clock, one after the other by one local endpoint: the server sees time go on.
  @Test func theLocalEndpointHasOneClock() throws {
    let usual = usual(true, ports: 10_001...10_001)
    var last: UInt32?
    for (round, clock) in [5_000_000, 17, 0xffff_ff00, 0x8000_0000].enumerated() {
      let client = Endpoint(ExampleNetwork.client, 40_000 + UInt16(round))
      usual.receive(stamped(request(.syn, from: client), UInt32(clock), 0))
      let known = try #require(usual.translation(of: client))
      let seen = UInt32(clock) &+ known.timestampShift
      // Milliseconds between the one connection and the next.
      if let last { #expect(seen &- last == 11_000) }
      last = seen
      usual.receive(request(.rst, from: client))
      usual.receiveReply(reply(.rst, to: known.local))
      usual.advance(by: .seconds(11))
      usual.learnNeighbors()
    }
  }

  /// What comes later and looks like a timestamp is not touched when the SYN had none.
  @Test(arguments: [true, false]) func withoutTimestampsNothingIsShifted(isFast: Bool) throws {
    let usual = usual(isFast)
    usual.receive(request(.syn))
    let known = try #require(usual.translation())
    #expect(known.timestampShift == 0)
    usual.receiveReply(reply([.syn, .ack], to: known.local))
    let late = stamped(request(.ack), 5, 6)
    expectFrame(usual.receive(late).frame, is: late.translated(to: .real, by: known).frame())
  }

  /// By default the SYN loses them.
  @Test(arguments: [true, false]) func removedByDefault(isFast: Bool) throws {
    let usual = usual(isFast, .remove)
    #expect(FullNATSettings().timestamps == .remove)
    let outcome = usual.receive(stamped(request(.syn), 1000, 0))
    let known = try #require(usual.translation())
    #expect(known.timestampShift == 0)
    let removed = request(.syn).with(\.tcp.options, [UInt8](repeating: 1, count: 12))
    expectFrame(outcome.frame, is: removed.translated(to: .real, by: known).frame())
  }

  /// A reset without an acknowledgment echoes nothing.
  @Test(arguments: [true, false]) func withoutAnAcknowledgmentTheEchoStays(isFast: Bool) throws {
    let usual = usual(isFast)
    usual.receive(stamped(request(.syn), 1000, 0))
    let known = try #require(usual.translation())
    let reset = stamped(reply(.rst, to: known.local), 77, 0)
    expectFrame(
      usual.receiveReply(reset).frame, is: reset.translated(from: .virtual, by: known).frame())
  }
}

extension UInt32 {
  /// In network order.
  fileprivate var octets: [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: self >> (24 - 8 * $0)) }
  }
}
