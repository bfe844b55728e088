extension MutableIPv4Packet {
  /// Overwrites options of `type` and `length` bytes by no-operations; answers how many.
  ///
  /// The header checksum is kept. Nothing behind a malformed option is looked at (RFC 791 section
  /// 3.1).
  @inlinable
  @_lifetime(self: copy self)
  package mutating func overwriteOptions(type: UInt8, length: Int) -> Int {
    bytes.bytes.octet(at: 0) & 0xf > 5 ? overwriteFoundOptions(type: type, length: length) : 0
  }

  @usableFromInline
  @_lifetime(self: copy self)
  mutating func overwriteFoundOptions(type: UInt8, length: Int) -> Int {
    let end = min(Int(bytes.bytes.octet(at: 0) & 0xf) * 4, bytes.byteCount)
    var offset = IPv4Packet.minimumHeaderLength
    var count = 0
    while offset + 1 < end, bytes.bytes.octet(at: offset) != 0 {
      guard bytes.bytes.octet(at: offset) != 1 else {
        offset += 1
        continue
      }
      let found = Int(bytes.bytes.octet(at: offset + 1))
      guard found >= 2, offset + found <= end else { break }
      if bytes.bytes.octet(at: offset) == type && found == length {
        overwrite(offset..<offset + found)
        count += 1
      }
      offset += found
    }
    return count
  }

  @_lifetime(self: copy self)
  private mutating func overwrite(_ range: Range<Int>) {
    var old: UInt64 = 0
    var new: UInt64 = 0
    for offset in range {
      let weight = offset % 2 == 0 ? 8 : 0 as UInt64
      old &+= UInt64(bytes.bytes.octet(at: offset)) << weight
      new &+= 1 << weight
      bytes.storeOctet(1, at: offset)
    }
    checksum = InternetChecksum.updated(
      checksum,
      by: InternetChecksum.change(
        from: InternetChecksum.fold(old), to: InternetChecksum.fold(new)))
  }
}
