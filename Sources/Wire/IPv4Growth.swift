extension MutableIPv4Packet {
  /// The length in bytes of header and payload as the header says it; setting it keeps the
  /// checksum.
  @inlinable package var totalLength: UInt16 {
    get { bytes.bytes.networkUInt16(at: 2) }
    @_lifetime(self: copy self)
    set {
      checksum = InternetChecksum.updated(
        checksum, by: InternetChecksum.change(from: totalLength, to: newValue))
      bytes.storeNetwork(newValue, at: 2)
    }
  }

  /// What the packet carries; setting it keeps the checksum.
  @inlinable package var `protocol`: IPProtocol {
    get { IPProtocol(rawValue: bytes.bytes.octet(at: 9)) }
    @_lifetime(self: copy self)
    set {
      let old = bytes.bytes.networkUInt16(at: 8)
      let new = old & 0xff00 | UInt16(newValue.rawValue)
      checksum = InternetChecksum.updated(
        checksum, by: InternetChecksum.change(from: old, to: new))
      bytes.storeNetwork(new, at: 8)
    }
  }

  /// Makes the header, not the packet, longer by `octets`, 4 or 8, which stand behind its fixed
  /// part already; keeps the checksum.
  ///
  /// Traps if the view ends before them, or the header would be longer than 60 bytes.
  @inlinable
  @_lifetime(self: copy self)
  package mutating func takeIntoHeader(octets: Int) {
    let start = IPv4Packet.minimumHeaderLength
    let old = bytes.bytes.networkUInt16(at: 0)
    let words = Int(old >> 8 & 0xf) + octets / 4
    precondition(octets % 4 == 0 && words <= 15)
    let new = old & 0xf0ff | UInt16(words) << 8
    let options = InternetChecksum.sum(bytes.bytes.extracting(start..<start + octets))
    checksum = InternetChecksum.updated(
      checksum, by: InternetChecksum.change(from: old, to: new) &+ UInt64(options))
    bytes.storeNetwork(new, at: 0)
  }
}
