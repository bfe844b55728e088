/// How a director wraps packets for real servers in another network.
package enum Encapsulation: String, CaseIterable, Sendable {
  /// An IPv4 header (RFC 2003).
  case ipip
  /// An IPv4 header and a GRE header of 4 or, with a checksum, 8 bytes (RFC 2784).
  case gre
  /// An IPv4 header, a UDP header and a GUE header of 4 bytes.
  case gue

  /// The outer header's protocol (IANA protocol numbers).
  package var protocolNumber: UInt8 {
    switch self {
    case .ipip: 4
    case .gre: 47
    case .gue: 17
    }
  }
}

/// What is taken out of a tunnel, whoever does it.
package struct DecapsulationRules: Sendable {
  package let encapsulations: Set<Encapsulation>
  /// The UDP port of GUE.
  package let port: UInt16

  package init(_ encapsulations: Set<Encapsulation>, port: UInt16) {
    self.encapsulations = encapsulations
    self.port = port
  }
}

/// What becomes of a packet that says it is a tunnel's.
///
/// Others are none of ours, and not counted. "Left alone" means that the kernel and the socket beside
/// it get the packet as it is.
package enum DecapsulationEvent: Int, CaseIterable, Sendable {
  /// Taken out of its tunnel.
  case taken
  /// A fragment of an outer packet; left alone, for the socket sees them put together.
  case fragment
  /// Not from a director; left alone.
  case stranger
  /// For no virtual address; left alone.
  case notVirtual
  /// A form that no director of ours sends: GRE with more than a checksum, GUE with options, IPv6
  /// inside; left alone.
  case unsupported
  /// From a director, but too short or with lengths that contradict each other; dropped.
  case malformed
  /// A tunnel's packet inside of a tunnel; dropped, or it could be opened once more.
  case nested
  /// Congestion was met in the tunnel, and the packet inside knows no such mark; dropped (RFC 6040
  /// section 4.2).
  case congested
  /// A superframe of several tunnel packets, of datagrams in GUE, or of a kind that the kernel does not
  /// shorten; left alone.
  case impossible
}
