import TestSupport
import Testing
import Wire

@Suite struct EthernetTests {
  private let frame = hexadecimal("020000000010 020000000001 0800 45c0ff")

  private func accepts(_ bytes: [UInt8]) -> Bool { EthernetFrame(bytes.rawSpan) != nil }

  @Test func deconstructs() throws {
    guard let view = EthernetFrame(frame.rawSpan) else { throw Refused() }
    #expect(view.destination == ExampleNetwork.outsideMAC)
    #expect(view.source == ExampleNetwork.gatewayMAC)
    #expect(view.etherType == .ipv4)
    #expect(view.payload.octets == [0x45, 0xc0, 0xff])
  }

  @Test func constructs() throws {
    var bytes = [UInt8](repeating: filler, count: 16)
    try bytes.withMutableRawSpan { span in
      guard var view = MutableEthernetFrame(span) else { throw Refused() }
      view.destination = ExampleNetwork.gatewayMAC
      view.source = ExampleNetwork.outsideMAC
      view.etherType = .arp
      #expect(view.destination == ExampleNetwork.gatewayMAC)
      #expect(view.source == ExampleNetwork.outsideMAC)
      #expect(view.etherType == .arp)
    }
    #expect(bytes == hexadecimal("020000000001 020000000010 0806 a5a5"))
  }

  @Test func refusesEveryTruncation() {
    for length in 0..<EthernetFrame.headerLength {
      #expect(!accepts(Array(frame.prefix(length))), "\(length) bytes")
      var short = [UInt8](repeating: filler, count: length)
      let isChangeable = short.withMutableRawSpan { span in MutableEthernetFrame(span) != nil }
      #expect(!isChangeable, "\(length) bytes")
    }
  }

  @Test func acceptsAHeaderAlone() throws {
    let header = Array(frame.prefix(EthernetFrame.headerLength))
    guard let view = EthernetFrame(header.rawSpan) else { throw Refused() }
    #expect(view.payload.isEmpty == true)
  }

  @Test(arguments: [
    (EtherType.vlan, true), (.serviceVLAN, true), (.ipv4, false), (.arp, false), (.ipv6, false),
    (EtherType(rawValue: 0x05dc), false),
  ])
  func tellsTagsFromContent(type: EtherType, isTag: Bool) {
    #expect(type.isVLANTag == isTag)
  }
}
