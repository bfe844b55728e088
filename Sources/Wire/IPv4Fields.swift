/// What the header of an IPv4 packet of our own says (RFC 791 section 3.1); no options.
@usableFromInline
package struct IPv4Fields: Equatable, Sendable {
  package var typeOfService: UInt8
  package var identification: UInt16
  package var dontFragment: Bool
  package var timeToLive: UInt8
  package var `protocol`: IPProtocol
  package var source: IPv4Address
  package var destination: IPv4Address

  package init(
    typeOfService: UInt8 = 0, identification: UInt16 = 0, dontFragment: Bool = false,
    timeToLive: UInt8 = 64, protocol: IPProtocol, source: IPv4Address, destination: IPv4Address
  ) {
    self.typeOfService = typeOfService
    self.identification = identification
    self.dontFragment = dontFragment
    self.timeToLive = timeToLive
    self.protocol = `protocol`
    self.source = source
    self.destination = destination
  }

  /// The 20 bytes of the header before `payloadLength` bytes, checksum included.
  package func header(payloadLength: Int) -> [UInt8] {
    var header = [UInt8](repeating: 0, count: IPv4Packet.minimumHeaderLength)
    header.withMutableRawSpan { bytes in
      var bytes = bytes
      bytes.storeOctet(0x45, at: 0)
      bytes.storeOctet(typeOfService, at: 1)
      bytes.storeNetwork(
        UInt16(truncatingIfNeeded: IPv4Packet.minimumHeaderLength + payloadLength), at: 2)
      bytes.storeNetwork(identification, at: 4)
      bytes.storeNetwork(dontFragment ? 0x4000 as UInt16 : 0, at: 6)
      bytes.storeOctet(timeToLive, at: 8)
      bytes.storeOctet(`protocol`.rawValue, at: 9)
      source.store(into: &bytes, at: 12)
      destination.store(into: &bytes, at: 16)
      bytes.storeNetwork(InternetChecksum.checksum(of: bytes.bytes), at: 10)
    }
    return header
  }
}
