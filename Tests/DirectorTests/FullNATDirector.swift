import Director
import TestSupport
import Wire

extension ExampleNetwork {
  static let local = IPv4Address(10, 0, 0, 200)
  static let secondLocal = IPv4Address(10, 0, 0, 201)
}

extension DirectorConfiguration {
  /// The usual services by FullNAT, with a few local ports.
  static func fullNAT(
    locals: [IPv4Address] = [ExampleNetwork.local], ports: ClosedRange<UInt16> = 10_001...10_004,
    weights: [Int] = [1], limit: Int = 1000
  ) -> DirectorConfiguration {
    var services: [Service] = [.web(weights: weights), .dns]
    for index in services.indices {
      services[index].fullNAT = FullNATSettings(localAddresses: locals, localPorts: ports)
      for place in services[index].servers.indices {
        services[index].servers[place].method = .fullnat
      }
    }
    return .usual(services: services, limit: limit)
  }
}

extension UsualDirector {
  /// What FullNAT made of the connection of `client`.
  func translation(
    _ protocol: ServiceProtocol = .tcp, of client: Endpoint = .client,
    to virtual: Endpoint = .virtual
  ) -> TranslationSnapshot? {
    connection(`protocol`, from: client, to: virtual)?.translation
  }
}

extension FrameBuilder {
  /// The request as the server gets it by FullNAT; lengths and checksums are computed from nothing.
  func translated(to real: Endpoint, by translation: TranslationSnapshot) -> FrameBuilder {
    var copy = translated(to: real)
    copy.ip.source = translation.local.address
    if transport == .tcp {
      copy.tcp.source = translation.local.port
      copy.tcp.sequence &+= translation.sequenceShift
    } else {
      copy.udp.source = translation.local.port
    }
    return copy
  }

  /// The reply as the client's router gets it.
  func translated(
    from virtual: Endpoint, by translation: TranslationSnapshot, to client: Endpoint = .client
  ) -> FrameBuilder {
    var copy = translated(from: virtual)
    copy.ip.destination = client.address
    if transport == .tcp {
      copy.tcp.destination = client.port
      if tcp.flags.contains(.ack) { copy.tcp.acknowledgment &-= translation.sequenceShift }
    } else {
      copy.udp.destination = client.port
    }
    return copy
  }
}
