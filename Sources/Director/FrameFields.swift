// Fence: reads and writes fields of a frame through a pointer.
//
// Memory: that of a `FrameBatch`.
// Owner: the batch.
// Soundness: callers have checked the frame's length; all accesses are unaligned ones.

/// Where fields lie in a frame whose IP header has no options, in bytes from its start.
enum Field {
  static let ethernetSource = 6
  static let etherType = 12
  static let fragment = 20
  static let timeToLive = 22
  static let ipChecksum = 24
  static let source = 26
  static let destination = 30
  static let sourcePort = 34
  static let destinationPort = 36
  static let udpLength = 38
  static let udpChecksum = 40
  static let tcpSequence = 38
  static let tcpAcknowledgment = 42
  static let tcpDataOffset = 46
  static let tcpFlags = 47
  static let tcpChecksum = 50
  static let transport = 34
}

/// Fields as they stand in the frame: a number's first octet is its lowest.
///
/// Comparing and storing them needs no swapping, and checksums are the same in either order
/// (RFC 1071 section 2 B).
extension UnsafeMutableRawPointer {
  @inline(__always)
  func octet(_ offset: Int) -> UInt8 {
    unsafe load(fromByteOffset: offset, as: UInt8.self)
  }

  @inline(__always)
  func raw16(_ offset: Int) -> UInt16 {
    unsafe UInt16(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt16.self))
  }

  @inline(__always)
  func raw32(_ offset: Int) -> UInt32 {
    unsafe UInt32(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  @inline(__always)
  func raw64(_ offset: Int) -> UInt64 {
    unsafe UInt64(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  @inline(__always)
  func store(raw value: UInt16, _ offset: Int) {
    unsafe storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt16.self)
  }

  @inline(__always)
  func store(raw value: UInt32, _ offset: Int) {
    unsafe storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt32.self)
  }

  @inline(__always)
  func store(raw value: UInt64, _ offset: Int) {
    unsafe storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt64.self)
  }
}
