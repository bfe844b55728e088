/// Why a frame was not sent on: the closed list, each with a counter of its own.
///
/// The order is that in which a frame meets the checks.
@usableFromInline
package enum DropReason: UInt8, Error, CaseIterable, Hashable, Sendable {
  // Ethernet.
  /// Shorter than an Ethernet header.
  case frameTruncated
  /// To another station: a bridge that does not know where it is sends it everywhere.
  case frameFlooded
  /// A broadcast or multicast that nobody here listens to.
  case frameNotForUs
  /// From a group address, which no station has.
  case frameSourceInvalid
  /// Sent by the port itself, and come back.
  case frameLooped
  /// With a VLAN tag: a port carries untagged frames.
  case frameTagged
  /// Neither ARP nor IPv4.
  case etherTypeUnsupported

  // ARP.
  /// Too short, or not a request or reply for IPv4 over Ethernet.
  case arpMalformed
  /// The sender's addresses cannot be a host's, or differ from the frame's own.
  case arpSenderInvalid
  /// Another host claims an address that is ours.
  case arpConflict
  /// A request for an address that is not ours.
  case arpNotForUs
  /// A reply that nobody waited for.
  case arpUnsolicited

  // IPv4.
  /// Fewer bytes than the header announces.
  case ipTruncated
  /// A version, header length or total length that cannot be.
  case ipHeaderInvalid
  /// A header checksum that does not match.
  case ipChecksumInvalid
  /// A source that no host may send from.
  case ipSourceInvalid
  /// A fragment that cannot be part of a datagram: by its place, its length, or what others said.
  case fragmentInvalid
  /// A fragment whose bytes are there already.
  case fragmentDuplicate
  /// A fragment that overlaps others; the whole datagram goes.
  case fragmentOverlap
  /// A fragment that had to make room for younger ones.
  case fragmentMemoryExceeded
  /// A fragment whose datagram was not complete in time.
  case fragmentTimeExceeded
  /// Neither TCP, UDP nor ICMP.
  case ipProtocolUnsupported
  /// To an address that is not ours, and not a reply of any connection: the director is no router.
  case ipNotForUs

  // Transport.
  /// Fewer bytes than a TCP, UDP or ICMP header needs, or a data offset or length that cannot be.
  case transportMalformed
  /// An ICMP message that the director does not answer or pass on.
  case icmpUnsupported
  /// An ICMP checksum that does not match.
  case icmpChecksumInvalid
  /// An ICMP error that quotes too little of a packet, or what is none of TCP or UDP.
  case icmpQuoteInvalid
  /// An ICMP error about a packet of no connection.
  case icmpUnrelated

  // Virtual services and connections.
  /// To an address of ours at a port without a virtual service.
  case noService
  /// A TCP segment that opens no connection and belongs to none.
  case noConnection
  /// No real server of the virtual service may take a connection.
  case noDestination
  /// The connection's real server was removed from the virtual service.
  case destinationRemoved
  /// No local port is left for a new connection to the real server.
  case noLocalPort
  /// The connection table is full, and the frame would open a connection.
  case connectionTableFull

  // Forwarding.
  /// The time to live would reach 0.
  case timeToLiveExceeded
  /// No route leads to the next hop.
  case noRoute
  /// Larger than the port's MTU.
  case mtuExceeded
  /// The next hop did not answer ARP.
  case neighborUnreachable
  /// The neighbour table is full.
  case neighborTableFull
  /// Too much waits for the next hop already.
  case neighborQueueFull

  // Sending.
  /// No room for a frame of our own among those of this turn.
  case outboxFull
  /// The port's device is missing.
  case portMissing
  /// The port's device refused the frame.
  case transmitFailed

  /// The name in listings and JSON, in kebab case.
  package var name: String {
    var text = ""
    for character in String(describing: self) {
      if character.isUppercase { text += "-" }
      text += character.lowercased()
    }
    return text
  }
}
