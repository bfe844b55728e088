import Foundation
import TestSupport
import Testing
import Wire

@testable import Netlink

@Suite("Routes")
struct RouteTests {
  /// `default via 10.0.0.1 dev 2 metric 100 mtu 1400` of the main table, linkdown.
  private let whole = octets(
    """
    02 00 00 00 fe 04 00 01 10000000
    0800 0f00 fe000000  0800 0600 64000000  0c00 0800 0800 0200 78050000
    0800 0500 0a000001  0800 0400 02000000
    """)

  @Test func aRouteIsRead() throws {
    let route = try #require(Route(whole))
    #expect(route.destination == .everything)
    #expect(route.table == Route.mainTable)
    #expect(route.origin == 4)
    #expect(route.gateway == IPv4Address(10, 0, 0, 1))
    #expect(route.linkIndices == [2])
    #expect(route.priority == 100)
    #expect(route.mtu == 1400)
    #expect(route.announcedSegmentSize == nil)
    #expect(route.flags == 0)
    #expect(route.isUnicast)
    #expect(route.description == "default via 10.0.0.1, metric 100")
  }

  @Test func everyTruncationIsRefusedExceptBetweenAttributes() {
    for length in 0..<whole.count {
      let isBorder = [12, 20, 28, 40, 48].contains(length)
      #expect((Route(Array(whole.prefix(length))) != nil) == isBorder, "\(length) bytes")
    }
    var other = whole
    other[1] = 33
    #expect(Route(other) == nil)
    other[1] = 24
    #expect(Route(other) == nil)
    other[1] = 0
    other[0] = 10
    #expect(Route(other) == nil)
  }

  @Test func aSegmentSizeIsSetBesideOtherMetrics() throws {
    let route = try #require(Route(whole)).announcing(1440)
    #expect(route.announcedSegmentSize == 1440)
    #expect(route.mtu == 1400)
    #expect(route.announcing(1300).announcedSegmentSize == 1300)
    #expect(route.announcing(1300).attributes.count == route.attributes.count)
  }

  @Test func severalNextHopsLoseTheStatesOfTheirDevices() throws {
    let header = octets("02 00 00 00 fe 04 00 01 00000000")
    let hops = octets(
      "2400 0900 1000 15 01 02000000 0800 0500 0a000001  1000 04 00 03000000 0800 0500 0a000002")
    let route = try #require(Route(header + hops))
    #expect(route.linkIndices == [2, 3])
    #expect(route.attributes.first?.payload[2] == 4)
    #expect(route.attributes.first?.payload[18] == 4)
    #expect(route.gateway == nil)
    var cut = hops
    cut[4] = 0x40
    #expect(try #require(Route(header + cut)).linkIndices == [])
  }

  @Test func aRouteComesBackFromJSON() throws {
    let route = try #require(Route(whole))
    let data = try JSONEncoder().encode(route)
    #expect(try JSONDecoder().decode(Route.self, from: data) == route)
  }

  @Test(arguments: ["", "5", "5:", "5:0", "5:0g", "300:00", "5:00:00", "-1:00"])
  func whatIsNoAttributeIsRefused(_ text: String) throws {
    let data = Data("[\"\(text)\"]".utf8)
    let attributes = try? JSONDecoder().decode([NetlinkAttribute].self, from: data)
    #expect((attributes != nil) == (text == "5:"))
  }

  @Test(.enabled(if: TestNamespace.isPossible)) func theKernelTakesAndGivesRoutes() throws {
    let lab = try TestNamespace()
    try lab.ip("link add d0 type bridge")
    try lab.ip("link set d0 up")
    let table = try LinkTable(of: NetworkNamespace(lab.name))
    let link = try table.link("d0")
    let address = try #require(IPv4InterfaceAddress("10.0.0.2/24"))
    try table.addAddress(address, isHostOnly: false, to: link)
    let twice = #expect(throws: LinkError.self) {
      try table.addAddress(address, isHostOnly: false, to: link)
    }
    #expect(twice?.reason == .linkExists)
    let router = IPv4Address(10, 0, 0, 1)
    let route = Route(to: .everything, via: router, linkIndex: link.index, priority: 7)
      .announcing(1400)
    try table.setRoute(route)
    #expect(try table.routes().contains(route))
    let other = Route(
      to: .everything, via: IPv4Address(10, 0, 0, 3), linkIndex: link.index, priority: 7)
    try table.setRoute(other)
    #expect(try table.routes().filter { $0.destination == .everything } == [other])
    #expect(try table.way(to: IPv4Address(9, 9, 9, 9))?.gateway == IPv4Address(10, 0, 0, 3))
    #expect(try table.way(to: IPv4Address(10, 0, 0, 2))?.isLocal == true)
    try table.removeRoute(other)
    #expect(try table.way(to: IPv4Address(9, 9, 9, 9)) == nil)
    let away = Route(
      to: .everything, via: IPv4Address(172, 16, 0, 1), linkIndex: link.index, priority: 0)
    let refused = #expect(throws: LinkError.self) { try table.setRoute(away) }
    #expect(refused?.reason == .unsuitable)
    try table.removeAddress(address, from: link)
    #expect(try table.addresses() == [])
    let gone = #expect(throws: LinkError.self) { try table.removeAddress(address, from: link) }
    #expect(gone?.reason == .linkMissing)
  }
}
