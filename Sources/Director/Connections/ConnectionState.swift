/// Where a connection stands, as seen from its segments (`ip_vs_proto_tcp.c`, `ip_vs_proto_udp.c`).
///
/// The machine looks at flags and direction only, never at sequence numbers. Raw values of the TCP
/// states are those of `include/net/ip_vs.h`, which connection sync carries, too.
package enum ConnectionState: UInt8, CaseIterable, Sendable {
  /// Made, but no segment counted yet.
  case none = 0
  /// The client's ACK, or the server's, was seen; ends by FIN or RST. Active.
  case established = 1
  /// The server spoke first with a SYN. Active.
  case synSent = 2
  /// The client's SYN was passed on; a client's RST leaves it alone. Active.
  case synReceived = 3
  /// The server's FIN was seen, the client's not yet.
  case finWait = 4
  /// Both FINs were seen; a new SYN of the same client endpoint opens a new connection.
  case timeWait = 5
  /// An RST was seen, or a segment without flags.
  case close = 6
  /// The client's FIN was seen, the server's not yet.
  case closeWait = 7
  /// Not reached by the normal table; kept for connection sync.
  case lastAck = 8
  /// Not reached by the normal table; kept for connection sync.
  case listen = 9
  /// With `secure_tcp`: the server's SYN-ACK was seen, the client's proof of life not yet. Active.
  case synAck = 10
  /// A UDP flow; every datagram in either direction starts its time anew. Never active.
  case udp = 11

  /// Whether a connection in this state counts as active, as ipvsadm(8) lists it.
  package var isActive: Bool {
    switch self {
    case .established, .synSent, .synReceived, .synAck: true
    case .none, .finWait, .timeWait, .close, .closeWait, .lastAck, .listen, .udp: false
    }
  }

  /// How long a connection is kept in this state after its last segment.
  package var defaultTimeout: Duration {
    switch self {
    case .none: .seconds(2)
    case .established: .seconds(900)
    case .synSent: .seconds(120)
    case .synReceived: .seconds(60)
    case .finWait: .seconds(120)
    case .timeWait: .seconds(120)
    case .close: .seconds(10)
    case .closeWait: .seconds(60)
    case .lastAck: .seconds(30)
    case .listen: .seconds(120)
    case .synAck: .seconds(120)
    case .udp: .seconds(300)
    }
  }

  /// The name in listings, as ipvsadm(8) prints it.
  package var name: String {
    switch self {
    case .none: "NONE"
    case .established: "ESTABLISHED"
    case .synSent: "SYN_SENT"
    case .synReceived: "SYN_RECV"
    case .finWait: "FIN_WAIT"
    case .timeWait: "TIME_WAIT"
    case .close: "CLOSE"
    case .closeWait: "CLOSE_WAIT"
    case .lastAck: "LAST_ACK"
    case .listen: "LISTEN"
    case .synAck: "SYNACK"
    case .udp: "UDP"
    }
  }
}

/// Which way a packet goes.
package enum Direction: UInt8, CaseIterable, Sendable {
  /// From the client to the real server.
  case inbound = 0
  /// From the real server to the client.
  case outbound = 1
  /// From the client, of a connection whose replies do not pass the director.
  case inboundOnly = 2
}
