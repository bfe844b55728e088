import TestSupport
import Testing
import Wire

@Suite struct IPv4AddressTests {
  @Test(arguments: [
    ("0.0.0.0", UInt32(0)), ("192.0.2.1", 0xc000_0201), ("255.255.255.255", 0xffff_ffff),
    ("10.0.0.2", 0x0a00_0002), ("1.22.100.200", 0x0116_64c8),
  ])
  func reads(text: String, value: UInt32) {
    #expect(IPv4Address(text)?.rawValue == value)
    #expect(IPv4Address(rawValue: value).description == text)
  }

  @Test(arguments: [
    "", ".", "...", "1.2.3", "1.2.3.", ".1.2.3", "1..2.3", "1.2.3.4.", "1.2.3.4.5", "256.0.0.1",
    "1.2.3.999", "1.2.3.1000", "01.2.3.4", "1.2.3.00", "+1.2.3.4", "-1.2.3.4", " 1.2.3.4",
    "1.2.3.4 ", "1.2.3.4\n", "1.2.3.x", "0x1.2.3.4", "1.2.3.4/24", "::1", "localhost",
    "\u{0661}.2.3.4",
  ])
  func refuses(text: String) {
    #expect(IPv4Address(text) == nil)
  }

  @Test func deconstructsAndConstructs() {
    var bytes = [UInt8](repeating: filler, count: 6)
    bytes.withMutableRawSpan { (span: consuming MutableRawSpan) in
      IPv4Address(192, 0, 2, 100).store(into: &span, at: 1)
    }
    #expect(bytes == hexadecimal("a5 c0000264 a5"))
    #expect(IPv4Address(bytes.rawSpan, at: 1) == ExampleNetwork.virtual)
  }

  @Test(arguments: [
    ("0.0.0.0", false), ("0.1.2.3", false), ("1.0.0.0", true), ("126.255.255.255", true),
    ("127.0.0.1", false), ("128.0.0.1", true), ("223.255.255.255", true), ("224.0.0.1", false),
    ("239.255.255.255", false), ("240.0.0.1", false), ("255.255.255.255", false),
  ])
  func tellsHostsFromOthers(text: String, isHost: Bool) throws {
    let address = try #require(IPv4Address(text))
    #expect(address.isUnicastHost == isHost)
  }

  @Test func tellsMulticastAndLoopback() {
    #expect(IPv4Address(224, 0, 0, 18).isMulticast)
    #expect(IPv4Address(239, 255, 255, 255).isMulticast)
    #expect(!IPv4Address(223, 255, 255, 255).isMulticast)
    #expect(!IPv4Address(240, 0, 0, 0).isMulticast)
    #expect(IPv4Address(127, 255, 0, 1).isLoopback)
    #expect(!IPv4Address(128, 0, 0, 1).isLoopback)
  }
}

@Suite struct IPv4PrefixTests {
  @Test(arguments: [
    (0, UInt32(0)), (1, 0x8000_0000), (8, 0xff00_0000), (24, 0xffff_ff00), (28, 0xffff_fff0),
    (31, 0xffff_fffe), (32, 0xffff_ffff),
  ])
  func masks(length: Int, mask: UInt32) {
    #expect(IPv4Prefix.mask(length) == mask)
    let all = IPv4Address.broadcast
    #expect(IPv4Prefix(all, length: length).network.rawValue == mask)
  }

  @Test func containsItsHosts() {
    let prefix = IPv4Prefix(IPv4Address(115, 205, 4, 215), length: 28)
    #expect(prefix.description == "115.205.4.208/28")
    #expect(prefix.contains(IPv4Address(115, 205, 4, 208)))
    #expect(prefix.contains(IPv4Address(115, 205, 4, 223)))
    #expect(!prefix.contains(IPv4Address(115, 205, 4, 207)))
    #expect(!prefix.contains(IPv4Address(115, 205, 4, 224)))
    #expect(prefix.directedBroadcast == IPv4Address(115, 205, 4, 223))
  }

