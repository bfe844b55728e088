import Director
import Frames
import TestSupport
import Wire

extension ExampleNetwork {
  static let server3 = IPv4Address(10, 0, 0, 4)
  static let server3MAC = MACAddress(rawValue: 0x0200_0000_0104)

  static func mac(of server: IPv4Address) -> MACAddress {
    MACAddress(rawValue: 0x0200_0000_0100 + UInt64(server.rawValue & 0xff))
  }
}

extension Endpoint {
  static let client = Endpoint(ExampleNetwork.client, ExampleNetwork.clientPort)
  static let virtual = Endpoint(ExampleNetwork.virtual, 80)
  static let real = Endpoint(ExampleNetwork.server1, 8080)
  static let virtualDNS = Endpoint(ExampleNetwork.virtual, 53)
  static let realDNS = Endpoint(ExampleNetwork.server1, 5353)
}

extension DirectorConfiguration {
  /// Two ports; a TCP service and a UDP service, both on the first server.
  static func usual(
    services: [Service] = [.web(), .dns], limit: Int = 1000
  ) -> DirectorConfiguration {
    DirectorConfiguration(
      ports: [
        Port(
          name: "wan", macAddress: ExampleNetwork.outsideMAC,
          addresses: [IPv4InterfaceAddress(ExampleNetwork.outside, length: 24)],
          gateway: ExampleNetwork.gateway),
        Port(
          name: "lan", macAddress: ExampleNetwork.insideMAC,
          addresses: [IPv4InterfaceAddress(ExampleNetwork.inside, length: 24)]),
      ], services: services, connectionLimit: limit)
  }
}

extension DirectorConfiguration.Service {
  /// The usual TCP service; one server for each weight.
  static func web(
    _ scheduler: SchedulerKind = .roundRobin, weights: [Int] = [1],
    at virtual: Endpoint = .virtual, protocol: ServiceProtocol = .tcp
  ) -> Self {
    Self(
      address: virtual.address, port: virtual.port, protocol: `protocol`, scheduler: scheduler,
      servers: weights.enumerated().map { place, weight in
        .init(
          address: IPv4Address(rawValue: ExampleNetwork.server1.rawValue + UInt32(place)),
          port: 8080, weight: weight)
      })
  }

  /// The same service with another policy.
  func when(removed policy: RemovalPolicy) -> Self {
    var copy = self
    copy.whenRemoved = policy
    return copy
  }

  static let dns = Self(
    address: ExampleNetwork.virtual, port: 53, protocol: .udp, scheduler: .roundRobin,
    servers: [.init(address: ExampleNetwork.server1, port: 5353)])
}

/// A TCP segment from a client.
func request(
  _ flags: TCPFlags, from client: Endpoint = .client, to virtual: Endpoint = .virtual
) -> FrameBuilder {
  FrameBuilder.ethernet(from: ExampleNetwork.gatewayMAC, to: ExampleNetwork.outsideMAC)
    .ipv4(from: client.address, to: virtual.address)
    .tcp(from: client.port, to: virtual.port, flags)
}

/// A TCP segment from a server.
func reply(
  _ flags: TCPFlags, from real: Endpoint = .real, to client: Endpoint = .client
) -> FrameBuilder {
  FrameBuilder.ethernet(
    from: ExampleNetwork.mac(of: real.address), to: ExampleNetwork.insideMAC
  )
  .ipv4(from: real.address, to: client.address).tcp(from: real.port, to: client.port, flags)
}

/// A datagram from a client.
func query(from client: Endpoint = .client, to virtual: Endpoint = .virtualDNS) -> FrameBuilder {
  FrameBuilder.ethernet(from: ExampleNetwork.gatewayMAC, to: ExampleNetwork.outsideMAC)
    .ipv4(from: client.address, to: virtual.address).udp(from: client.port, to: virtual.port)
}

/// A datagram from a server.
func response(from real: Endpoint = .realDNS, to client: Endpoint = .client) -> FrameBuilder {
  FrameBuilder.ethernet(
    from: ExampleNetwork.mac(of: real.address), to: ExampleNetwork.insideMAC
  )
  .ipv4(from: real.address, to: client.address).udp(from: real.port, to: client.port)
}

extension FrameBuilder {
  /// The request as the server gets it; lengths and checksums are computed from nothing.
  func translated(to real: Endpoint) -> FrameBuilder {
    var copy = onward(
      from: ExampleNetwork.insideMAC, to: ExampleNetwork.mac(of: real.address))
    copy.ip.destination = real.address
    if transport == .tcp {
      copy.tcp.destination = real.port
    } else {
      copy.udp.destination = real.port
    }
    return copy
  }

  /// The reply as the client's router gets it.
  func translated(from virtual: Endpoint) -> FrameBuilder {
    var copy = onward(from: ExampleNetwork.outsideMAC, to: ExampleNetwork.gatewayMAC)
    copy.ip.source = virtual.address
    if transport == .tcp { copy.tcp.source = virtual.port } else { copy.udp.source = virtual.port }
    return copy
  }

  private func onward(from source: MACAddress, to destination: MACAddress) -> FrameBuilder {
    var copy = self
    copy.ethernet.source = source
    copy.ethernet.destination = destination
    copy.ip.timeToLive -= 1
    copy.minimumLength = 0
    return copy
  }
}
