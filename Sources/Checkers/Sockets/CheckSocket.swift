// Fence: this file sends and receives bytes.
//
// Memory: the caller's arrays.
// Owner: the calling function; a `CheckSocket` owns its descriptor and closes it once.
// Soundness: each call is given an array and its length.

import CLinux
import Glibc
import Health
import Wire

/// A socket of the kernel's, connected to one server, that never blocks.
@safe
final class CheckSocket {
  enum Kind {
    case stream
    case datagram
    /// ICMP, with the IP header in front of what is received.
    case raw
  }

  let descriptor: Int32

  /// Opens a socket and begins to connect it; a stream is ready to write when it is connected.
  ///
  /// The end of a stream is a reset: it leaves nothing behind in the kernel, where thousands of
  /// connections a minute would otherwise wait for their last packet.
  init(_ kind: Kind, to destination: Destination) throws(CheckFailure) {
    let (type, number): (__socket_type, Int32) =
      switch kind {
      case .stream: (SOCK_STREAM, 0)
      case .datagram: (SOCK_DGRAM, 0)
      case .raw: (SOCK_RAW, Int32(IPPROTO_ICMP))
      }
    let flags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    descriptor = socket(AF_INET, Int32(type.rawValue) | flags, number)
    guard descriptor >= 0 else { throw CheckFailure(code: errno) }
    if kind == .stream { clinux_end_by_reset(descriptor) }
    if let source = destination.source {
      guard clinux_bind_address(descriptor, source.rawValue) == 0 else { throw failure() }
    }
    let port = kind == .raw ? 0 : destination.port
    guard
      clinux_connect(descriptor, destination.address.rawValue, port) == 0 || errno == EINPROGRESS
    else { throw failure() }
  }

  private func failure() -> CheckFailure {
    let failure = CheckFailure(code: errno)
    close(descriptor)
    return failure
  }

  /// Why the socket has failed; `nil` if it has not.
  func takeError() -> CheckFailure? {
    let code = clinux_take_error(descriptor)
    return code == 0 ? nil : CheckFailure(code: code)
  }

  /// Sends a datagram.
  func send(_ bytes: [UInt8]) throws(CheckFailure) {
    let count = unsafe Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    if count < 0 { throw CheckFailure(code: errno) }
  }

  /// The next datagram, as far as `limit` goes; `nil` when there is none.
  func receive(limit: Int) throws(CheckFailure) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: limit)
    let count = unsafe recv(descriptor, &bytes, limit, 0)
    if count >= 0 { return Array(bytes.prefix(count)) }
    if errno == EAGAIN || errno == EINTR { return nil }
    throw CheckFailure(code: errno)
  }

  func end() { close(descriptor) }
}