  @Test func theExtremesContainAllAndOne() {
    #expect(IPv4Prefix.everything.contains(.broadcast))
    #expect(IPv4Prefix.everything.contains(.unspecified))
    let host = IPv4Prefix(ExampleNetwork.virtual, length: 32)
    #expect(host.contains(ExampleNetwork.virtual))
    #expect(!host.contains(ExampleNetwork.client))
    #expect(host.directedBroadcast == nil)
    #expect(IPv4Prefix(ExampleNetwork.virtual, length: 31).directedBroadcast == nil)
    #expect(IPv4Prefix.everything.directedBroadcast == .broadcast)
  }

  @Test func interfaceAddressesKeepTheHostPart() throws {
    let address = try #require(IPv4InterfaceAddress("192.168.0.1/24"))
    #expect(address.address == IPv4Address(192, 168, 0, 1))
    #expect(address.prefix == IPv4Prefix(IPv4Address(192, 168, 0, 0), length: 24))
    #expect(address.description == "192.168.0.1/24")
    #expect(IPv4InterfaceAddress("10.0.0.1/0")?.prefix == .everything)
    #expect(IPv4InterfaceAddress("10.0.0.1/32")?.prefix.length == 32)
  }

  @Test(arguments: [
    "", "/", "10.0.0.1", "10.0.0.1/", "/24", "10.0.0.1/33", "10.0.0.1/99", "10.0.0.1/100",
    "10.0.0.1/-1", "10.0.0.1/+8", "10.0.0.1/ 8", "10.0.0.1/8 ", "10.0.0.1/8/8", "10.0.0/8",
    "10.0.0.1/x", "10.0.0.1/255.0.0.0", "10.0.0.1/08", "10.0.0.1/00",
  ])
  func refusesInterfaceAddress(text: String) {
    #expect(IPv4InterfaceAddress(text) == nil)
  }
}

@Suite struct MACAddressTests {
  @Test(arguments: [
    ("02:00:00:00:00:10", UInt64(0x0200_0000_0010)), ("00:00:00:00:00:00", 0),
    ("ff:ff:ff:ff:ff:ff", 0xffff_ffff_ffff), ("0a:1b:2c:3d:4e:5f", 0x0a1b_2c3d_4e5f),
  ])
  func reads(text: String, value: UInt64) {
    #expect(MACAddress(text)?.rawValue == value)
    #expect(MACAddress(text.uppercased())?.rawValue == value)
    #expect(MACAddress(rawValue: value).description == text)
  }

  @Test(arguments: [
    "", ":::::", "02:00:00:00:00", "02:00:00:00:00:10:", "02:00:00:00:00:10:20", "2:0:0:0:0:10",
    "02-00-00-00-00-10", "020000000010", "02:00:00:00:00:1g", "02:00:00:00:00:+1",
    "02:00:00:00:00:-1", " 2:00:00:00:00:10", "02:00:00:00:00:10 ", "002:00:00:00:00:10",
    "02:00:00:00:00:\u{0661}",
  ])
  func refuses(text: String) {
    #expect(MACAddress(text) == nil)
  }

  @Test func deconstructsAndConstructs() {
    var bytes = [UInt8](repeating: filler, count: 8)
    let address = MACAddress(rawValue: 0x0a1b_2c3d_4e5f)
    bytes.withMutableRawSpan { (span: consuming MutableRawSpan) in address.store(into: &span, at: 1)
    }
    #expect(bytes == hexadecimal("a5 0a1b2c3d4e5f a5"))
    #expect(MACAddress(bytes.rawSpan, at: 1) == address)
  }

  @Test func dropsBitsPast48() {
    #expect(MACAddress(rawValue: .max) == .broadcast)
  }

  @Test func tellsStationsFromGroups() {
    #expect(MACAddress.broadcast.isMulticast)
    #expect(MACAddress(rawValue: 0x0100_5e00_0012).isMulticast)
    #expect(!ExampleNetwork.gatewayMAC.isMulticast)
    #expect(ExampleNetwork.gatewayMAC.isStation)
    #expect(!MACAddress.zero.isStation)
    #expect(!MACAddress.broadcast.isStation)
  }
}
