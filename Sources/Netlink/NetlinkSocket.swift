// Fence: this file owns libmnl's sockets.
//
// Memory: libmnl's socket object, and one receive buffer of `bufferLength` bytes.
// Owner: the `NetlinkSocket` object, which closes and frees both in `deinit`.
// Soundness: the pointers never leave the object; libmnl is told the buffer's length, and only as
// many bytes as it says it wrote are read.

import CLinux
import CMnl
import Glibc

/// A routing netlink socket in the namespace of the thread that opened it.
@safe
final class NetlinkSocket {
  /// The kernel sends at most 32 KiB at once.
  private static let bufferLength = 65_536

  private let socket: OpaquePointer
  private let buffer: UnsafeMutableRawPointer
  private var sequence: UInt32 = 0

  /// Opens a socket; `groups` is the mask of the multicast groups (RTMGRP_*) to listen to.
  ///
  /// A blocking one waits `patience` for an answer.
  init(groups: UInt32 = 0, isBlocking: Bool) throws(SystemError) {
    let flags = Int32(SOCK_CLOEXEC.rawValue) | (isBlocking ? 0 : Int32(SOCK_NONBLOCK.rawValue))
    guard let opened = unsafe mnl_socket_open2(NETLINK_ROUTE, flags) else {
      throw SystemError.last
    }
    unsafe socket = opened
    unsafe buffer = .allocate(byteCount: Self.bufferLength, alignment: 16)
    guard unsafe mnl_socket_bind(socket, groups, 0) == 0 else { throw SystemError.last }
    if isBlocking {
      var patience = timeval(tv_sec: 5, tv_usec: 0)
      unsafe setsockopt(
        descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }
  }

  deinit {
    unsafe mnl_socket_close(socket)
    unsafe buffer.deallocate()
  }

  /// For `epoll`; belongs to this object.
  var descriptor: Int32 { unsafe mnl_socket_get_fd(socket) }

  /// Sends `request` and answers its sequence number.
  func send(_ request: borrowing NetlinkRequest) throws(SystemError) -> UInt32 {
    sequence &+= 1
    let bytes = try request.bytes(sequence: sequence)
    guard unsafe mnl_socket_sendto(socket, bytes, bytes.count) == bytes.count else {
      throw SystemError.last
    }
    return sequence
  }

  /// The messages of the next datagram; EAGAIN when there is none, EBADMSG when it is malformed.
  func receive() throws(SystemError) -> [NetlinkMessage] {
    let count = unsafe mnl_socket_recvfrom(socket, buffer, Self.bufferLength)
    guard count >= 0 else { throw SystemError.last }
    let datagram = unsafe [UInt8](UnsafeRawBufferPointer(start: buffer, count: count))
    guard let messages = NetlinkMessage.messages(in: datagram) else {
      throw SystemError(code: EBADMSG)
    }
    return messages
  }

  /// Sends `request` and answers all messages up to the acknowledgement or the end of the list;
  /// EINTR when the list changed while it was read.
  func transact(_ request: borrowing NetlinkRequest) throws(SystemError) -> [NetlinkMessage] {
    let expected = try send(request)
    var answer: [NetlinkMessage] = []
    var wasInterrupted = false
    while true {
      for message in try receive() where message.sequence == expected {
        wasInterrupted = wasInterrupted || message.flags & NLM_F_DUMP_INTR != 0
        switch message.type {
        case Int(NLMSG_DONE):
          if wasInterrupted { throw SystemError(code: EINTR) }
          return answer
        case Int(NLMSG_ERROR):
          if let error = try message.acknowledgedError() { throw error }
          return answer
        default:
          answer.append(message)
        }
      }
    }
  }
}

extension NetlinkMessage {
  /// What an NLMSG_ERROR message reports: `nil` for success; throws EBADMSG when it is too short.
  func acknowledgedError() throws(SystemError) -> SystemError? {
    guard let bits = payload.nativeUInt32(at: 0) else { throw SystemError(code: EBADMSG) }
    let code = Int32(bitPattern: bits)
    return code == 0 ? nil : SystemError(code: code == .min ? EBADMSG : abs(code))
  }
}
