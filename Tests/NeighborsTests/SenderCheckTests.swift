import Frames
import Neighbors
import TestSupport
import Testing
import Wire

private typealias Net = ExampleNetwork

@Suite struct SenderCheckTests {
  struct Sender: Sendable, CustomTestStringConvertible {
    var title: String
    var mac = Net.gatewayMAC
    var address = Net.gateway
    /// `nil` for the sender's.
    var source: MACAddress?
    var testDescription: String { title }
  }

  static let impossible = [
    Sender(title: "multicast MAC", mac: MACAddress(rawValue: 0x0100_5e00_0001)),
    Sender(title: "broadcast MAC", mac: .broadcast),
    Sender(title: "zero MAC", mac: .zero),
    Sender(title: "another Ethernet source", source: MACAddress(rawValue: 0x0200_0000_0099)),
    Sender(title: "multicast address", address: IPv4Address(224, 0, 0, 5)),
    Sender(title: "broadcast address", address: .broadcast),
    Sender(title: "the network's broadcast address", address: IPv4Address(192, 0, 2, 255)),
    Sender(title: "reserved address", address: IPv4Address(240, 0, 0, 1)),
    Sender(title: "loopback address", address: IPv4Address(127, 0, 0, 1)),
    Sender(title: "address of this network", address: IPv4Address(0, 0, 0, 1)),
  ]

  @Test(arguments: impossible, [ARPOperation.request, .reply])
  func refusesImpossibleSenders(sender: Sender, operation: ARPOperation) {
    let usual = UsualHost()
    let outcome = usual.receive(
      arp(
        operation, from: sender.mac, sender.address, to: Net.outsideMAC, Net.virtual,
        source: sender.source))
    #expect(outcome.verdict == .drop(.arpSenderInvalid))
    #expect(outcome.others.isEmpty)
    #expect(usual.host.neighbors.count == 0)
  }

  @Test func refusesAReplyFromNowhere() {
    let usual = UsualHost()
    let outcome = usual.receive(
      arp(.reply, from: Net.gatewayMAC, .unspecified, to: Net.outsideMAC, Net.outside))
    #expect(outcome.verdict == .drop(.arpSenderInvalid))
  }

  private func malformed(_ change: (inout FrameBuilder.ARP) -> Void) -> TestFrame {
    var builder = FrameBuilder.ethernet(from: Net.gatewayMAC, to: .broadcast)
      .arp(
        ARPFields(
          operation: .request, senderMAC: Net.gatewayMAC, senderAddress: Net.gateway,
          targetMAC: .zero, targetAddress: Net.virtual))
    if var content = builder.arp {
      change(&content)
      builder.arp = content
    }
    return builder.frame()
  }

  @Test func refusesOtherProtocolsAndOperations() {
    let usual = UsualHost()
    let changes: [(inout FrameBuilder.ARP) -> Void] = [
      { $0.hardwareType = 2 }, { $0.protocolType = 0x86dd }, { $0.hardwareLength = 8 },
      { $0.protocolLength = 16 }, { $0.operation = 0 }, { $0.operation = 3 },
      { $0.operation = 0x0100 },
    ]
    for change in changes {
      #expect(usual.receive(malformed(change)).verdict == .drop(.arpMalformed))
    }
    #expect(usual.receive(malformed { $0.hardwareType = 6 }).verdict == .transmit(.wan))
  }

  @Test func refusesEveryTruncation() {
    let usual = UsualHost()
    let whole = arp(.request, from: Net.gatewayMAC, Net.gateway, Net.virtual)
    for length in 0..<whole.bytes.count {
      #expect(
        usual.receive(whole.prefix(length)).verdict == .drop(.arpMalformed), "\(length) bytes")
    }
    #expect(usual.receive(whole).verdict == .transmit(.wan))
  }

  /// Two ports of one segment hear each other; that is nobody else's claim.
  @Test func doesNotTakeItsOtherPortForAStranger() {
    let usual = UsualHost()
    let outcome = usual.receive(
      arp(.request, from: Net.insideMAC, Net.inside, Net.inside))
    #expect(outcome.verdict == .drop(.frameLooped))
    #expect(usual.host.conflictCount == 0)
    #expect(usual.host.neighbors.count == 0)
  }
}
