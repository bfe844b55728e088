import Frames
import Glibc
import LinkIO
import Netlink
import TestSupport
import Testing
import Wire

/// Each rung of the ladder gives the same bytes: what one TAP sends over a bridge, the other receives
/// whole or cut up.
@Suite("The offload ladder", .enabled(if: TestNamespace.isPossible))
struct OffloadLadderTests {
  /// Sends `sent` from one TAP and puts together what the other receives.
  private func pass(
    _ sent: Superframe, from: OffloadLevel, to: OffloadLevel, lowering: Bool = false
  ) throws -> Reassembly {
    let lab = try TAPLaboratory()
    try lab.addTAP("t0")
    try lab.addTAP("t1", "vnet_hdr")
    let sender = try lab.attachment("t0", ceiling: from).open(patience: .zero)
    let receiver = try lab.attachment("t1", ceiling: lowering ? .full : to).open(patience: .zero)
    if lowering { try receiver.lower(to: to) }
    #expect(receiver.level == to)
    try lab.waitUntilRunning("t0", "t1")
    let outcome = sender.transmit(0, of: makeBatch([sent.frame], offload: sent.offload))
    try #require(outcome == .sent)
    return try collect(sent, at: receiver)
  }

  private func collect(_ sent: Superframe, at receiver: TAPDevice) throws -> Reassembly {
    var reassembly = Reassembly(sent)
    let poller = try Poller()
    try poller.add(try #require(receiver.descriptor), token: 0)
    var batch = FrameBatch()
    while !reassembly.isComplete {
      let isReady = poller.wait(timeout: .seconds(5)) > 0
      try #require(isReady, "only \(reassembly.frameCount) frames came")
      batch.removeAll()
      let outcome = receiver.receive(into: &batch, port: PortIndex(1))
      try #require(outcome != .gone)
      for index in 0..<batch.count {
        reassembly.add(batch.octets(at: index), batch[index].offload, of: sent)
      }
    }
    return reassembly
  }

  /// The largest frame that the kernel hands over whole: 64 KiB less one byte.
  private let largest = Superframe(payload: Superframe.pattern(65_481), segmentSize: 1460)

  @Test(arguments: OffloadLevel.allCases)
  func aTCPSuperframeOf64KiB(level: OffloadLevel) throws {
    let received = try pass(largest, from: .full, to: level)
    #expect(received.payload == largest.payload)
    #expect(received.complaints == [])
    switch level {
    case .full, .withoutUDPSegmentation, .withoutECN:
      #expect(received.frameCount == 1)
      #expect(received.longestFrame == 65_535)
      #expect(received.gsoCount == 1)
      #expect(received.partialCount == 1)
    case .checksum, .whole, .plain:
      #expect(received.frameCount == 45)
      #expect(received.longestFrame == 1514)
      #expect(received.gsoCount == 0)
    }
    if level == .whole || level == .plain { #expect(received.partialCount == 0) }
  }

  @Test(arguments: OffloadLevel.allCases)
  func theLargestIPPacket(level: OffloadLevel) throws {
    let sent = Superframe(payload: Superframe.pattern(65_495), segmentSize: 1460)
    let received = try pass(sent, from: .full, to: level)
    #expect(received.payload == sent.payload)
    #expect(received.complaints == [])
  }

  @Test(arguments: OffloadLevel.allCases)
  func aUDPSuperframe(level: OffloadLevel) throws {
    let sent = Superframe(isTCP: false, payload: Superframe.pattern(40 * 1400), segmentSize: 1400)
    let received = try pass(sent, from: .full, to: level)
    #expect(received.payload == sent.payload)
    #expect(received.complaints == [])
    #expect(received.frameCount == (level == .full ? 1 : 40))
  }

  @Test(arguments: OffloadLevel.allCases)
  func aSuperframeWithECN(level: OffloadLevel) throws {
    var sent = largest
    sent.carriesECN = true
    let received = try pass(sent, from: .full, to: level)
    #expect(received.payload == sent.payload)
    #expect(received.complaints == [])
    #expect(received.frameCount == ([.full, .withoutUDPSegmentation].contains(level) ? 1 : 45))
  }

  @Test(arguments: OffloadLevel.allCases)
  func aSingleFrameWithAPartialChecksum(level: OffloadLevel) throws {
    let sent = Superframe(payload: Superframe.pattern(1460))
    let received = try pass(sent, from: .full, to: level)
    #expect(received.payload == sent.payload)
    #expect(received.complaints == [])
    #expect(received.partialCount == (level == .whole || level == .plain ? 0 : 1))
  }

  @Test(arguments: OffloadLevel.allCases)
  func aWholeFrameFromEveryRung(level: OffloadLevel) throws {
    for isTCP in [true, false] {
      let sent = Superframe(
        isTCP: isTCP, payload: Superframe.pattern(777), hasPartialChecksum: false)
      let received = try pass(sent, from: level, to: .full)
      #expect(received.payload == sent.payload)
      #expect(received.complaints == [])
      #expect(received.partialCount == 0)
    }
  }

  @Test(arguments: OffloadLevel.allCases.filter { $0.hasVnetHeader })
  func aSuperframeFromEveryRungWithHeader(level: OffloadLevel) throws {
    let received = try pass(largest, from: level, to: .full)
    #expect(received.payload == largest.payload)
    #expect(received.complaints == [])
    #expect(received.frameCount == 1)
  }

  @Test(arguments: [OffloadLevel.checksum, .whole])
  func aRungLoweredToIsAsGoodAsOneBegunWith(level: OffloadLevel) throws {
    let received = try pass(largest, from: .full, to: level, lowering: true)
    #expect(received.payload == largest.payload)
    #expect(received.complaints == [])
    #expect(received.frameCount == 45)
  }

  @Test func offloadsLeftOnByTheLastHolderDoNotReachAPlainDevice() throws {
    let lab = try TAPLaboratory()
    try lab.addTAP("t0")
    try lab.addTAP("t1")
    _ = try lab.attachment("t1").open(patience: .zero)
    let sender = try lab.attachment("t0").open(patience: .zero)
    let receiver = try lab.attachment("t1", ceiling: .plain).open()
    try lab.waitUntilRunning("t0", "t1")
    let outcome = sender.transmit(0, of: makeBatch([largest.frame], offload: largest.offload))
    #expect(outcome == .sent)
    let received = try collect(largest, at: receiver)
    #expect(received.payload == largest.payload)
    #expect(received.complaints == [])
    #expect(received.frameCount == 45)
  }
}
