import Netlink
import TestSupport
import Testing
import Wire

@Suite("Link tables", .enabled(if: TestNamespace.isPossible))
struct LinkTableTests {
  @Test func aTAPIsRead() throws {
    let lab = try TestNamespace()
    try lab.ip("link add br0 type bridge")
    try lab.ip("tuntap add t0 mode tap multi_queue vnet_hdr")
    try lab.ip("link set t0 address 02:00:00:00:00:07 mtu 1400 master br0 up")
    let table = try LinkTable(of: NetworkNamespace(lab.name))
    let link = try table.link("t0")
    #expect(link.name == "t0")
    #expect(link.macAddress == MACAddress("02:00:00:00:00:07"))
    #expect(link.mtu == 1400)
    #expect(link.isUp)
    #expect(!link.isRunning)
    #expect(link.kind == "tun")
    #expect(link.controllerIndex == (try table.link("br0").index))
    #expect(link.tun?.isTAP == true)
    #expect(link.tun?.isPersistent == true)
    #expect(link.tun?.hasVnetHeader == true)
    #expect(link.tun?.isMultiQueue == true)
    #expect(link.tun?.queueCount == 0)
    #expect(link.tun?.disabledQueueCount == 0)
    #expect(try table.links().map(\.name) == ["lo", "br0", "t0"])
  }

  @Test func aMissingLinkIsNamed() throws {
    let lab = try TestNamespace()
    let table = try LinkTable(of: NetworkNamespace(lab.name))
    #expect(try table.link(ifPresent: "lb1-wan") == nil)
    let error = #expect(throws: LinkError.self) { try table.link("lb1-wan") }
    #expect(error?.reason == .linkMissing)
    #expect(error?.message == "no link lb1-wan in namespace \(lab.name)")
  }

  @Test(arguments: ["", "a/b", "a b", "a:b", "..", "abcdefghijklmnop", "a\n"])
  func namesThatNoLinkHasAreRefused(name: String) throws {
    let error = #expect(throws: LinkError.self) { try LinkTable(of: .own).link(name) }
    #expect(error?.reason == .unsuitable)
    #expect(error?.isUnavailable == false)
  }

  @Test func aLinkIsChanged() throws {
    let lab = try TestNamespace()
    try lab.ip("link add br0 type bridge")
    try lab.ip("tuntap add t0 mode tap")
    let table = try LinkTable(of: NetworkNamespace(lab.name))
    let link = try table.link("t0")
    let address = try #require(MACAddress("02:00:00:00:00:42"))
    try table.setMTU(9000, of: link)
    try table.setAddress(address, of: link)
    try table.setBridge("br0", of: link)
    try table.setUp(true, of: link)
    let changed = try table.link("t0")
    #expect(changed.mtu == 9000)
    #expect(changed.macAddress == address)
    #expect(changed.controllerIndex == (try table.link("br0").index))
    #expect(changed.isUp)
    try table.setUp(false, of: link)
    #expect(try !table.link("t0").isUp)
  }

  @Test func aChangeThatTheKernelRefusesIsNamed() throws {
    let lab = try TestNamespace()
    try lab.ip("tuntap add t0 mode tap")
    let table = try LinkTable(of: NetworkNamespace(lab.name))
    let link = try table.link("t0")
    let error = #expect(throws: LinkError.self) { try table.setMTU(7, of: link) }
    #expect(error?.reason == .unsuitable)
    #expect(
      error?.message == "link t0 in namespace \(lab.name) refuses MTU 7: Invalid argument")
    let missing = #expect(throws: LinkError.self) { try table.setBridge("br9", of: link) }
    #expect(missing?.reason == .linkMissing)
    let other = #expect(throws: LinkError.self) { try table.setBridge("lo", of: link) }
    #expect(other?.reason == .unsuitable)
    try lab.ip("link del t0")
    let gone = #expect(throws: LinkError.self) { try table.setUp(true, of: link) }
    #expect(gone?.reason == .linkMissing)
  }

  @Test func addressesAreListed() throws {
    let lab = try TestNamespace()
    try lab.ip("link add d0 type bridge")
    try lab.ip("addr add 192.0.2.1/24 dev d0")
    try lab.ip("addr add 192.0.2.2 peer 192.0.2.9/32 dev d0")
    let table = try LinkTable(of: NetworkNamespace(lab.name))
    let addresses = try table.addresses()
    #expect(addresses.map(\.address) == [IPv4Address(192, 0, 2, 1), IPv4Address(192, 0, 2, 2)])
    #expect(addresses.map(\.prefixLength) == [24, 32])
    #expect(addresses.map(\.label) == ["d0", "d0"])
    #expect(addresses.map(\.linkIndex) == [try table.link("d0").index, try table.link("d0").index])
  }

  @Test func listsLongerThanADatagramAreWhole() throws {
    let lab = try TestNamespace()
    try lab.ip("link add d0 type bridge")
    for last in 1...150 { try lab.ip("addr add 198.51.100.\(last)/32 dev d0") }
    for number in 1...30 { try lab.ip("link add e\(number) type bridge") }
    let table = try LinkTable(of: NetworkNamespace(lab.name))
    #expect(Set(try table.addresses().map(\.address)).count == 150)
    #expect(Set(try table.links().map(\.name)).count == 32)
  }
}
