import Frames
import Glibc
import LinkIO
import Netlink
import TestSupport
import Testing
import Wire

@Suite("TAP devices", .enabled(if: TestNamespace.isPossible))
struct TAPDeviceTests {
  private let whole = Superframe(payload: Superframe.pattern(100), hasPartialChecksum: false)

  /// What `device` answers for `frame`.
  private func transmit(
    _ device: TAPDevice, _ frame: [UInt8], _ offload: VirtioNetHeader = VirtioNetHeader()
  ) -> TransmitOutcome {
    device.transmit(0, of: makeBatch([frame], offload: offload))
  }

  @Test(arguments: [OffloadLevel.full, .plain])
  func nothingWaitingIsDrained(ceiling: OffloadLevel) throws {
    let lab = try TAPLaboratory()
    try lab.addTAP("t0")
    let device = try lab.attachment("t0", ceiling: ceiling).open(patience: .zero)
    var batch = FrameBatch()
    let outcome = device.receive(into: &batch, port: PortIndex(0))
    #expect(outcome == .drained)
  }

  @Test(arguments: [OffloadLevel.full, .plain])
  func aSwitchedOffTAPRefuses(ceiling: OffloadLevel) throws {
    let lab = try TAPLaboratory()
    try lab.addTAP("t0")
    let device = try lab.attachment("t0", ceiling: ceiling).open(patience: .zero)
    #expect(transmit(device, whole.frame) == .sent)
    try lab.lab.ip("link set t0 down")
    #expect(transmit(device, whole.frame) == .refused)
    var batch = FrameBatch()
    let outcome = device.receive(into: &batch, port: PortIndex(0))
    #expect(outcome == .drained)
    try lab.lab.ip("link set t0 up")
    #expect(transmit(device, whole.frame) == .sent)
  }

  @Test func aDeletedTAPIsGone() throws {
    let lab = try TAPLaboratory()
    try lab.addTAP("t0")
    let device = try lab.attachment("t0").open(patience: .zero)
    let poller = try Poller()
    try poller.add(try #require(device.descriptor), token: 5)
    try lab.lab.ip("link del t0")
    #expect(poller.wait(timeout: .seconds(5)) == 1)
    #expect(poller[0].isBroken)
    var batch = FrameBatch()
    let outcome = device.receive(into: &batch, port: PortIndex(0))
    #expect(outcome == .gone)
    #expect(transmit(device, whole.frame) == .gone)
  }

  @Test func aTAPMadeAnewUnderTheOldNameIsAttachedBesideTheGoneOne() throws {
    let lab = try TAPLaboratory()
    try lab.addTAP("t0")
    let old = try lab.attachment("t0").open(patience: .zero)
    try lab.lab.ip("link del t0")
    try lab.addTAP("t0")
    let new = try lab.attachment("t0").open(patience: .zero)
    #expect(new.index != old.index)
    #expect(transmit(new, whole.frame) == .sent)
  }

  @Test(arguments: [0, 1, 13])
  func framesWithoutAnEthernetHeaderAreRefused(length: Int) throws {
    let lab = try TAPLaboratory()
    try lab.addTAP("t0")
    let device = try lab.attachment("t0").open(patience: .zero)
    #expect(transmit(device, Array(whole.frame.prefix(length))) == .refused)
  }

  @Test func headersThatCannotBeAreRefused() throws {
    let lab = try TAPLaboratory()
    try lab.addTAP("t0")
    let device = try lab.attachment("t0").open(patience: .zero)
    var beyondTheEnd = VirtioNetHeader()
    beyondTheEnd.flags = .needsChecksum
    beyondTheEnd.checksumStart = 60_000
    #expect(transmit(device, whole.frame, beyondTheEnd) == .refused)
    var unknownType = VirtioNetHeader()
    unknownType.gsoType = .init(rawValue: 0x7e)
    unknownType.gsoSize = 1000
    #expect(transmit(device, whole.frame, unknownType) == .refused)
    var longHeader = VirtioNetHeader()
    longHeader.headerLength = .max
    #expect(transmit(device, whole.frame, longHeader) == .refused)
  }

  @Test func aPlainDeviceRefusesWhatOnlyAHeaderCanSay() throws {
    let lab = try TAPLaboratory()
    try lab.addTAP("t0")
    let device = try lab.attachment("t0", ceiling: .plain).open(patience: .zero)
    let partial = Superframe(payload: Superframe.pattern(100))
    #expect(transmit(device, partial.frame, partial.offload) == .refused)
    let superframe = Superframe(payload: Superframe.pattern(4000), segmentSize: 1000)
    #expect(transmit(device, superframe.frame, superframe.offload) == .refused)
  }

  @Test func flagsThatAreNotForSendingAreLeftOut() throws {
    let lab = try TAPLaboratory()
    try lab.addTAP("t0")
    let device = try lab.attachment("t0").open(patience: .zero)
    var offload = VirtioNetHeader()
    offload.flags = .init(rawValue: 0xfe)
    #expect(transmit(device, whole.frame, offload) == .sent)
  }

  @Test func moreFramesThanABatchTakesComeInTurns() throws {
    let lab = try TAPLaboratory()
    try lab.addTAP("t0")
    try lab.addTAP("t1")
    let sender = try lab.attachment("t0").open(patience: .zero)
    let receiver = try lab.attachment("t1").open(patience: .zero)
    try lab.waitUntilRunning("t0", "t1")
    for _ in 0..<100 { #expect(transmit(sender, whole.frame) == .sent) }
    var batch = FrameBatch()
    let first = receiver.receive(into: &batch, port: PortIndex(2))
    let firstCount = batch.count
    #expect(first == .full)
    #expect(firstCount == 64)
    batch.removeAll()
    let second = receiver.receive(into: &batch, port: PortIndex(2))
    let (secondCount, port, octets) = (batch.count, batch[0].port, batch.octets(at: 35))
    #expect(second == .drained)
    #expect(secondCount == 36)
    #expect(port == PortIndex(2))
    #expect(octets == whole.frame)
  }
}
