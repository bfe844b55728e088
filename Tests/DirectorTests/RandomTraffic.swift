import Director
import Frames
import TestSupport
import Wire

/// Traffic of a few clients and servers with all that may be odd about it, from a seed.
struct RandomTraffic {
  var random: SplitMix64

  static let second = Endpoint(ExampleNetwork.virtual, 81)
  static let virtuals = [Endpoint.virtual, second]

  /// Three servers with two TCP services and one for UDP; the inner link is narrower.
  static var configuration: DirectorConfiguration {
    var web = DirectorConfiguration.Service.web(.weightedLeastConnection, weights: [3, 2, 1])
    web.servers[0].weight = 2
    var other = DirectorConfiguration.Service.web(weights: [1, 1], at: second)
    // One server in both services: same port for one, another port for the other.
    other.servers[1].port = 8081
    other.segmentSizeClamp = .automatic
    var dns = DirectorConfiguration.Service.dns
    dns.servers.append(.init(address: ExampleNetwork.server2, port: 5353))
    var configuration = DirectorConfiguration.usual(services: [web, other, dns], limit: 60)
    configuration.ports[1].mtu = 1400
    return configuration
  }

  /// The same with a tunnel of another kind to each server.
  static var tunnelled: DirectorConfiguration {
    var configuration = configuration
    var tunnels = Tunnel.all[...]
    for service in configuration.services.indices {
      for server in configuration.services[service].servers.indices {
        configuration.services[service].servers[server].method = .tunnel
        configuration.services[service].servers[server].tunnel = tunnels.popFirst() ?? Tunnel()
      }
    }
    return configuration
  }

  /// The same by FullNAT, which tells clients' addresses by `form` to servers of TCP, and by an option
  /// to those of UDP; the second service shifts timestamps.
  static func translated(_ form: ClientAddressForm) -> DirectorConfiguration {
    var configuration = configuration
    for service in configuration.services.indices {
      let isTCP = configuration.services[service].protocol == .tcp
      configuration.services[service].fullNAT = FullNATSettings(
        localAddresses: [ExampleNetwork.local, ExampleNetwork.secondLocal],
        localPorts: 10_001...10_012, clientAddress: isTCP ? form : .uoaOption,
        timestamps: service == 1 ? .shift : .remove)
      for server in configuration.services[service].servers.indices {
        configuration.services[service].servers[server].method = .fullnat
      }
    }
    return configuration
  }

  /// What FullNAT makes of the clients' first sequence number in these tests.
  static let localSequence: UInt32 = 0x4111_1111

  /// Whether servers reply to local addresses.
  var isTranslated = false

  /// Behind the gateway, on the outer segment, and on the inner one.
  private static let clients = [
    ExampleNetwork.client, IPv4Address(203, 0, 113, 9), IPv4Address(192, 0, 2, 33),
    IPv4Address(10, 0, 0, 77),
  ]
  private static let servers = [
    ExampleNetwork.server1, ExampleNetwork.server2, ExampleNetwork.server3,
  ]

  init(seed: UInt64) {
    random = SplitMix64(seed: seed)
  }

  private mutating func chance(_ percent: Int) -> Bool {
    Int.random(in: 0..<100, using: &random) < percent
  }

