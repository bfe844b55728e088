import Netlink
import Testing
import Wire

@Suite("Interface addresses")
struct InterfaceAddressTests {
  private let header = octets("02 18 80 00 03000000")
  private let other = octets("0800 0100 0a000002")
  private let own = octets("0800 0200 0a000001")
  private let label = octets("0900 0300 6574683000 000000")

  @Test func theOwnEndOfALinkIsTaken() throws {
    let address = try #require(InterfaceAddress(header + other + own + label))
    #expect(address.address == IPv4Address(10, 0, 0, 1))
    #expect(address.prefixLength == 24)
    #expect(address.linkIndex == 3)
    #expect(address.label == "eth0")
  }

  @Test func withoutOwnEndTheAddressIsTaken() throws {
    let address = try #require(InterfaceAddress(header + other))
    #expect(address.address == IPv4Address(10, 0, 0, 2))
    #expect(address.label == nil)
  }

  @Test func everyTruncationIsRefusedExceptBetweenAttributes() {
    let whole = header + other + own + label
    for length in 0..<whole.count {
      let address = InterfaceAddress(Array(whole.prefix(length)))
      let isBorder = [16, 24].contains(length) || (33...36).contains(length)
      #expect((address != nil) == isBorder, "\(length) bytes")
    }
  }

  @Test func otherFamiliesAndPrefixesThatCannotBeAreRefused() {
    #expect(InterfaceAddress(octets("0a 18 80 00 03000000") + own) == nil)
    #expect(InterfaceAddress(octets("02 21 80 00 03000000") + own) == nil)
    #expect(InterfaceAddress(header + octets("0700 0200 0a0000 00")) == nil)
  }
}
