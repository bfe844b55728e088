import Director
import Frames
import TestSupport
import Wire

private typealias Net = ExampleNetwork

extension TestFrame {
  /// The IP packet: what stands behind the Ethernet header.
  var packet: [UInt8] { Array(bytes.dropFirst(EthernetFrame.headerLength)) }
}

extension FrameBuilder {
  /// The IP packet, without padding.
  var packet: [UInt8] { with(\.minimumLength, 0).frame().packet }

  /// What the checksum field of TCP or UDP holds.
  var transportChecksum: UInt16 {
    let bytes = frame().bytes
    let header = EthernetFrame.headerLength + Int(bytes[14] & 15) * 4
    let place =
      header + (transport == .tcp ? TCPSegment.checksumOffset : UDPDatagram.checksumOffset)
    return UInt16(bytes[place]) << 8 | UInt16(bytes[place + 1])
  }

  /// The packet with another checksum of TCP or UDP.
  func withTransportChecksum(_ checksum: UInt16) -> FrameBuilder {
    transport == .tcp ? with(\.tcp.checksum, checksum) : with(\.udp.checksum, checksum)
  }
}

/// The most bytes of a packet that an error of the director's own quotes.
let longestQuote = 548

/// The `number`th packet of the director's own: an error about `offender`, from the virtual address to
/// the usual client by way of its router.
func ownError(
  _ type: ICMPv4Type, code: UInt8, rest: UInt32 = 0, about offender: [UInt8],
  from source: IPv4Address = Net.virtual, number: UInt16 = 1
) -> FrameBuilder {
  FrameBuilder.ethernet(from: Net.outsideMAC, to: Net.gatewayMAC)
    .ipv4(from: source, to: Net.client).icmp(type, code: code, rest: rest)
    .payload(Array(offender.prefix(longestQuote)))
    .with(\.ip.typeOfService, 0xc0).with(\.ip.dontFragment, false)
    .with(\.ip.identification, 20 + number)
}

/// The same to the first real server.
func ownErrorToServer(
  _ type: ICMPv4Type, code: UInt8, rest: UInt32 = 0, about offender: [UInt8], number: UInt16 = 1
) -> FrameBuilder {
  var error = ownError(
    type, code: code, rest: rest, about: offender, from: Net.inside, number: number)
  error.ethernet = FrameBuilder.ethernet(from: Net.insideMAC, to: Net.server1MAC).ethernet
  error.ip.destination = Net.server1
  return error
}

/// The answer of a real server to an ARP request.
func arpReply(of address: IPv4Address, _ mac: MACAddress) -> TestFrame {
  FrameBuilder.ethernet(from: mac, to: Net.insideMAC)
    .arp(
      ARPFields(
        operation: .reply, senderMAC: mac, senderAddress: address, targetMAC: Net.insideMAC,
        targetAddress: Net.inside)
    ).frame()
}
