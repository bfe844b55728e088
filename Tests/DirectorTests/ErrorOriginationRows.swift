import Director
import Frames
import TestSupport
import Wire

private typealias Net = ExampleNetwork

extension DirectorConfiguration {
  /// The usual one with other MTUs.
  static func limited(outsideMTU: Int = 1500, insideMTU: Int = 1500) -> DirectorConfiguration {
    var configuration = usual()
    configuration.ports[0].mtu = outsideMTU
    configuration.ports[1].mtu = insideMTU
    return configuration
  }

  /// With `nat_icmp_send`.
  static var sendingNATUnreachable: DirectorConfiguration {
    var configuration = usual()
    configuration.sendsNATUnreachable = true
    return configuration
  }
}

extension ErrorOriginationTests {
  private static let closed = Endpoint(Net.virtual, 9)
  private static let recordRoute: [UInt8] = [7, 7, 4, 0, 0, 0, 0, 0]

  private static let open: @Sendable (UsualDirector) -> Void = { usual in
    usual.receive(request(.syn))
    usual.receive(query())
  }

  /// Errors about requests, from the address that they were sent to.
  static let aboutRequests = [
    Row(
      "a SYN at its last hop", request(.syn).with(\.ip.timeToLive, 1),
      ownError(.timeExceeded, code: 0, about: request(.syn).with(\.ip.timeToLive, 1).packet)),
    Row(
      "time to live 0", request(.ack).with(\.ip.timeToLive, 0),
      ownError(.timeExceeded, code: 0, about: request(.ack).with(\.ip.timeToLive, 0).packet),
      prepare: open),
    Row(
      "a datagram at its last hop", query().with(\.ip.timeToLive, 1),
      ownError(.timeExceeded, code: 0, about: query().with(\.ip.timeToLive, 1).packet)),
    Row(
      "too large for the server's network", request(.ack).payload(count: 961),
      ownError(
        .destinationUnreachable, code: 4, rest: 1000,
        about: request(.ack).payload(count: 961).with(\.ip.timeToLive, 63).packet),
      configuration: .limited(insideMTU: 1000), prepare: open),
    Row(
      "a datagram too large for the server's network", query().payload(count: 973),
      ownError(
        .destinationUnreachable, code: 4, rest: 1000,
        about: query().payload(count: 973).with(\.ip.timeToLive, 63).packet),
      configuration: .limited(insideMTU: 1000), prepare: open),
    Row(
      "last hop before the MTU", request(.ack).payload(count: 961).with(\.ip.timeToLive, 1),
      ownError(
        .timeExceeded, code: 0,
        about: request(.ack).payload(count: 961).with(\.ip.timeToLive, 1).packet),
      configuration: .limited(insideMTU: 1000), prepare: open),
    Row(
      "TCP without a usable server", request(.syn),
      ownError(.destinationUnreachable, code: 3, about: request(.syn).packet),
      configuration: .usual(services: [.web(weights: [0])])),
    Row(
      "the same with a wrong checksum", request(.syn).with(\.tcp.checksum, 1),
      ownError(
        .destinationUnreachable, code: 3, about: request(.syn).with(\.tcp.checksum, 1).packet),
      configuration: .usual(services: [.web(weights: [0])])),
    Row(
      "UDP without a server", query(to: .virtual),
      ownError(.destinationUnreachable, code: 3, about: query(to: .virtual).packet),
      configuration: .usual(services: [.web(weights: [], protocol: .udp)])),
    Row(
      "UDP without a service", query(to: closed),
      ownError(.destinationUnreachable, code: 3, about: query(to: closed).packet)),
    Row(
      "UDP to a TCP service", query(to: .virtual),
      ownError(.destinationUnreachable, code: 3, about: query(to: .virtual).packet)),
    Row(
      "UDP from port 20", query(from: Endpoint(Net.client, 20)),
      ownError(
        .destinationUnreachable, code: 3, about: query(from: Endpoint(Net.client, 20)).packet)),
    Row(
      "UDP to the port's own address", query(to: Endpoint(Net.outside, 53)),
      ownError(
        .destinationUnreachable, code: 3, about: query(to: Endpoint(Net.outside, 53)).packet,
        from: Net.outside)),
    Row(
      "UDP to the other port's address", query(to: Endpoint(Net.inside, 53)),
      ownError(
        .destinationUnreachable, code: 3, about: query(to: Endpoint(Net.inside, 53)).packet,
        from: Net.inside)),
  ]

  /// What the offender brings decides what the error says.
  static let forms =
    [
      query(to: closed).payload([]), query(to: closed).payload("odd"),
      query(to: closed).payload(count: longestQuote - 28),
      query(to: closed).payload(count: longestQuote - 27), query(to: closed).payload(count: 1472),
      query(to: closed).with(\.minimumLength, 60), query(to: closed).with(\.udp.checksum, 0),
      query(to: closed).with(\.ip.options, recordRoute).payload(count: 700),
      query(to: closed).with(\.ip.dontFragment, false), query(to: closed).partialChecksum(),
      query(to: closed).with(\.ip.timeToLive, 1),
    ].map { offender in
      Row(
        "about \(offender.packet.count) bytes", offender,
        ownError(.destinationUnreachable, code: 3, about: offender.packet))
    }
    + [(0x00, 0xc0), (0xff, 0xde), (0x01, 0xc0), (0x02, 0xc2), (0x10, 0xd0), (0xb8, 0xd8)].map {
      (told: UInt8, expected: UInt8) in
      let offender = query(to: closed).with(\.ip.typeOfService, told)
      return Row(
        "type of service \(told)", offender,
        ownError(.destinationUnreachable, code: 3, about: offender.packet)
          .with(\.ip.typeOfService, expected))
    } + [
      Row(
        "from a station that is no router of ours",
        query(to: closed).with(\.ethernet.source, Net.server2MAC),
        ownError(.destinationUnreachable, code: 3, about: query(to: closed).packet)
          .with(\.ethernet.destination, Net.server2MAC))
    ]

