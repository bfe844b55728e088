import Frames
package import Wire

/// What a director is to do: an immutable value, already checked.
///
/// `Configuration` builds it from a file; tests build it by hand. The director trusts it:
///
/// - Own addresses, services, and the servers of a service are unique. No address is two of
///   an own one, a virtual service's and a real server's.
/// - Ports of services and servers are not 0, and every server has a route.
/// - Servers of direct routing are on-link; theirs and those of tunnels have the service's port.
/// - A service with FullNAT servers has local addresses, each once. They are no virtual service's,
///   no real server's and no router's; they may be own ones, and other services' local addresses.
package struct DirectorConfiguration: Equatable, Sendable {
  /// The ports; a `PortIndex` is a place in this list.
  ///
  /// At most `PortIndex.limit`.
  package var ports: [Port]

  /// The virtual services.
  package var services: [Service]

  /// Addresses that are ours without belonging to a service: they answer ARP and ping.
  package var virtualAddresses: [IPv4Address]

  /// The most connections kept at a time.
  package var connectionLimit: Int

  /// How long a connection is kept in each state after its last packet.
  package var timeouts = StateTimeouts()

  /// Whether a packet of a real server that belongs to no connection is answered with port
  /// unreachable (`nat_icmp_send`).
  package var sendsNATUnreachable = false

  /// Whether packets in tunnels that must not be fragmented forbid it outside, too, and clients hear
  /// what fits (`pmtu_disc`); else tunnels fragment what is too large.
  package var discoversTunnelMTU = true

  /// The most segments a second that ask ends of connections whose server is gone for their numbers,
  /// 1-40000.
  ///
  /// Each end of each connection is asked once, and twice more while it does not answer.
  package var probeRate = 20_000

  package init(
    ports: [Port], services: [Service] = [], virtualAddresses: [IPv4Address] = [],
    connectionLimit: Int = Self.defaultConnectionLimit
  ) {
    self.ports = ports
    self.services = services
    self.virtualAddresses = virtualAddresses
    self.connectionLimit = connectionLimit
  }

  /// One million connections take about 60 MB once they exist.
  package static let defaultConnectionLimit = 1_000_000

  /// The most connections that can be configured: 2^24.
  package static let connectionLimitRange = 1...16_777_216
}

extension DirectorConfiguration {
  /// A port: the appliance's own network card on one segment.
  package struct Port: Equatable, Sendable {
    /// The name in the configuration, as in `wan`.
    package var name: String
    /// The appliance's address on the segment.
    package var macAddress: MACAddress
    /// The largest IP packet sent, in bytes.
    package var mtu: Int
    /// The appliance's own addresses, each with its connected network.
    package var addresses: [IPv4InterfaceAddress]
    /// Networks behind routers of this segment.
    package var routes: [Route]
    /// The router of this segment for everything else.
    package var gateway: IPv4Address?

    package init(
      name: String, macAddress: MACAddress, mtu: Int = 1500,
      addresses: [IPv4InterfaceAddress] = [], routes: [Route] = [], gateway: IPv4Address? = nil
    ) {
      self.name = name
      self.macAddress = macAddress
      self.mtu = mtu
      self.addresses = addresses
      self.routes = routes
      self.gateway = gateway
    }
  }

  /// A network behind a router, or one with an MTU of its own.
  package struct Route: Equatable, Sendable {
    package var destination: IPv4Prefix
    /// The router's address, in a connected network of the same port; `nil` when the destination is
    /// on the port's own segment.
    package var via: IPv4Address?
    /// The largest IP packet sent this way, in bytes; `nil` for the port's.
    package var mtu: Int?

    package init(to destination: IPv4Prefix, via: IPv4Address?, mtu: Int? = nil) {
      self.destination = destination
      self.via = via
      self.mtu = mtu
    }
  }

  /// A virtual service: one address, protocol and port, and the real servers behind it.
  package struct Service: Equatable, Sendable {
    package var address: IPv4Address
    package var port: UInt16
    package var `protocol`: ServiceProtocol
    package var scheduler: SchedulerKind
    /// The real servers in the order of the file; schedulers walk them newest first, as `ip_vs` does.
    package var servers: [Server]
    /// What the maximum segment size that SYNs announce is lowered to; `nil` leaves it alone.
    package var segmentSizeClamp: SegmentSizeClamp?
    /// What becomes of the connections of a server that is removed.
    package var whenRemoved = RemovalPolicy.reset
    /// How long a forwarded SYN may go without an answer before its server is suspected; `nil` for
    /// no suspicion at all.
    package var synSuspect: Duration?
    /// The server that health may call in instead of the others; it may be one of `servers`.
    package var sorryServer: Server?
    /// What holds for the servers that FullNAT reaches.
    package var fullNAT = FullNATSettings()
    /// Whether a client's own option of the kind that tells client addresses is overwritten; with
    /// FullNAT it always is.
    package var stripsClientOption = false

    package init(
      address: IPv4Address, port: UInt16, protocol: ServiceProtocol = .tcp,
      scheduler: SchedulerKind = .weightedLeastConnection, servers: [Server] = []
    ) {
      self.address = address
      self.port = port
      self.protocol = `protocol`
      self.scheduler = scheduler
      self.servers = servers
    }
  }

  /// A real server of one virtual service.
  package struct Server: Equatable, Sendable {
    package var address: IPv4Address
    package var port: UInt16
    /// The share of new connections; 0 takes none (quiesced).
    package var weight: Int
    package var method: ForwardingMethod
    /// How packets are wrapped, when the method is `tunnel`.
    package var tunnel: Tunnel

    package init(
      address: IPv4Address, port: UInt16, weight: Int = 1, method: ForwardingMethod = .nat,
      tunnel: Tunnel = Tunnel()
    ) {
      self.address = address
      self.port = port
      self.weight = weight
      self.method = method
      self.tunnel = tunnel
    }

    /// The weights that can be given, as in ipvsadm.
    package static let weightRange = 0...65_535
  }
}

/// The most that the MSS option of a SYN may announce.
package enum SegmentSizeClamp: Equatable, Sendable {
  /// This many bytes; never raised.
  case size(Int)
  /// What fits the way back to whoever sent the SYN and the way that it takes.
  case automatic

  /// The sizes that can be given: from what every host must take (RFC 9293 section 3.7.1) up.
  package static let range = 536...65_495
}

/// What a virtual service speaks.
package enum ServiceProtocol: String, CaseIterable, Sendable {
  case tcp
  case udp

  /// The protocol's number in the IPv4 header.
  package var ipProtocol: IPProtocol {
    switch self {
    case .tcp: .tcp
    case .udp: .udp
    }
  }
}
