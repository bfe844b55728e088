import Director
import Frames
import TestSupport
import Wire

private typealias Net = ExampleNetwork

extension RefusalTests {
  static let ethernetRefusals = [
    Row(.frameTruncated, "13 bytes", request(.syn).frame().prefix(13)),
    Row(.frameTruncated, "nothing", request(.syn).frame().prefix(0)),
    Row(
      .frameFlooded, "another station",
      request(.syn).with(\.ethernet.destination, Net.server1MAC).frame()),
    Row(
      .frameNotForUs, "broadcast", request(.syn).with(\.ethernet.destination, .broadcast).frame()),
    Row(.frameFlooded, "our other port", request(.syn).frame(), port: .lan),
    Row(
      .frameFlooded, "ARP to another station",
      arp(.request, target: Net.virtual).with(\.ethernet.destination, Net.server1MAC).frame()),
    Row(
      .frameLooped, "our own source",
      request(.syn).with(\.ethernet.source, Net.outsideMAC).frame()),
    Row(
      .frameSourceInvalid, "from a group",
      request(.syn).with(\.ethernet.source, MACAddress(rawValue: 0x0100_5e00_0001)).frame()),
    Row(
      .frameSourceInvalid, "from nobody", request(.syn).with(\.ethernet.source, .zero).frame()),
    Row(.frameTagged, "802.1Q", request(.syn).with(\.ethernet.tag, (.vlan, 5)).frame()),
    Row(.frameTagged, "802.1ad", request(.syn).with(\.ethernet.tag, (.serviceVLAN, 0)).frame()),
    Row(.etherTypeUnsupported, "IPv6", request(.syn).with(\.ethernet.type, .ipv6).frame()),
    Row(
      .etherTypeUnsupported, "a length",
      request(.syn).with(\.ethernet.type, EtherType(rawValue: 46)).frame()),
  ]

  private static func arp(
    _ operation: ARPOperation, sender: IPv4Address = Net.gateway, target: IPv4Address
  ) -> FrameBuilder {
    FrameBuilder.ethernet(from: Net.gatewayMAC, to: .broadcast)
      .arp(
        ARPFields(
          operation: operation, senderMAC: Net.gatewayMAC, senderAddress: sender,
          targetMAC: .zero, targetAddress: target))
  }

  static let arpRefusals = [
    Row(.arpMalformed, "27 bytes", arp(.request, target: Net.virtual).frame().prefix(41)),
    Row(
      .arpSenderInvalid, "another Ethernet source",
      arp(.request, target: Net.virtual).with(\.ethernet.source, Net.server1MAC).frame()),
    Row(
      .arpConflict, "claimed again",
      arp(.request, sender: Net.virtual, target: Net.virtual).frame(),
      prepare: { usual in
        usual.receive(arp(.request, sender: Net.virtual, target: Net.virtual).frame())
      }),
    Row(
      .arpNotForUs, "for another",
      arp(.request, sender: Net.server2, target: Net.server1).frame()),
    Row(
      .arpUnsolicited, "nobody asked", arp(.reply, sender: Net.server2, target: Net.outside).frame()
    ),
  ]

  private static func source(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) -> TestFrame {
    request(.syn).with(\.ip.source, IPv4Address(a, b, c, d)).frame()
  }

  static let ipRefusals = [
    Row(.ipTruncated, "19 bytes", request(.syn).frame().prefix(33)),
    Row(.ipTruncated, "less than its length", request(.syn).frame().prefix(53)),
    Row(.ipHeaderInvalid, "version 6", request(.syn).with(\.ip.version, 6).frame()),
    Row(.ipHeaderInvalid, "16 bytes of header", request(.syn).with(\.ip.headerWords, 4).frame()),
    Row(.ipHeaderInvalid, "total length 19", request(.syn).with(\.ip.totalLength, 19).frame()),
    Row(.ipHeaderInvalid, "options past the end", request(.syn).with(\.ip.headerWords, 15).frame()),
    Row(.ipChecksumInvalid, "of another packet", request(.syn).with(\.ip.checksum, 0x1234).frame()),
    Row(.ipSourceInvalid, "unspecified", source(0, 0, 0, 0)),
    Row(.ipSourceInvalid, "loopback", source(127, 0, 0, 1)),
    Row(.ipSourceInvalid, "multicast", source(239, 1, 2, 3)),
    Row(.ipSourceInvalid, "broadcast", source(255, 255, 255, 255)),
    Row(.ipSourceInvalid, "everybody outside", source(192, 0, 2, 255)),
    Row(.ipSourceInvalid, "everybody inside", source(10, 0, 0, 255)),
    Row(.ipSourceInvalid, "the VIP", source(192, 0, 2, 100)),
    Row(.ipSourceInvalid, "our own", source(10, 0, 0, 1)),
    Row(.fragmentInvalid, "no multiple of 8", request(.syn).with(\.ip.moreFragments, true).frame()),
    Row(
      .fragmentInvalid, "empty",
      query().payload([]).with(\.ip.fragmentOffset, 1480).with(\.ip.totalLength, 20).frame()),
    Row(
      .fragmentInvalid, "past 65535 bytes",
      query().payload(count: 100).with(\.ip.fragmentOffset, 65_528).frame()),
    Row(
      .fragmentInvalid, "with a partial checksum",
      query().with(\.ip.moreFragments, true).payload(count: 8).partialChecksum().frame()),
    Row(
      .fragmentDuplicate, "twice the same", query().with(\.ip.fragmentOffset, 800).frame(),
      prepare: { usual in usual.receive(query().with(\.ip.fragmentOffset, 800)) }),
    Row(
      .ipProtocolUnsupported, "SCTP",
      request(.syn).with(\.ip.protocol, IPProtocol(rawValue: 132)).frame()),
    Row(.ipNotForUs, "a reply of no connection", reply(.ack).frame(), port: .lan),
    Row(
      .ipNotForUs, "another port of the server",
      reply(.ack, from: Endpoint(Net.server1, 22)).frame(),
      port: .lan, prepare: { usual in usual.receive(request(.syn)) }),
    Row(
      .ipNotForUs, "a UDP datagram of a TCP connection",
      response(from: .real).frame(), port: .lan, prepare: { usual in usual.receive(request(.syn)) }),
    Row(
      .ipNotForUs, "multicast",
      request(.syn).with(\.ip.destination, IPv4Address(224, 0, 0, 18)).frame()),
  ]

