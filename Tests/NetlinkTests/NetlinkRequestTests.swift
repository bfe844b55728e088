import Netlink
import Testing
import Wire

@Suite("Netlink requests")
struct NetlinkRequestTests {
  @Test func aLinkRequestIsBuilt() throws {
    var request = NetlinkRequest.link(
      type: 16, flags: 4, index: 2, interfaceFlags: 1, change: 0x101)
    request.put("t0", as: 3)
    request.put(1500, as: 4)
    request.put(try #require(MACAddress("02:76:73:00:01:02")), as: 1)
    let expected = octets(
      """
      3c000000 1000 0500 09000000 00000000
      00 00 0000 02000000 01000000 01010000
      0700 0300 743000 00  0800 0400 dc050000  0a00 0100 027673000102 0000
      """)
    #expect(try request.bytes(sequence: 9) == expected)
  }

  @Test func anAddressRequestIsBuilt() throws {
    let request = NetlinkRequest.address(type: 22, flags: 0x300, family: 2)
    #expect(
      try request.bytes(sequence: 1)
        == octets("18000000 1600 0103 01000000 00000000 02 00 00 00 00000000"))
  }

  @Test func whatDoesNotFitIsReportedNotWritten() throws {
    var request = NetlinkRequest.link(type: 16, flags: 0)
    request.put(String(repeating: "x", count: 5000), as: 3)
    #expect(throws: SystemError(code: 90)) { try request.bytes(sequence: 1) }
  }
}
