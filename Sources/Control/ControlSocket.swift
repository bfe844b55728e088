// Fence: this file calls the kernel for stream sockets.
//
// Memory: none of its own; arrays are lent to the kernel for one call, with their own lengths.
// Owner: a `ControlSocket` owns its descriptor and closes it once, in `deinit`.
// Soundness: the kernel is told a length that the array has; nothing keeps a pointer.

import CLinux
import Glibc

/// A UNIX stream socket of an abstract name.
final class ControlSocket {
  let descriptor: Int32

  private init(_ descriptor: Int32) {
    self.descriptor = descriptor
  }

  deinit {
    close(descriptor)
  }

  /// Listens at `name` in the network namespace of the calling thread.
  static func listen(at name: ControlName) throws(ControlError) -> ControlSocket {
    let socketName = name.socketName
    let descriptor = unsafe clinux_listen_abstract(socketName, socketName.utf8.count, 16)
    if descriptor >= 0 { return ControlSocket(descriptor) }
    if errno == EADDRINUSE { throw .nameTaken(name) }
    throw .system("listen", code: errno)
  }

  /// Connects to `name` in the network namespace of the calling thread.
  ///
  /// No later call waits longer than `timeout`, of which whole milliseconds count, at least one.
  static func connect(to name: ControlName, timeout: Duration) throws(ControlError) -> ControlSocket
  {
    let socketName = name.socketName
    let milliseconds = Int32(min(max(1, timeout / .milliseconds(1)), 1_000_000))
    let descriptor = unsafe clinux_connect_abstract(
      socketName, socketName.utf8.count, milliseconds)
    if descriptor >= 0 { return ControlSocket(descriptor) }
    switch errno {
    case ECONNREFUSED, ENOENT: throw .notReached(name, namespace: nil)
    case EAGAIN, EINPROGRESS: throw .timedOut
    default: throw .system("connect", code: errno)
    }
  }

  /// What a call that does not wait found.
  enum Outcome<Value> {
    case done(Value)
    /// Nothing to be had now.
    case wouldBlock
    /// The other side is gone.
    case ended
    case failed(Int32)
  }

  /// The next connection of a listening socket.
  func accept() -> Outcome<ControlSocket> {
    let accepted = clinux_accept(descriptor)
    return accepted >= 0 ? .done(ControlSocket(accepted)) : outcome(of: errno)
  }

  /// At most `limit` bytes that have come.
  func receive(limit: Int) -> Outcome<[UInt8]> {
    var length = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: limit) { memory, count in
      repeat {
        length = unsafe recv(descriptor, memory.baseAddress, limit, 0)
      } while length < 0 && errno == EINTR
      count = max(0, length)
    }
    if length == 0 { return .ended }
    return length > 0 ? .done(bytes) : outcome(of: errno)
  }

  /// Sends as much of `bytes` as fits, and says how many bytes that were.
  func send(_ bytes: ArraySlice<UInt8>) -> Outcome<Int> {
    let length = unsafe bytes.withUnsafeBytes { memory in
      var length = 0
      repeat {
        length = unsafe Glibc.send(
          descriptor, memory.baseAddress, memory.count, Int32(MSG_NOSIGNAL))
      } while length < 0 && errno == EINTR
      return length
    }
    return length >= 0 ? .done(length) : outcome(of: errno)
  }

  /// Whether nothing more will come from the other side.
  var isHungUp: Bool {
    var byte: UInt8 = 0
    let count = unsafe recv(descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
    return count == 0 || count < 0 && errno != EAGAIN && errno != EINTR
  }

  /// The user at the other end, as of its connect; `nil` if the kernel does not say.
  var peerUser: UInt32? {
    var peer = clinux_peer()
    return unsafe clinux_peer_credentials(descriptor, &peer) == 0 ? peer.uid : nil
  }

  private func outcome<Value>(of code: Int32) -> Outcome<Value> {
    switch code {
    case EAGAIN, EINTR: .wouldBlock
    case EPIPE, ECONNRESET, ECONNABORTED: .ended
    default: .failed(code)
    }
  }
}

/// What the kernel says of a failed call.
enum SystemCall {
  /// The text for an `errno`.
  static func message(of code: Int32) -> String {
    unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
  }
}
