// Fence: this file takes netlink messages apart with libmnl.
//
// Memory: the caller's array, read only while it is borrowed.
// Owner: the caller.
// Soundness: `mnl_nlmsg_ok` and `mnl_attr_ok` are asked with the bytes that are left before anything
// is read, and what is handed out are copies. An array's elements are aligned for both headers.

import CMnl

/// A netlink message, taken apart from the datagram that it came in.
package struct NetlinkMessage: Equatable, Sendable {
  /// RTM_* or NLMSG_*.
  package let type: Int
  /// NLM_F_*.
  package let flags: Int32
  /// Which request it answers; 0 for an event.
  package let sequence: UInt32
  /// What follows the header.
  package let payload: [UInt8]

  /// The messages of `datagram`; `nil` if a length in it cannot be.
  package static func messages(in datagram: [UInt8]) -> [Self]? {
    unsafe datagram.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return [] }
      var found: [Self] = []
      var left = Int32(clamping: bytes.count)
      var header = unsafe UnsafePointer(base.assumingMemoryBound(to: nlmsghdr.self))
      while unsafe mnl_nlmsg_ok(header, left) {
        // libmnl takes a length above 2^31 for a negative one, which it lets pass.
        guard unsafe header.pointee.nlmsg_len <= UInt32(left) else { return nil }
        let payload = unsafe UnsafeRawBufferPointer(
          start: mnl_nlmsg_get_payload(header), count: mnl_nlmsg_get_payload_len(header))
        unsafe found.append(
          Self(
            type: Int(header.pointee.nlmsg_type), flags: Int32(header.pointee.nlmsg_flags),
            sequence: header.pointee.nlmsg_seq, payload: [UInt8](payload)))
        unsafe header = UnsafePointer(mnl_nlmsg_next(header, &left))
      }
      return left > 0 ? nil : found
    }
  }
}

/// An attribute of a netlink message.
package struct NetlinkAttribute: Equatable, Sendable {
  /// IFLA_*, IFA_* and their like, without the flag bits.
  package let type: Int
  package let payload: [UInt8]

  /// The attributes in `bytes` from `offset` on, which is a multiple of 4; `nil` if a length in it
  /// cannot be or `bytes` end before `offset`.
  package static func attributes(in bytes: [UInt8], from offset: Int = 0) -> [Self]? {
    guard bytes.count >= offset else { return nil }
    return unsafe bytes.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return [] }
      var found: [Self] = []
      var place = offset
      while place < bytes.count {
        let attribute = unsafe base.advanced(by: place).assumingMemoryBound(to: nlattr.self)
        guard unsafe mnl_attr_ok(attribute, Int32(clamping: bytes.count - place)) else {
          return nil
        }
        let payload = unsafe UnsafeRawBufferPointer(
          start: mnl_attr_get_payload(attribute), count: Int(mnl_attr_get_payload_len(attribute)))
        unsafe found.append(
          Self(type: Int(mnl_attr_get_type(attribute)), payload: [UInt8](payload)))
        unsafe place += (Int(mnl_attr_get_len(attribute)) + 3) & ~3
      }
      return found
    }
  }

  /// The payload as a number of one byte; `nil` if it has another length.
  package var octet: UInt8? { payload.count == 1 ? payload[0] : nil }

  /// The payload as a number of four bytes in the machine's order; `nil` if it has another length.
  package var number: UInt32? {
    payload.count == 4 ? payload.nativeUInt32(at: 0) : nil
  }

  /// The payload as text up to a zero byte; `nil` if it has none or is not UTF-8.
  package var text: String? {
    guard let end = payload.firstIndex(of: 0) else { return nil }
    return String(validating: payload[..<end], as: UTF8.self)
  }
}

extension [UInt8] {
  /// The four bytes at `offset` in the machine's order; `nil` past the end.
  func nativeUInt32(at offset: Int) -> UInt32? {
    guard offset >= 0, count - offset >= 4 else { return nil }
    return unsafe withUnsafeBytes {
      unsafe $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
    }
  }
  /// The four bytes of `number` in the machine's order.
  init(native number: UInt32) {
    self = unsafe Swift.withUnsafeBytes(of: number) { unsafe [UInt8]($0) }
  }
}
