package import Wire

/// What identifies a connection in the table: the client's side of it and the protocol.
///
/// The client's side is the same in both directions of a NAT connection, so that one entry serves
/// both; which virtual service and real server it belongs to is told by the entry's destination.
/// Two connections of one client endpoint to two services have equal keys and two entries.
package struct ConnectionKey: Hashable, Sendable {
  /// Address, port and protocol in 56 bits: `address << 24 | port << 8 | protocol`.
  ///
  /// Never 0.
  let rawValue: UInt64

  @inline(__always)
  init(rawValue: UInt64) {
    self.rawValue = rawValue
  }

  @inline(__always)
  package init(_ address: IPv4Address, _ port: UInt16, _ protocol: IPProtocol) {
    rawValue =
      UInt64(address.rawValue) << 24 | UInt64(port) << 8 | UInt64(`protocol`.rawValue)
  }

  var client: Endpoint {
    Endpoint(
      IPv4Address(rawValue: UInt32(truncatingIfNeeded: rawValue >> 24)),
      UInt16(truncatingIfNeeded: rawValue >> 8))
  }

  var `protocol`: IPProtocol { IPProtocol(rawValue: UInt8(truncatingIfNeeded: rawValue)) }
}
