import Wire

/// The packet that an ICMP error is about, as far as the error quotes it.
struct QuotedPacket: Equatable, Sendable {
  let `protocol`: IPProtocol
  let source: Endpoint
  let destination: Endpoint
  /// The length in bytes of the quoted IP header.
  let headerLength: Int

  /// Reads what follows the ICMP header; `nil` without a whole IP header of TCP or UDP and both ports.
  ///
  /// What is no first fragment has no ports to tell its connection by. Neither the quoted header's
  /// checksum nor its total length is checked: both may have been changed by routers on the way.
  init?(_ bytes: RawSpan) {
    guard bytes.byteCount >= IPv4Packet.minimumHeaderLength else { return nil }
    let first = bytes.octet(at: 0)
    headerLength = Int(first & 0xf) * 4
    guard first >> 4 == 4, headerLength >= IPv4Packet.minimumHeaderLength,
      bytes.byteCount >= headerLength + 4, bytes.networkUInt16(at: 6) & 0x1fff == 0
    else { return nil }
    `protocol` = IPProtocol(rawValue: bytes.octet(at: 9))
    guard `protocol` == .tcp || `protocol` == .udp else { return nil }
    source = Endpoint(IPv4Address(bytes, at: 12), bytes.networkUInt16(at: headerLength))
    destination = Endpoint(IPv4Address(bytes, at: 16), bytes.networkUInt16(at: headerLength + 2))
  }

  /// What a quoted packet gets back, so that whoever hears of it knows it.
  struct Original: Sendable {
    var source: Endpoint?
    var destination: Endpoint?
    /// What is added to the sequence number of TCP, modulo 2^32.
    var sequenceShift: UInt32 = 0
  }

  /// Gives the packet that is quoted in the ICMP message at `messageStart` of `bytes`, which end with
  /// it, what `original` says, and recomputes the quoted IP header's checksum and the message's own.
  ///
  /// The quoted TCP or UDP checksum stays as it is (`ip_vs_core.c`, `ip_vs_nat_icmp`).
  func restore(_ original: Original, in bytes: inout MutableRawSpan, messageStart: Int) {
    let start = messageStart + ICMPv4Message.headerLength
    let transport = start + headerLength
    if let source = original.source {
      source.address.store(into: &bytes, at: start + 12)
      bytes.storeNetwork(source.port, at: transport)
    }
    if let destination = original.destination {
      destination.address.store(into: &bytes, at: start + 16)
      bytes.storeNetwork(destination.port, at: transport + 2)
    }
    if original.sequenceShift != 0, `protocol` == .tcp, transport + 8 <= bytes.byteCount {
      let sequence = bytes.bytes.networkUInt32(at: transport + 4) &+ original.sequenceShift
      bytes.storeNetwork(sequence, at: transport + 4)
    }
    bytes.storeNetwork(0 as UInt16, at: start + 10)
    let header = InternetChecksum.checksum(of: bytes.bytes.extracting(start..<transport))
    bytes.storeNetwork(header, at: start + 10)
    bytes.storeNetwork(0 as UInt16, at: messageStart + 2)
    let sum = InternetChecksum.checksum(of: bytes.bytes.extracting(droppingFirst: messageStart))
    bytes.storeNetwork(sum, at: messageStart + 2)
  }
}
