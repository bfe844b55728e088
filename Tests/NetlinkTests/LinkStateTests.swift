import Netlink
import Testing
import Wire

@Suite("Link states")
struct LinkStateTests {
  /// A multi-queue TAP that one program holds: family, type, index 2, flags UP | RUNNING.
  private let header = octets("00 00 0100 02000000 43000000 00000000")
  private let name = octets("0700 0300 743000 00")
  private let operationalState = octets("0500 1000 06 000000")
  private let mtu = octets("0800 0400 dc050000")
  private let controller = octets("0800 0a00 09000000")
  private let address = octets("0a00 0100 c27f7907e3d1 0000")
  private let information = octets(
    """
    4800 1200
      0800 0100 74756e00
      3c00 0200
        0500 0300 02 000000  0500 0500 01 000000  0500 0400 00 000000  0500 0600 01 000000
        0500 0700 01 000000  0800 0800 01000000   0800 0900 00000000
    """)

  private var whole: [UInt8] {
    header + name + operationalState + mtu + controller + address + information
  }

  @Test func aTAPIsDescribed() throws {
    let link = try #require(LinkState(whole))
    #expect(link.index == 2)
    #expect(link.name == "t0")
    #expect(link.macAddress == MACAddress("c2:7f:79:07:e3:d1"))
    #expect(link.mtu == 1500)
    #expect(link.isUp)
    #expect(link.isRunning)
    #expect(link.operationalState == 6)
    #expect(link.controllerIndex == 9)
    #expect(link.kind == "tun")
    #expect(
      link.tun
        == TunnelState(
          isTAP: true, isPersistent: true, hasVnetHeader: true, isMultiQueue: true, queueCount: 1,
          disabledQueueCount: 0))
  }

  @Test func everyTruncationIsRefusedExceptBetweenAttributes() {
    let parts = [name, operationalState, mtu, controller, address, information]
    var borders: Set<Int> = []
    var end = header.count
    for part in parts {
      // Padding behind an attribute may be missing.
      let length = Int(part[0]) | Int(part[1]) << 8
      borders.formUnion((end + length)...(end + part.count))
      end += part.count
    }
    for length in 0..<whole.count {
      let link = LinkState(Array(whole.prefix(length)))
      #expect((link != nil) == borders.contains(length), "\(length) bytes")
    }
  }

  @Test func everyTruncationOfTheNestedAttributesIsHarmless() {
    for length in 4..<information.count {
      var cut = Array(information.prefix(length))
      cut[0] = UInt8(length)
      cut += [UInt8](repeating: 0, count: -length & 3)
      if let link = LinkState(header + name + cut) {
        #expect(link.tun?.disabledQueueCount == nil, "\(length) bytes")
      }
    }
  }

  @Test func aLinkWithoutNameIsRefused() {
    #expect(LinkState(header + mtu) == nil)
    #expect(LinkState(header + octets("0500 0300 00 000000")) == nil)
  }

  @Test func aBridgesViewOfItsPortIsNoLink() {
    var message = whole
    message[0] = 7
    #expect(LinkState(message) == nil)
  }

  @Test func whatIsNotOfTheRightLengthIsNotKnown() throws {
    let link = try #require(
      LinkState(header + name + octets("0800 0100 0a000001  0600 0400 dc05 0000")))
    #expect(link.macAddress == nil)
    #expect(link.mtu == 0)
    #expect(link.kind == nil)
    #expect(link.tun == nil)
  }

  @Test func anOlderKernelSaysLittleOfATAP() throws {
    let link = try #require(LinkState(header + name + octets("0c00 1200 0800 0100 74756e00")))
    #expect(link.kind == "tun")
    #expect(link.tun == TunnelState())
  }
}