  private static let ping = FrameBuilder.ethernet(from: Net.gatewayMAC, to: Net.outsideMAC)
    .ipv4(from: Net.client, to: Net.virtual).icmp(.echoRequest, rest: 0x0007_0001)

  static let transportRefusals = [
    Row(.transportMalformed, "TCP of 16 bytes", request(.syn).with(\.tcp.headerWords, 4).frame()),
    Row(.transportMalformed, "TCP past the end", request(.syn).with(\.tcp.headerWords, 6).frame()),
    Row(.transportMalformed, "half a TCP header", request(.syn).with(\.ip.totalLength, 30).frame()),
    Row(.transportMalformed, "UDP of 7 bytes", query().with(\.udp.length, 7).frame()),
    Row(.transportMalformed, "UDP past the end", query().with(\.udp.length, 9).frame()),
    Row(.transportMalformed, "ICMP of 7 bytes", ping.with(\.ip.totalLength, 27).frame()),
    Row(.icmpUnsupported, "echo reply", ping.with(\.icmp.type, .echoReply).frame()),
    Row(
      .icmpQuoteInvalid, "no quote", ping.with(\.icmp.type, .destinationUnreachable).frame()),
    Row(
      .icmpUnrelated, "about a packet of no connection",
      ping.with(\.icmp.type, .destinationUnreachable)
        .payload(Array(request(.syn).frame().bytes.dropFirst(EthernetFrame.headerLength))).frame()),
    Row(.icmpUnsupported, "echo with a code", ping.with(\.icmp.code, 1).frame()),
    Row(.icmpUnsupported, "to a server", ping.with(\.ip.destination, Net.server1).frame()),
    Row(.icmpChecksumInvalid, "wrong by one", ping.payload("x").with(\.icmp.checksum, 1).frame()),
  ]

  private static let full = DirectorConfiguration.usual(limit: 1)

  static let serviceRefusals = [
    Row(.noService, "RST to another port", request(.rst, to: Endpoint(Net.virtual, 81)).frame()),
    Row(.noService, "UDP to a TCP service", query(to: .virtual).frame()),
    Row(.noService, "UDP to our own address", query(to: Endpoint(Net.outside, 53)).frame()),
    Row(
      .noService, "a SYN with a wrong checksum",
      request(.syn, to: Endpoint(Net.virtual, 81)).with(\.tcp.checksum, 1).frame()),
    Row(.noConnection, "RST", request(.rst).frame()),
    Row(.noConnection, "SYN and RST", request([.syn, .rst]).frame()),
    Row(
      .noConnection, "an ACK with a wrong checksum",
      request(.ack).with(\.tcp.checksum, 1).frame()),
    Row(
      .noDestination, "weight 0", request(.syn).frame(),
      configuration: .usual(services: [.web(weights: [0, 0])])),
    Row(
      .noDestination, "no server", request(.syn).frame(),
      configuration: .usual(services: [.web(weights: [])])),
    Row(
      .destinationRemoved, "a request of its connection", request(.ack).frame(),
      configuration: .usual(services: [.web().when(removed: .ignore)]),
      prepare: { usual in
        usual.receive(request(.syn))
        _ = usual.director.removeServer(.real, from: .tcp, .virtual)
      }),
    Row(
      .connectionTableFull, "TCP", request(.syn, from: Endpoint(Net.client, 2)).frame(),
      configuration: full, prepare: { usual in usual.receive(request(.syn)) }),
    Row(
      .connectionTableFull, "UDP", query().frame(), configuration: full,
      prepare: { usual in usual.receive(request(.syn)) }),
  ]
}
