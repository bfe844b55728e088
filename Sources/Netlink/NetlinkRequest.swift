// Fence: this file builds netlink messages with libmnl.
//
// Memory: one allocation of `capacity` bytes, made in `init`, freed in `deinit`.
// Owner: the `NetlinkRequest` value, which cannot be copied.
// Soundness: the header and the fixed part fit by construction; each attribute is put by a function
// that is told the capacity.

import CMnl
import Glibc
package import Wire

/// A netlink message under construction: a header, the fixed part of its kind, then attributes.
@safe
package struct NetlinkRequest: ~Copyable {
  /// More than any request of ours takes.
  private static var capacity: Int { 4096 }

  private let memory: UnsafeMutableRawPointer
  private let header: UnsafeMutablePointer<nlmsghdr>
  private var isOverfull = false

  private init(type: Int, flags: Int32) {
    unsafe memory = .allocate(byteCount: Self.capacity, alignment: 16)
    // libmnl leaves the padding behind an attribute as it is.
    unsafe memory.initializeMemory(as: UInt8.self, repeating: 0, count: Self.capacity)
    unsafe header = mnl_nlmsg_put_header(memory)
    unsafe header.pointee.nlmsg_type = UInt16(type)
    unsafe header.pointee.nlmsg_flags = UInt16(NLM_F_REQUEST | flags)
  }

  deinit { unsafe memory.deallocate() }

  /// A message of `type` (RTM_*) about the link `index`; `change` is the mask of the interface flags
  /// (IFF_*) to be set as in `interfaceFlags`.
  package static func link(
    type: Int, flags: Int32, index: Int32 = 0, interfaceFlags: UInt32 = 0, change: UInt32 = 0
  ) -> Self {
    let request = Self(type: type, flags: flags)
    let part = unsafe mnl_nlmsg_put_extra_header(request.header, MemoryLayout<ifinfomsg>.size)
    guard let part = unsafe part?.assumingMemoryBound(to: ifinfomsg.self) else { return request }
    unsafe part.pointee.ifi_index = index
    unsafe part.pointee.ifi_flags = interfaceFlags
    unsafe part.pointee.ifi_change = change
    return request
  }

  /// A message of `type` (RTM_*) about addresses of `family` (AF_*), or about one of `prefixLength`
  /// bits on the link `index`, for hosts as far off as `scope` (RT_SCOPE_*).
  package static func address(
    type: Int, flags: Int32, family: Int32, prefixLength: Int = 0, scope: UInt8 = 0,
    index: Int32 = 0
  ) -> Self {
    let request = Self(type: type, flags: flags)
    let part = unsafe mnl_nlmsg_put_extra_header(request.header, MemoryLayout<ifaddrmsg>.size)
    guard let part = unsafe part?.assumingMemoryBound(to: ifaddrmsg.self) else { return request }
    unsafe part.pointee.ifa_family = UInt8(family)
    unsafe part.pointee.ifa_prefixlen = UInt8(clamping: prefixLength)
    unsafe part.pointee.ifa_scope = scope
    unsafe part.pointee.ifa_index = UInt32(bitPattern: index)
    return request
  }

  /// A message of `type` (RTM_*) whose fixed part is `header`: at most 64 bytes.
  package static func message(type: Int, flags: Int32, header: [UInt8]) -> Self {
    precondition(header.count <= 64)
    let request = Self(type: type, flags: flags)
    let part = unsafe mnl_nlmsg_put_extra_header(request.header, header.count)
    unsafe part?.copyMemory(from: header, byteCount: header.count)
    return request
  }

  /// Adds a number as the attribute `type`.
  package mutating func put(_ value: UInt32, as type: Int) {
    let fits = unsafe mnl_attr_put_u32_check(header, Self.capacity, UInt16(type), value)
    isOverfull = isOverfull || !fits
  }

  /// Adds bytes as the attribute `type`.
  package mutating func put(_ bytes: [UInt8], as type: Int) {
    let fits = unsafe mnl_attr_put_check(
      header, Self.capacity, UInt16(truncatingIfNeeded: type), bytes.count, bytes)
    isOverfull = isOverfull || !fits
  }

  /// Adds text and a zero byte as the attribute `type`.
  package mutating func put(_ text: String, as type: Int) {
    let fits = unsafe mnl_attr_put_strz_check(header, Self.capacity, UInt16(type), text)
    isOverfull = isOverfull || !fits
  }

  /// Adds an Ethernet address as the attribute `type`.
  package mutating func put(_ address: MACAddress, as type: Int) {
    var octets = [UInt8](repeating: 0, count: 6)
    for place in 0..<6 {
      octets[place] = UInt8(truncatingIfNeeded: address.rawValue >> UInt64(40 - 8 * place))
    }
    let fits = unsafe mnl_attr_put_check(header, Self.capacity, UInt16(type), 6, octets)
    isOverfull = isOverfull || !fits
  }

  /// The message as it goes out, with `sequence` in its header; EMSGSIZE if something did not fit.
  package borrowing func bytes(sequence: UInt32) throws(SystemError) -> [UInt8] {
    guard !isOverfull else { throw SystemError(code: EMSGSIZE) }
    unsafe header.pointee.nlmsg_seq = sequence
    let message = unsafe UnsafeRawBufferPointer(
      start: memory, count: Int(header.pointee.nlmsg_len))
    return unsafe [UInt8](message)
  }
}
