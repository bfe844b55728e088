import Director
import Frames
import TestSupport
import Wire

private typealias Net = ExampleNetwork

extension Endpoint {
  /// A real server in another network, behind the gateway.
  static let remote = Endpoint(IPv4Address(203, 0, 113, 21), 80)
}

extension Tunnel {
  static let all = [
    Tunnel(.ipip), Tunnel(.gre), Tunnel(.gre, hasChecksum: true), Tunnel(.gue, port: 6080),
    Tunnel(.gue, hasChecksum: true, port: 5555),
  ]

  /// The length in bytes of what stands before the packet.
  var expectedOverhead: Int {
    switch encapsulation {
    case .ipip: 20
    case .gre: hasChecksum ? 28 : 24
    case .gue: 32
    }
  }
}

extension DirectorConfiguration {
  /// The usual services, all on the server at the other end of a tunnel.
  static func tunnelled(
    _ tunnel: Tunnel = Tunnel(), mtu: Int = 1500, discovers: Bool = true
  ) -> DirectorConfiguration {
    var services = [Service.web(), .dns]
    for index in services.indices {
      services[index].servers = [
        .init(
          address: Endpoint.remote.address, port: services[index].port, method: .tunnel,
          tunnel: tunnel)
      ]
    }
    var configuration = DirectorConfiguration.usual(services: services)
    configuration.ports[0].mtu = mtu
    configuration.discoversTunnelMTU = discovers
    return configuration
  }
}

extension UsualDirector {
  /// A director whose services are at the end of a tunnel, with one source port for GUE.
  static func tunnelled(
    _ tunnel: Tunnel = Tunnel(), mtu: Int = 1500, discovers: Bool = true, isFast: Bool = true
  ) -> UsualDirector {
    let usual = UsualDirector(.tunnelled(tunnel, mtu: mtu, discovers: discovers))
    usual.director.isFastPathEnabled = isFast
    usual.director.fixedChoices.encapsulationSourcePort = 0xc001
    return usual
  }
}

extension FrameBuilder {
  /// The request as it stands in the tunnel.
  var onward: FrameBuilder {
    with(\.ip.timeToLive, ip.timeToLive - 1).with(\.minimumLength, 0)
  }

  /// The request in a tunnel to the remote server; lengths and checksums are computed from nothing.
  func wrapped(
    in tunnel: Tunnel = Tunnel(), identification: UInt16 = 0, isFragmented: Bool = false
  ) -> TestFrame {
    let copy = onward
    var frame = TestFrame.wrapping(
      copy.packet, in: tunnel, identification: identification,
      dontFragment: copy.ip.dontFragment && !isFragmented)
    guard checksum == .partial else { return frame }
    frame.offload = offload
    frame.offload.checksumStart += UInt16(tunnel.expectedOverhead)
    return frame
  }
}

extension TestFrame {
  /// `packet` in a tunnel to the remote server, by way of the gateway.
  static func wrapping(
    _ packet: [UInt8], in tunnel: Tunnel = Tunnel(), identification: UInt16 = 0,
    dontFragment: Bool, to server: IPv4Address = Endpoint.remote.address
  ) -> TestFrame {
    let between = middle(packet, tunnel, to: server)
    let inner = packet[1] & 3 == 3 ? packet[1] & ~1 : packet[1]
    let header = IPv4Fields(
      typeOfService: inner, identification: identification, dontFragment: dontFragment,
      timeToLive: packet[8], protocol: protocolNumber(tunnel), source: Net.outside,
      destination: server
    ).header(payloadLength: between.count + packet.count)
    let link = FrameBuilder.ethernet(from: Net.outsideMAC, to: Net.gatewayMAC)
      .with(\.ethernet.type, .ipv4).frame().bytes
    return TestFrame(link + header + between + packet)
  }

  private static func protocolNumber(_ tunnel: Tunnel) -> IPProtocol {
    switch tunnel.encapsulation {
    case .ipip: IPProtocol(rawValue: 4)
    case .gre: IPProtocol(rawValue: 47)
    case .gue: IPProtocol(rawValue: 17)
    }
  }

  /// What stands between the outer header and `packet`.
  private static func middle(
    _ packet: [UInt8], _ tunnel: Tunnel, to server: IPv4Address
  ) -> [UInt8] {
    switch tunnel.encapsulation {
    case .ipip: return []
    case .gre:
      guard tunnel.hasChecksum else { return [0, 0, 8, 0] }
      let sum = InternetChecksum.checksum(of: ([0x80, 0, 8, 0, 0, 0, 0, 0] + packet).rawSpan)
      return [0x80, 0, 8, 0, UInt8(sum >> 8), UInt8(sum & 0xff), 0, 0]
    case .gue:
      let datagram = FrameBuilder.ethernet(from: .zero, to: .zero)
        .ipv4(from: Net.outside, to: server).udp(from: 0xc001, to: tunnel.port)
        .with(\.udp.checksum, tunnel.hasChecksum ? nil : 0).payload([0, 4, 0, 0] + packet)
      return Array(datagram.packet[20..<32])
    }
  }

  /// The identification in the IP header.
  var identification: UInt16 { UInt16(bytes[18]) << 8 | UInt16(bytes[19]) }
}
