import Director
import Frames
import Neighbors
import TestSupport
import Wire

private typealias Net = ExampleNetwork

extension RefusalTests {
  private static var withoutGateway: DirectorConfiguration {
    var configuration = DirectorConfiguration.usual()
    configuration.ports[0].gateway = nil
    return configuration
  }

  private static var narrow: DirectorConfiguration {
    var configuration = DirectorConfiguration.usual()
    configuration.ports[0].mtu = 1000
    configuration.ports[1].mtu = 1000
    return configuration
  }

  /// The inner port on 10.0.0.0/8, with clients there as well.
  private static var wide: DirectorConfiguration {
    var configuration = DirectorConfiguration.usual(limit: 5000)
    configuration.ports[1].addresses = [IPv4InterfaceAddress(Net.inside, length: 8)]
    return configuration
  }

  /// Neighbours that fit beside the gateway and the server.
  private static var neighborLimit: UInt32 { UInt32(NeighborTable.capacity) }

  private static func inner(_ number: UInt32) -> Endpoint {
    Endpoint(IPv4Address(rawValue: 0x0a40_0000 + number), 40000)
  }

  private static let open: @Sendable (UsualDirector) -> Void = { usual in
    usual.receive(request(.syn))
    usual.receive(query())
  }

  private static let ping = FrameBuilder.ethernet(from: Net.gatewayMAC, to: Net.outsideMAC)
    .ipv4(from: Net.client, to: Net.virtual).icmp(.echoRequest)

  static let forwardingRefusals = [
    Row(.timeToLiveExceeded, "a SYN", request(.syn).with(\.ip.timeToLive, 1).frame()),
    Row(
      .timeToLiveExceeded, "TTL 0", request(.ack).with(\.ip.timeToLive, 0).frame(), prepare: open),
    Row(
      .timeToLiveExceeded, "a reply", reply(.ack).with(\.ip.timeToLive, 1).frame(), port: .lan,
      prepare: open),
    Row(
      .noRoute, "to the client", reply([.syn, .ack]).frame(), port: .lan,
      configuration: withoutGateway, prepare: open),
    Row(
      .mtuExceeded, "in", request(.ack).payload(count: 961).frame(), configuration: narrow,
      prepare: open),
    Row(
      .mtuExceeded, "out", reply(.ack).payload(count: 961).frame(), port: .lan,
      configuration: narrow, prepare: open),
    Row(
      .mtuExceeded, "segments", request(.ack).payload(count: 5000).segmented(961).frame(),
      configuration: narrow, prepare: open),
    Row(
      .mtuExceeded, "segments with TCP options",
      request(.ack).with(\.tcp.options, [1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2])
        .payload(count: 5000).segmented(949).frame(), configuration: narrow, prepare: open),
    Row(
      .mtuExceeded, "datagrams", query().payload(count: 5000).segmented(973).frame(),
      configuration: narrow, prepare: open),
    Row(
      .mtuExceeded, "a ping", ping.payload(count: 973).frame(), configuration: narrow),
    Row(
      .neighborUnreachable, "a silent server", request(.ack).frame(), knowsNeighbors: false,
      prepare: { usual in
        usual.receive(request(.syn))
        for _ in 0..<3 { usual.advance(by: .seconds(1)) }
      }),
    Row(
      .neighborTableFull, "too many unknown clients",
      reply([.syn, .ack], to: inner(neighborLimit)).frame(),
      port: .lan, configuration: wide,
      prepare: { usual in
        for number in 0...neighborLimit {
          usual.receive(request(.syn, from: inner(number)))
          if number < neighborLimit { usual.receiveReply(reply([.syn, .ack], to: inner(number))) }
        }
      }),
  ]
}