  private mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[Int.random(in: 0..<elements.count, using: &random)]
  }

  private mutating func client() -> Endpoint {
    Endpoint(pick(Self.clients), 40000 + UInt16.random(in: 0..<6, using: &random))
  }

  private mutating func local() -> Endpoint {
    Endpoint(
      pick([ExampleNetwork.local, ExampleNetwork.secondLocal]),
      UInt16.random(in: 10_001...10_012, using: &random))
  }

  /// Numbers where something changes: at the client's first byte and behind a header before it, and
  /// where the server's first number is acknowledged.
  private mutating func number(_ builder: inout FrameBuilder, _ isInbound: Bool) {
    let step: UInt32 = pick([1, 1, 2, 28, 29, 30, 65, 5000])
    if isInbound {
      if !builder.tcp.flags.contains(.syn) { builder.tcp.sequence &+= step }
      builder.tcp.acknowledgment = pick([0x1111_1112, 0x1111_1112, 0x1111_1200])
    } else {
      builder.tcp.acknowledgment = Self.localSequence &+ step
    }
  }

  private mutating func flags() -> TCPFlags {
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<20: .syn
    case 20..<24: [.fin, .ack]
    case 24..<26: .rst
    case 26..<28: [.syn, .ack]
    case 28: TCPFlags(rawValue: UInt8(truncatingIfNeeded: random.next()))
    default: pick([.ack, [.ack, .psh]])
    }
  }

  /// The next frame and the port where it comes in.
  mutating func next() -> Sent {
    let isInbound = chance(55)
    let isTCP = chance(75)
    var builder: FrameBuilder
    if isInbound {
      builder =
        isTCP ? request(flags(), from: client(), to: pick(Self.virtuals)) : query(from: client())
    } else {
      let server = pick(Self.servers)
      let port: UInt16 = isTCP ? pick([8080, 8080, 8081]) : 5353
      let other = isTranslated ? local() : client()
      builder =
        isTCP
        ? reply(flags(), from: Endpoint(server, port), to: other)
        : response(from: Endpoint(server, port), to: other)
    }
    if isTranslated && isTCP { number(&builder, isInbound) }
    builder = builder.payload(count: pick([0, 1, 5, 64, 333, 1340, 1360, 1380, 1400, 1440]))
    while chance(30) { decorate(&builder) }
    if chance(10) { spoil(&builder) }
    var frame = builder.frame()
    if chance(3), !frame.bytes.isEmpty {
      frame.bytes[Int.random(in: 0..<min(60, frame.bytes.count), using: &random)] =
        UInt8(truncatingIfNeeded: random.next())
    }
    if chance(1) { frame = frame.prefix(Int.random(in: 0...60, using: &random)) }
    return Sent(port: isInbound != chance(2) ? .wan : .lan, frame: frame)
  }

  /// What is unusual and right.
  private mutating func decorate(_ builder: inout FrameBuilder) {
    switch Int.random(in: 0..<11, using: &random) {
    case 9:
      builder.tcp.options = pick([
        [254, 8, 1, 2, 3, 4, 5, 6], [1, 254, 8, 1, 2, 3, 4, 5, 6, 1, 0, 0],
      ])
    case 10: builder.tcp.options = [1, 1, 5, 10, 0x41, 0x11, 0x11, 0x20, 0x41, 0x11, 0x20, 0]
    case 0: builder.ip.options = [7, 7, 4, 0, 0, 0, 0, 1]
    case 1: builder.minimumLength = builder.payload.count + 60
    case 2: builder.checksum = .partial
    case 3:
      builder = builder.payload(count: 4000).segmented(pick([500, 1300, 1348, 1360, 1400, 1448]))
    case 4: builder.tcp.options = [1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2]
    case 5: builder.udp.checksum = 0
    case 6: builder.ip.timeToLive = 2
    case 7: builder.tcp.options = [2, 4, 0x05, 0xb4]
    default: builder.ip.typeOfService = 0x10
    }
  }

  /// What is wrong, or not ours.
  private mutating func spoil(_ builder: inout FrameBuilder) {
    switch Int.random(in: 0..<14, using: &random) {
    case 0: builder.ip.timeToLive = 1
    case 1: builder.ip.timeToLive = 0
    case 2: builder.ip.moreFragments = true
    case 3: builder.ip.fragmentOffset = 64
    case 4: builder.ip.checksum = 0xbad
    case 5: builder.tcp.checksum = 0xbad
    case 6: builder.udp.checksum = 0xbad
    case 7: builder.tcp.headerWords = pick([0, 4, 6, 15])
    case 8: builder.udp.length = pick([0, 7, 8, 9, 2000])
    case 9: builder.ip.totalLength = pick([0, 20, 27, 28, 39, 40, 60, 9000])
    case 10: builder.ethernet.destination = pick([.broadcast, .zero, ExampleNetwork.insideMAC])
    case 11: builder.ethernet.tag = (.vlan, 3)
    case 12: builder.ip.destination = pick([IPv4Address(8, 8, 8, 8), ExampleNetwork.outside])
    default: builder.ip.source = pick([ExampleNetwork.virtual, .broadcast, .unspecified])
    }
  }

  /// The answer to an ARP request of the director, if it gets one.
  mutating func answer(to sent: Sent) -> Sent? {
    guard let ethernet = EthernetFrame(sent.frame.bytes.rawSpan), ethernet.etherType == .arp,
      let question = ARPPacket(ethernet.payload), question.operation == .request,
      !question.isGratuitous
    else { return nil }
    let target = question.targetAddress
    guard target != ExampleNetwork.server3, chance(60) else { return nil }
    let mac =
      target == ExampleNetwork.gateway
      ? ExampleNetwork.gatewayMAC : ExampleNetwork.mac(of: target)
    let frame = FrameBuilder.ethernet(from: mac, to: question.senderMAC)
      .arp(
        ARPFields(
          operation: .reply, senderMAC: mac, senderAddress: target,
          targetMAC: question.senderMAC, targetAddress: question.senderAddress)
      ).frame()
    return Sent(port: sent.port, frame: frame)
  }
}
