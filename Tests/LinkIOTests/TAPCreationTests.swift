import CLinux
import Glibc
import LinkIO
import Netlink
import TestSupport
import Testing
import Wire

@Suite("Creating TAPs", .enabled(if: TestNamespace.isPossible))
struct TAPCreationTests {
  private func creation(
    _ lab: borrowing TAPLaboratory, _ creation: TAPCreation = TAPCreation(bridge: "br0")
  ) -> TAPAttachment {
    var attachment = lab.attachment("own0")
    attachment.creation = creation
    return attachment
  }

  @Test func aTAPIsMadeAndGoesWithItsDevice() throws {
    let lab = try TAPLaboratory()
    let table = try LinkTable(of: lab.namespace)
    var device: TAPDevice? = try creation(lab, TAPCreation(mtu: 1400, bridge: "br0")).open()
    #expect(device?.isOwn == true)
    #expect(device?.level == .full)
    let link = try table.link("own0")
    #expect(link.index == device?.index)
    #expect(link.mtu == 1400)
    #expect(link.isUp)
    #expect(link.controllerIndex == (try table.link("br0").index))
    #expect(link.macAddress != MACAddress(rawValue: 0x0276_7300_0101))
    #expect(link.tun?.isPersistent == false)
    device = nil
    #expect(try eventually { try table.link(ifPresent: "own0") == nil })
  }

  @Test func withoutBridgeItStandsAlone() throws {
    let lab = try TAPLaboratory()
    let device = try creation(lab, TAPCreation()).open()
    let link = try LinkTable(of: lab.namespace).link(device.name)
    #expect(link.controllerIndex == nil)
    #expect(link.isUp)
    #expect(link.mtu == 1500)
  }

  @Test(arguments: OffloadLevel.allCases)
  func everyRungCanBeMade(ceiling: OffloadLevel) throws {
    let lab = try TAPLaboratory()
    var attachment = creation(lab)
    attachment.ceiling = ceiling
    #expect(try attachment.open().level == ceiling)
  }

  @Test func whatExistsIsNotTakenOver() throws {
    let lab = try TAPLaboratory()
    try lab.addTAP("own0")
    let error = #expect(throws: LinkError.self) { try creation(lab).open() }
    #expect(error?.reason == .linkExists)
    #expect(
      error?.message
        == "a link own0 exists in \(lab.namespace) already; a TAP that tapvs creates must not exist"
    )
  }

  @Test func aPredecessorThatIsEndingIsWaitedFor() throws {
    let lab = try TAPLaboratory()
    let descriptor = try lab.hold("own0", flags: 0)
    let stepped = SteppedClock()
    stepped.onWait = { if stepped.waitCount == 2 { close(descriptor) } }
    let device = try creation(lab).open(clock: stepped.clock)
    #expect(device.isOwn)
    #expect(stepped.waitCount >= 2)
  }

  @Test func whateverFailsLeavesNothing() throws {
    let lab = try TAPLaboratory()
    let table = try LinkTable(of: lab.namespace)
    let bridge = #expect(throws: LinkError.self) {
      try creation(lab, TAPCreation(bridge: "br7")).open()
    }
    #expect(bridge?.message == "no link br7 in \(lab.namespace)")
    let mtu = #expect(throws: LinkError.self) { try creation(lab, TAPCreation(mtu: 1)).open() }
    #expect(mtu?.message == "link own0 in \(lab.namespace) refuses MTU 1: Invalid argument")
    #expect(try eventually { try table.links().map(\.name) == ["lo", "br0"] })
  }
}
