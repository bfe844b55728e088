import Director
import Frames
import TestSupport
import Testing
import Wire

/// The corners of checksums that are kept, computed, or left wrong.
@Suite struct ChecksumTests {
  private func opened(_ isFast: Bool) -> UsualDirector {
    let usual = UsualDirector()
    usual.director.isFastPathEnabled = isFast
    usual.receive(request(.syn))
    usual.receive(query())
    return usual
  }

  private func transportChecksum(_ frame: TestFrame?) -> String? {
    frame.flatMap { frame in
      FrameDescription(frame.bytes.rawSpan, offload: frame.offload).fields
        .first { $0.name == "checksum" && ($0.layer == "tcp" || $0.layer == "udp") }?.value
    }
  }

  @Test(arguments: [true, false])
  func aDatagramWithoutChecksumGetsOne(isFast: Bool) {
    let usual = opened(isFast)
    for count in [0, 1, 2, 55] {
      let inbound = query().payload(count: count)
      expectFrame(
        usual.receive(inbound.with(\.udp.checksum, 0)).frame,
        is: inbound.translated(to: .realDNS).frame())
      let outbound = response().payload(count: count)
      expectFrame(
        usual.receiveReply(outbound.with(\.udp.checksum, 0)).frame,
        is: outbound.translated(from: .virtualDNS).frame())
    }
  }

  /// The UDP length ends the datagram; bytes behind it are carried, but not summed.
  @Test(arguments: [true, false])
  func aDatagramShorterThanItsPacketIsSummedToItsOwnEnd(isFast: Bool) throws {
    let usual = opened(isFast)
    let long = query().payload(count: 40).with(\.udp.length, 18).with(\.udp.checksum, 0)
    let frame = try #require(usual.receive(long).frame)
    var expected = query().payload(Array(long.payload.prefix(10))).translated(to: .realDNS)
    expected.ip.totalLength = 68
    expected.minimumLength = 0
    let bytes = expected.frame().bytes + long.payload.dropFirst(10)
    #expect(frame.bytes == bytes)
  }

  /// A sum that would be stored as 0 is stored as 0xffff: 0 says that there is none.
  @Test(arguments: [true, false])
  func aDatagramNeverGetsChecksumZero(isFast: Bool) {
    let usual = opened(isFast)
    // The word that makes the translated datagram's sum 0xffff.
    let plain = query().payload([0, 0]).translated(to: .realDNS).frame().bytes
    let builder = query().payload(Array(plain[40...41]))
    let translated = builder.translated(to: .realDNS).frame()
    #expect(Array(translated.bytes[40...41]) == [0xff, 0xff], "the test's own premise")
    expectFrame(usual.receive(builder).frame, is: translated)
    expectFrame(usual.receive(builder.with(\.udp.checksum, 0)).frame, is: translated)
  }

  @Test(arguments: [true, false])
  func aSegmentMayHaveChecksumZero(isFast: Bool) {
    let usual = opened(isFast)
    let plain = request(.ack).payload([0, 0]).translated(to: .real).frame().bytes
    let builder = request(.ack).payload(Array(plain[50...51]))
    let translated = builder.translated(to: .real).frame()
    #expect(Array(translated.bytes[50...51]) == [0, 0], "the test's own premise")
    expectFrame(usual.receive(builder).frame, is: translated)
  }

  @Test(arguments: [UInt16(0), 1, 0x1234, 0xfffe, 0xffff], [true, false])
  func aWrongChecksumStaysWrong(checksum: UInt16, isFast: Bool) {
    let usual = opened(isFast)
    let inbound = usual.receive(request(.ack).payload("x").with(\.tcp.checksum, checksum))
    #expect(transportChecksum(inbound.frame)?.contains("wrong") == true)
    let outbound = usual.receiveReply(reply(.ack).payload("x").with(\.tcp.checksum, checksum))
    #expect(transportChecksum(outbound.frame)?.contains("wrong") == true)
    if checksum != 0 {
      let datagram = usual.receive(query().payload("x").with(\.udp.checksum, checksum))
      #expect(transportChecksum(datagram.frame)?.contains("wrong") == true)
    }
  }

  /// A checksum that the kernel has verified is a complete one; the mark is not sent on.
  @Test(arguments: [true, false])
  func aVerifiedChecksumIsUpdatedAsACompleteOne(isFast: Bool) {
    let usual = opened(isFast)
    let builder = request(.ack).payload(count: 50)
    var frame = builder.frame()
    frame.offload.flags = .dataValid
    expectFrame(usual.receive(frame).frame, is: builder.translated(to: .real).frame())
  }

  /// The incremental update gives what computing from nothing gives, whatever the words.
  @Test func incrementalEqualsFull() {
    var random = SplitMix64(seed: 0x1624)
    for round in 0..<400 {
      let virtual = Endpoint(
        IPv4Address(192, 0, 2, UInt8.random(in: 50...250, using: &random)),
        UInt16.random(in: 1 ... .max, using: &random))
      let real = Endpoint(
        IPv4Address(10, 0, 0, UInt8.random(in: 2...254, using: &random)),
        UInt16.random(in: 1 ... .max, using: &random))
      let client = Endpoint(
        IPv4Address(rawValue: UInt32.random(in: 0x0b00_0000...0x7e00_0000, using: &random)),
        UInt16.random(in: .min ... .max, using: &random))
      let usual = UsualDirector(
        .usual(
          services: [
            .init(
              address: virtual.address, port: virtual.port, scheduler: .roundRobin,
              servers: [.init(address: real.address, port: real.port)])
          ], limit: 8))
      usual.director.isFastPathEnabled = round.isMultiple(of: 2)
      usual.director.installNeighbor(
        real.address, mac: ExampleNetwork.mac(of: real.address), port: .lan, at: usual.clock.now)
      let payload = random.bytes(Int.random(in: 0...40, using: &random))
      usual.receive(request(.syn, from: client, to: virtual))
      let inbound = request(.ack, from: client, to: virtual).payload(payload)
      expectFrame(usual.receive(inbound).frame, is: inbound.translated(to: real).frame())
      let outbound = reply(.ack, from: real, to: client).payload(payload)
      expectFrame(
        usual.receiveReply(outbound).frame, is: outbound.translated(from: virtual).frame())
    }
  }
}
