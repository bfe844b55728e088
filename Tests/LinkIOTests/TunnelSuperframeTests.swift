import Frames
import Glibc
import LinkIO
import Netlink
import TestSupport
import Testing
import Wire

/// TCP segments in a UDP tunnel as one frame: the kernel cuts what one TAP sends before another, which
/// asked for no such frames, gets it.
@Suite("Superframes in tunnels", .enabled(if: TestNamespace.isPossible))
struct TunnelSuperframeTests {
  /// A TAP that sends and one that receives.
  private final class Ends {
    let lab: TAPLaboratory
    let sender: TAPDevice
    let receiver: TAPDevice

    init(receiving level: OffloadLevel) throws {
      let lab = try TAPLaboratory()
      try lab.addTAP("t0")
      try lab.addTAP("t1", "vnet_hdr")
      sender = try lab.attachment("t0").open(patience: .zero)
      receiver = try lab.attachment("t1", ceiling: level).open(patience: .zero)
      try lab.waitUntilRunning("t0", "t1")
      self.lab = lab
    }

    /// The next `count` frames to `GUESegments.station`.
    func receive(_ count: Int) throws -> [TestFrame] {
      let poller = try Poller()
      try poller.add(try #require(receiver.descriptor), token: 0)
      var batch = FrameBatch()
      var frames: [TestFrame] = []
      while frames.count < count {
        let isReady = poller.wait(timeout: .seconds(5)) > 0
        try #require(isReady, "only \(frames.count) frames came")
        batch.removeAll()
        let outcome = receiver.receive(into: &batch, port: PortIndex(1))
        try #require(outcome != .gone)
        for index in 0..<batch.count {
          let frame = TestFrame(copying: batch, at: index)
          if GUESegments.isOne(frame) { frames.append(frame) }
        }
      }
      return frames
    }
  }

  private func expectSent(_ device: TAPDevice, _ frame: TestFrame) {
    let outcome = device.transmit(0, of: makeBatch([frame.bytes], offload: frame.offload))
    // A kernel that knows no tunnels refuses; the director does not try then.
    #expect(outcome == (device.takesTunnelSuperframes ? .sent : .refused))
  }

  static let forms = [
    GUESegments(), GUESegments(dontFragment: true), GUESegments(hasChecksum: true),
    GUESegments(flags: [.ack, .psh, .fin]), GUESegments(flags: [.ack, .cwr, .ece]),
    GUESegments(payloadCount: 65_463), GUESegments(payloadCount: 1401),
    GUESegments(options: [1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2], hasChecksum: true),
  ]

  @Test(arguments: forms, [OffloadLevel.plain, .whole])
  func theKernelCutsByteForByte(form: GUESegments, level: OffloadLevel) throws {
    let ends = try Ends(receiving: level)
    let sender = ends.sender
    expectSent(sender, form.superframe)
    guard sender.takesTunnelSuperframes else { return }
    let expected = form.segments
    let received = try ends.receive(expected.count)
    for (frame, segment) in zip(received, expected) { expectFrame(frame, is: segment) }
  }

  /// Whatever a TAP asks for, it is handed no segments in tunnels.
  @Test(arguments: OffloadLevel.allCases)
  func nobodyIsHandedOne(level: OffloadLevel) throws {
    let ends = try Ends(receiving: level)
    let sender = ends.sender
    expectSent(sender, GUESegments().superframe)
    guard sender.takesTunnelSuperframes else { return }
    let received = try ends.receive(3)
    #expect(!received.contains { $0.offload.isGSO })
    #expect(received.map(\.bytes.count) == GUESegments().segments.map(\.bytes.count))
  }

  /// Other frames pass with the long header as with the short one.
  @Test func plainSuperframesBesideThem() throws {
    let ends = try Ends(receiving: .full)
    let plain = Superframe(payload: Superframe.pattern(65_481), segmentSize: 1460)
    let sender = ends.sender
    let outcome = sender.transmit(0, of: makeBatch([plain.frame], offload: plain.offload))
    #expect(outcome == .sent)
    expectSent(sender, GUESegments().superframe)
    guard sender.takesTunnelSuperframes else { return }
    #expect(try ends.receive(3).count == 3)
  }

  @Test(arguments: OffloadLevel.allCases)
  func onlyTheHighestRungTakesThem(level: OffloadLevel) throws {
    let lab = try TAPLaboratory()
    try lab.addTAP("t0")
    let device = try lab.attachment("t0", ceiling: level).open(patience: .zero)
    if level != .full { #expect(!device.takesTunnelSuperframes) }
    expectSent(device, GUESegments().superframe)
  }

  @Test func aLoweredDeviceTakesNone() throws {
    let lab = try TAPLaboratory()
    try lab.addTAP("t0")
    let device = try lab.attachment("t0").open(patience: .zero)
    let before = device.takesTunnelSuperframes
    try device.lower(to: .whole)
    #expect(!device.takesTunnelSuperframes)
    let whole = Superframe(payload: Superframe.pattern(100), hasPartialChecksum: false)
    let outcome = device.transmit(0, of: makeBatch([whole.frame]))
    #expect(outcome == .sent, "with a header of \(before ? 24 : 10) bytes")
  }

  @Test func oneThatWasMadeTakesThemToo() throws {
    let lab = try TAPLaboratory()
    try lab.addTAP("t0")
    let usual = try lab.attachment("t0").open(patience: .zero)
    var attachment = lab.attachment("t1")
    attachment.creation = TAPCreation(bridge: "br0")
    let made = try attachment.open(patience: .zero)
    #expect(made.takesTunnelSuperframes == usual.takesTunnelSuperframes)
    expectSent(made, GUESegments().superframe)
  }

  /// The kernel looks at the offsets.
  @Test func offsetsThatCannotBeAreRefused() throws {
    let lab = try TAPLaboratory()
    try lab.addTAP("t0")
    let device = try lab.attachment("t0").open(patience: .zero)
    for (outer, inner) in [(0, 0), (33, 46), (34, 41), (34, 60)] as [(UInt16, UInt16)] {
      var frame = GUESegments().superframe
      frame.offload.outerTransportStart = outer
      frame.offload.innerNetworkStart = inner
      let outcome = device.transmit(0, of: makeBatch([frame.bytes], offload: frame.offload))
      #expect(outcome == .refused, "\(outer), \(inner)")
    }
  }
}
