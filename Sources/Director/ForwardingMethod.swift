package import Wire

/// How a frame reaches the real server.
package enum ForwardingMethod: String, CaseIterable, Sendable {
  /// Destination rewritten to the real server, the reply's source to the virtual service.
  case nat
  /// Direct routing: the packet as it is, to the real server's link address; replies do not pass.
  case dr
  /// The packet as it is, inside another one to the real server; replies do not pass.
  case tunnel
  /// Both ends rewritten: the source becomes a local address, to which the real server replies.
  case fullnat

  /// Whether replies pass the director, so that it sees both halves of a connection.
  @inline(__always) var seesReplies: Bool { self == .nat || self == .fullnat }

  /// Whether packets go on to the virtual service's endpoint.
  var keepsDestination: Bool { self == .dr || self == .tunnel }
}

/// How packets are wrapped on their way to a real server.
package struct Tunnel: Hashable, Sendable {
  /// The header between the outer IP header and the packet.
  package enum Encapsulation: String, CaseIterable, Sendable {
    /// None: IP in IP (RFC 2003).
    case ipip
    /// Generic Routing Encapsulation (RFC 2784).
    case gre
    /// Generic UDP Encapsulation, version 0 (draft-ietf-intarea-gue).
    case gue
  }

  package var encapsulation: Encapsulation
  /// Whether the GRE or outer UDP header carries a checksum.
  package var hasChecksum: Bool
  /// The destination port of GUE.
  package var port: UInt16

  package init(
    _ encapsulation: Encapsulation = .ipip, hasChecksum: Bool = false,
    port: UInt16 = Self.defaultPort
  ) {
    self.encapsulation = encapsulation
    self.hasChecksum = hasChecksum
    self.port = port
  }

  /// What IANA gave GUE.
  package static let defaultPort: UInt16 = 6080
}

/// How FullNAT rewrites, and what it tells the real server of the client.
package struct FullNATSettings: Equatable, Sendable {
  /// The sources of packets to real servers; connections take them in turn.
  package var localAddresses: [IPv4Address]
  /// The source ports of packets to real servers.
  package var localPorts: ClosedRange<UInt16>
  /// How the real server hears of the client's address.
  package var clientAddress: ClientAddressForm
  /// The kind of the TCP option, when it is one.
  package var optionKind: UInt8
  /// What becomes of TCP's timestamps.
  package var timestamps: TimestampPolicy

  package init(
    localAddresses: [IPv4Address] = [], localPorts: ClosedRange<UInt16> = Self.defaultPorts,
    clientAddress: ClientAddressForm = .none, optionKind: UInt8 = Self.defaultOptionKind,
    timestamps: TimestampPolicy = .remove
  ) {
    self.localAddresses = localAddresses
    self.localPorts = localPorts
    self.clientAddress = clientAddress
    self.optionKind = optionKind
    self.timestamps = timestamps
  }

  /// All but the ports of well-known servers.
  package static let defaultPorts: ClosedRange<UInt16> = 1025...65_535

  /// The second of the two kinds for experiments (RFC 4727), which readers of the option expect.
  package static let defaultOptionKind: UInt8 = 254

  /// The kinds that can be given: some vendors read 252 or 253.
  package static let optionKindRange = 252...254
}

/// What FullNAT does to TCP's timestamps, which are of another clock with each client.
///
/// A server that still remembers the last connection from a local endpoint refuses a SYN whose
/// timestamp is lower (RFC 7323 section 5).
package enum TimestampPolicy: String, CaseIterable, Sendable {
  /// They are overwritten in SYNs, so that the connection has none.
  case remove
  /// They are moved to one clock of the local endpoint, and back in what the server echoes.
  case shift
}

/// How a real server hears of the client's address when the packet's source is a local one.
package enum ClientAddressForm: String, CaseIterable, Sendable {
  /// Not at all.
  case none
  /// By a TCP option on the client's first segments.
  case toa
  /// By a PROXY protocol header, version 2, before the client's first byte.
  case proxyV2 = "proxy-v2"
  /// By an IP option of a flow's first datagrams.
  case uoaOption = "uoa-option"
  /// By a header of its own between IP and UDP (protocol 248) in a flow's first datagrams.
  case uoaProtocol = "uoa-protocol"
}