  private static let unknown = reply(.ack, to: Endpoint(Net.client, 7))

  /// Errors about replies, from the port's own address.
  static let aboutReplies = [
    Row(
      "a reply at its last hop", reply(.ack).with(\.ip.timeToLive, 1),
      ownErrorToServer(.timeExceeded, code: 0, about: reply(.ack).with(\.ip.timeToLive, 1).packet),
      port: .lan, prepare: open),
    Row(
      "a reply too large for the client's network", reply(.ack).payload(count: 961),
      ownErrorToServer(
        .destinationUnreachable, code: 4, rest: 1000, about: reply(.ack).payload(count: 961).packet),
      port: .lan, configuration: .limited(outsideMTU: 1000), prepare: open),
    Row(
      "a response too large for the client's network", response().payload(count: 1000),
      ownErrorToServer(
        .destinationUnreachable, code: 4, rest: 1000, about: response().payload(count: 1000).packet),
      port: .lan, configuration: .limited(outsideMTU: 1000), prepare: open),
    Row(
      "TCP of no connection, with nat_icmp_send", unknown,
      ownErrorToServer(
        .destinationUnreachable, code: 3, about: unknown.with(\.ip.timeToLive, 63).packet),
      port: .lan, configuration: .sendingNATUnreachable),
    Row(
      "UDP of no connection, with nat_icmp_send", response(),
      ownErrorToServer(
        .destinationUnreachable, code: 3, about: response().with(\.ip.timeToLive, 63).packet),
      port: .lan, configuration: .sendingNATUnreachable),
    Row(
      "a server's own request to the VIP",
      response().with(\.ip.destination, Net.virtual).with(\.udp.destination, 9),
      ownErrorToServer(
        .destinationUnreachable, code: 3,
        about: response().with(\.ip.destination, Net.virtual).with(\.udp.destination, 9).packet
      ).with(\.ip.source, Net.virtual), port: .lan),
  ]

  private static func routerError(_ code: UInt8) -> FrameBuilder {
    FrameBuilder.ethernet(from: Net.gatewayMAC, to: Net.outsideMAC)
      .ipv4(from: Net.gateway, to: Net.virtual).icmp(.destinationUnreachable, code: code)
      .payload(Array(reply(.ack).translated(from: .virtual).packet.prefix(28)))
  }

  private static func quiet(
    _ title: String, _ frame: FrameBuilder, port: PortIndex = .lan,
    configuration: DirectorConfiguration = .sendingNATUnreachable,
    prepare: @escaping @Sendable (UsualDirector) -> Void = { _ in }
  ) -> Row {
    Row(title, frame, nil, port: port, configuration: configuration, prepare: prepare)
  }

  /// What is never answered with an error.
  static let silent = [
    quiet("a reset to a closed port", request(.rst, to: closed), port: .wan),
    quiet("a reset of no connection", request(.rst), port: .wan),
    quiet("a wrong UDP checksum", query(to: closed).with(\.udp.checksum, 1), port: .wan),
    quiet("a wrong TCP checksum", request(.syn, to: closed).with(\.tcp.checksum, 1), port: .wan),
    quiet("an error about a connection of nobody", routerError(1), port: .wan),
    quiet("an error at its last hop", routerError(1).with(\.ip.timeToLive, 1), port: .wan) {
      $0.receive(request(.syn))
    },
    quiet("an error with a wrong checksum", routerError(3).with(\.icmp.checksum, 1), port: .wan) {
      $0.receive(request(.syn))
    },
    quiet("no room in the table", query(), port: .wan, configuration: .usual(limit: 1)) {
      $0.receive(request(.syn))
    },
    quiet(
      "a server that was removed", request(.ack), port: .wan,
      configuration: .usual(services: [.web().when(removed: .ignore)])
    ) {
      $0.receive(request(.syn))
      _ = $0.director.removeServer(.real, from: .tcp, .virtual)
    },
    quiet("a reply of no connection", unknown, configuration: .usual()),
    quiet("a reset of a real server", reply([.rst, .ack], to: Endpoint(Net.client, 7))),
    quiet("who is no real server", reply(.ack, from: Endpoint(Net.server2, 8080))),
    quiet("another port of a real server", reply(.ack, from: Endpoint(Net.server1, 22))),
    quiet("another protocol of a real server", response(from: .real)),
    quiet("a server that is gone", unknown) {
      _ = $0.director.removeServer(.real, from: .tcp, .virtual)
    },
    quiet("to a group", response().with(\.ip.destination, IPv4Address(224, 0, 0, 251))),
    quiet("to everybody inside", response().with(\.ip.destination, IPv4Address(10, 0, 0, 255))),
    quiet("to everybody outside", response().with(\.ip.destination, IPv4Address(192, 0, 2, 255))),
    quiet("to everybody", response().with(\.ip.destination, .broadcast)),
  ]
}
