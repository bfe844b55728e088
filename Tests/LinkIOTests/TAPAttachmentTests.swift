import CLinux
import Frames
import Glibc
import LinkIO
import Netlink
import TestSupport
import Testing
import Wire

@Suite("Attaching to TAPs", .enabled(if: TestNamespace.isPossible))
struct TAPAttachmentTests {
  @Test(arguments: ["multi_queue vnet_hdr", "vnet_hdr", "multi_queue", ""])
  func everyFormOfTAPIsAttached(form: String) throws {
    let lab = try TAPLaboratory()
    try lab.addTAP("t0", form)
    let device = try lab.attachment("t0").open(patience: .zero)
    #expect(device.level == .full)
    #expect(device.isMultiQueue == form.contains("multi_queue"))
    #expect(!device.isOwn)
    #expect(device.name == "t0")
    let link = try LinkTable(of: lab.namespace).link("t0")
    #expect(device.index == link.index)
    #expect(link.tun?.hasVnetHeader == true)
    #expect(link.tun?.queueCount == (device.isMultiQueue ? 1 : nil))
  }

  @Test func aTAPIsFreeAgainAfterwards() throws {
    let lab = try TAPLaboratory()
    try lab.addTAP("t0")
    for _ in 0..<3 { _ = try lab.attachment("t0").open() }
    let table = try LinkTable(of: lab.namespace)
    #expect(try eventually { try table.link("t0").tun?.queueCount == 0 })
  }

  @Test func aMissingTAPIsNamedAndNotMade() throws {
    let lab = try TAPLaboratory()
    let error = #expect(throws: LinkError.self) { try lab.attachment("lb1-wan").open() }
    #expect(error?.reason == .linkMissing)
    #expect(error?.isUnavailable == true)
    #expect(error?.message == "no link lb1-wan in \(lab.namespace)")
    #expect(try LinkTable(of: lab.namespace).links().map(\.name) == ["lo", "br0"])
  }

  @Test func aMissingNamespaceIsNamed() {
    var attachment = TAPAttachment(
      name: "t0", namespace: NetworkNamespace("tapvs-test-none"), macAddress: .zero)
    attachment.ceiling = .plain
    let error = #expect(throws: LinkError.self) { try attachment.open() }
    #expect(error?.reason == .namespaceMissing)
  }

  @Test func whatIsNoTAPIsRefused() throws {
    let lab = try TAPLaboratory()
    try lab.lab.ip("tuntap add tun0 mode tun")
    let bridge = #expect(throws: LinkError.self) { try lab.attachment("br0").open() }
    #expect(bridge?.reason == .unsuitable)
    #expect(bridge?.message == "link br0 in \(lab.namespace) is of kind bridge; wanted is a TAP")
    let tun = #expect(throws: LinkError.self) { try lab.attachment("tun0").open() }
    #expect(tun?.message == "link tun0 in \(lab.namespace) is a TUN device; wanted is a TAP")
    let loopback = #expect(throws: LinkError.self) { try lab.attachment("lo").open() }
    #expect(loopback?.message == "link lo in \(lab.namespace) is a device; wanted is a TAP")
  }

  @Test func theLinksOwnAddressIsRefused() throws {
    let lab = try TAPLaboratory()
    try lab.addTAP("t0")
    try lab.lab.ip("link set t0 address 02:76:73:00:01:01")
    let error = #expect(throws: LinkError.self) { try lab.attachment("t0").open() }
    #expect(error?.reason == .unsuitable)
    #expect(error?.isUnavailable == false)
    let message = try #require(error?.message)
    #expect(message.contains("02:76:73:00:01:01"))
    #expect(message.contains("bridge"))
  }

  @Test(arguments: ["multi_queue vnet_hdr", "vnet_hdr"])
  func aSecondDirectorIsRefusedAfterTwoSeconds(form: String) throws {
    let lab = try TAPLaboratory()
    try lab.addTAP("t0", form)
    let first = try lab.attachment("t0").open(patience: .zero)
    let stepped = SteppedClock()
    let error = #expect(throws: LinkError.self) {
      try lab.attachment("t0").open(clock: stepped.clock)
    }
    #expect(error?.reason == .busy)
    #expect(error?.isUnavailable == true)
    #expect(error?.message == "TAP t0 in \(lab.namespace) is held by another director")
    #expect(stepped.time == Instant.zero.advanced(by: .seconds(2)))
    withExtendedLifetime(first) {}
  }

  @Test(arguments: [("multi_queue vnet_hdr", Int32(IFF_MULTI_QUEUE)), ("vnet_hdr", 0)])
  func anotherProgramKeepsItsTAP(form: String, flags: Int32) throws {
    let lab = try TAPLaboratory()
    try lab.addTAP("t0", form)
    let descriptor = try lab.hold("t0", flags: flags)
    defer { close(descriptor) }
    let error = #expect(throws: LinkError.self) { try lab.attachment("t0").open(patience: .zero) }
    #expect(error?.reason == .busy)
    #expect(try #require(error?.message).contains("is held by another program"))
  }

  @Test(arguments: [("multi_queue vnet_hdr", Int32(IFF_MULTI_QUEUE)), ("vnet_hdr", 0)])
  func aTAPThatIsGivenUpInTimeIsAttached(form: String, flags: Int32) throws {
    let lab = try TAPLaboratory()
    try lab.addTAP("t0", form)
    let descriptor = try lab.hold("t0", flags: flags)
    let stepped = SteppedClock()
    stepped.onWait = { if stepped.waitCount == 3 { close(descriptor) } }
    let device = try lab.attachment("t0").open(clock: stepped.clock)
    #expect(device.name == "t0")
    #expect(stepped.waitCount >= 3)
  }

  @Test(arguments: OffloadLevel.allCases)
  func theHighestRungAllowedIsReached(ceiling: OffloadLevel) throws {
    let lab = try TAPLaboratory()
    try lab.addTAP("t0")
    let device = try lab.attachment("t0", ceiling: ceiling).open(patience: .zero)
    #expect(device.level == ceiling)
    let link = try LinkTable(of: lab.namespace).link("t0")
    #expect(link.tun?.hasVnetHeader == ceiling.hasVnetHeader)
  }

  @Test func offloadsAreLoweredButNotRaised() throws {
    let lab = try TAPLaboratory()
    try lab.addTAP("t0")
    let device = try lab.attachment("t0").open(patience: .zero)
    try device.lower(to: .checksum)
    #expect(device.level == .checksum)
    try device.lower(to: .full)
    #expect(device.level == .checksum)
    try device.lower(to: .plain)
    #expect(device.level == .whole)
  }
}
