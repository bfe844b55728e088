import Frames
import TestSupport
import Wire

extension PortIndex {
  static let wan = PortIndex(0)
  static let lan = PortIndex(1)
}

/// The frames of clients and servers that do nothing odd.
enum UsualFrames {
  /// A frame from a client, by way of the gateway.
  static func request(
    from client: IPv4Address = ExampleNetwork.client,
    to virtual: IPv4Address = ExampleNetwork.virtual
  ) -> FrameBuilder {
    FrameBuilder.ethernet(from: ExampleNetwork.gatewayMAC, to: ExampleNetwork.outsideMAC)
      .ipv4(from: client, to: virtual)
  }

  /// A frame from a server.
  static func reply(
    from server: IPv4Address = ExampleNetwork.server1,
    to client: IPv4Address = ExampleNetwork.client
  ) -> FrameBuilder {
    let mac =
      server == ExampleNetwork.server1 ? ExampleNetwork.server1MAC : ExampleNetwork.server2MAC
    return FrameBuilder.ethernet(from: mac, to: ExampleNetwork.insideMAC)
      .ipv4(from: server, to: client)
  }

  static let clientPort = ExampleNetwork.clientPort

  private static let requests: [FrameBuilder] = [
    request().tcp(from: clientPort, to: 80, .syn).with(\.tcp.options, [2, 4, 5, 180, 1, 3, 3, 7]),
    request().tcp(from: clientPort, to: 80, .ack).payload("GET /"),
    request().tcp(from: clientPort, to: 80, [.fin, .ack]),
    request().tcp(from: clientPort, to: 80, .rst),
    request().tcp(from: clientPort, to: 80, .ack).payload(count: 100).partialChecksum(),
    request().tcp(from: clientPort, to: 80, .ack).payload(count: 3000).segmented(1448),
    request().tcp(from: clientPort, to: 80, .ack).with(\.minimumLength, 60),
    request().tcp(from: clientPort, to: 80, .ack).with(\.ip.options, [7, 7, 4, 0, 0, 0, 0, 0]),
    request().udp(from: clientPort, to: 53).payload("example"),
    request().udp(from: clientPort, to: 53).payload("example").with(\.udp.checksum, 0),
    request().udp(from: clientPort, to: 53).payload(count: 64).with(\.ip.dontFragment, false)
      .with(\.ip.moreFragments, true),
    request().udp(from: clientPort, to: 54).payload("nobody"),
    request().icmp(.echoRequest, rest: 0x0001_0001).payload("ping"),
  ]

  /// To services with direct routing, FullNAT and tunnels.
  private static let requestsByMethod: [FrameBuilder] =
    ([82, 83, 84, 85] as [UInt16]).flatMap { port in
      [
        request().tcp(from: clientPort, to: port, .syn)
          .with(\.tcp.options, [2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7]),
        request().tcp(from: clientPort, to: port, .ack),
        request().tcp(from: clientPort, to: port, [.psh, .ack]).payload("GET /"),
        request().tcp(from: clientPort, to: port, .ack)
          .with(\.tcp.options, [254, 8, 1, 2, 10, 9, 8, 7]),
        request().tcp(from: clientPort, to: port, .ack).payload(count: 3000).segmented(1448),
      ]
    } + [
      request().udp(from: clientPort, to: 55).payload("example"),
      request().udp(from: clientPort, to: 56).payload("example"),
      request().udp(from: clientPort, to: 56).payload(count: 1472),
      request().udp(from: clientPort, to: 57).payload(count: 1460),
      tooBig,
    ]

  /// A router's error about a reply that did not pass the director.
  private static let tooBig: FrameBuilder = {
    let segment = reply(from: ExampleNetwork.virtual).tcp(from: 82, to: clientPort, .ack)
      .payload(count: 1460).frame().bytes.dropFirst(14)
    return request(from: ExampleNetwork.gateway)
      .icmp(.destinationUnreachable, code: 4, rest: 1300).payload(Array(segment.prefix(548)))
  }()

  private static let replies: [FrameBuilder] = [
    reply().tcp(from: 8080, to: clientPort, [.syn, .ack]),
    reply().tcp(from: 8080, to: clientPort, .ack).payload("200 OK"),
    reply().tcp(from: 8080, to: clientPort, [.fin, .ack]),
    reply().tcp(from: 8080, to: clientPort, .ack).payload(count: 4000).segmented(1448),
    reply().udp(from: 5353, to: clientPort).payload("answer"),
    portUnreachable,
  ]

  /// A server's error about a query that was translated to it.
  private static let portUnreachable: FrameBuilder = {
    let query = reply(from: ExampleNetwork.client, to: ExampleNetwork.server1)
      .udp(from: clientPort, to: 5353).payload("example").frame().bytes.dropFirst(14)
    return reply().icmp(.destinationUnreachable, code: 3).payload(Array(query))
  }()

  private static let resolution: [FrameBuilder] = [
    arp(.request, from: ExampleNetwork.gatewayMAC, ExampleNetwork.gateway)
      .with(\.arp!.fields.targetAddress, ExampleNetwork.virtual),
    arp(.reply, from: ExampleNetwork.gatewayMAC, ExampleNetwork.gateway)
      .with(\.ethernet.destination, ExampleNetwork.outsideMAC)
      .with(\.arp!.fields.targetAddress, ExampleNetwork.outside),
  ]

  private static func arp(
    _ operation: ARPOperation, from mac: MACAddress, _ address: IPv4Address
  ) -> FrameBuilder {
    FrameBuilder.ethernet(from: mac, to: .broadcast).arp(
      ARPFields(
        operation: operation, senderMAC: mac, senderAddress: address, targetMAC: .zero,
        targetAddress: address))
  }

  static let all: [SeedFrame] =
    (requests + resolution + requestsByMethod).map { SeedFrame(port: .wan, frame: $0.frame()) }
    + replies.map { SeedFrame(port: .lan, frame: $0.frame()) }
}
