/// What an ARP packet asks or tells (RFC 826).
@frozen
@usableFromInline
package enum ARPOperation: UInt16, Sendable {
  case request = 1
  case reply = 2
}

/// A read-only view of an ARP packet for IPv4 over Ethernet (RFC 826).
///
/// ```
///  0       2        4    5    6          8            14         18           24         28
/// +-------+--------+----+----+----------+------------+----------+------------+----------+
/// |hw = 1 |0x0800  |6   |4   |operation |sender MAC  |sender IP |target MAC  |target IP |
/// +-------+--------+----+----+----------+------------+----------+------------+----------+
/// ```
@frozen
@usableFromInline
package struct ARPPacket: ~Escapable {
  /// The length in bytes of a packet; padding may follow.
  @inlinable package static var length: Int { 28 }

  @usableFromInline let bytes: RawSpan

  /// Views `bytes`, or `nil` if they are too short or not a request or reply for IPv4 over Ethernet.
  ///
  /// Hardware type 6 (IEEE 802) counts as Ethernet, as in Linux `net/ipv4/arp.c`.
  @inlinable
  @_lifetime(copy bytes)
  package init?(_ bytes: RawSpan) {
    guard bytes.byteCount >= Self.length else { return nil }
    let hardware = bytes.networkUInt16(at: 0)
    guard hardware == 1 || hardware == 6,
      bytes.networkUInt16(at: 2) == EtherType.ipv4.rawValue,
      bytes.networkUInt16(at: 4) == 0x0604,
      ARPOperation(rawValue: bytes.networkUInt16(at: 6)) != nil
    else { return nil }
    self.bytes = bytes
  }

  @inlinable package var operation: ARPOperation {
    bytes.networkUInt16(at: 6) == ARPOperation.request.rawValue ? .request : .reply
  }

  @inlinable package var senderMAC: MACAddress { MACAddress(bytes, at: 8) }
  @inlinable package var senderAddress: IPv4Address { IPv4Address(bytes, at: 14) }
  @inlinable package var targetMAC: MACAddress { MACAddress(bytes, at: 18) }
  @inlinable package var targetAddress: IPv4Address { IPv4Address(bytes, at: 24) }

  /// Whether the sender tells its own address rather than asking for or answering another's.
  @inlinable package var isGratuitous: Bool { senderAddress == targetAddress }
}

/// The fields of an ARP packet that we send.
@frozen
@usableFromInline
package struct ARPFields: Equatable, Sendable {
  @usableFromInline package var operation: ARPOperation
  @usableFromInline package var senderMAC: MACAddress
  @usableFromInline package var senderAddress: IPv4Address
  @usableFromInline package var targetMAC: MACAddress
  @usableFromInline package var targetAddress: IPv4Address

  @inlinable
  package init(
    operation: ARPOperation, senderMAC: MACAddress, senderAddress: IPv4Address,
    targetMAC: MACAddress, targetAddress: IPv4Address
  ) {
    self.operation = operation
    self.senderMAC = senderMAC
    self.senderAddress = senderAddress
    self.targetMAC = targetMAC
    self.targetAddress = targetAddress
  }

  /// Writes the packet over the 28 bytes at `offset` of `bytes`; traps past the end.
  @inlinable
  package func store(into bytes: inout MutableRawSpan, at offset: Int = 0) {
    bytes.storeNetwork(UInt16(1), at: offset)
    bytes.storeNetwork(EtherType.ipv4.rawValue, at: offset + 2)
    bytes.storeNetwork(UInt16(0x0604), at: offset + 4)
    bytes.storeNetwork(operation.rawValue, at: offset + 6)
    senderMAC.store(into: &bytes, at: offset + 8)
    senderAddress.store(into: &bytes, at: offset + 14)
    targetMAC.store(into: &bytes, at: offset + 18)
    targetAddress.store(into: &bytes, at: offset + 24)
  }
}
