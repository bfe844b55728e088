// Fence: this file binds an abstract UNIX socket.
//
// Memory: none of its own; the name is copied by the kernel during the call.
// Owner: the `TAPLock` value owns the descriptor, and closes it unless `release` gave it away.
// Soundness: the shim of CLinux bounds the name.

import CLinux
import Glibc
import Netlink

/// The claim of one director on one TAP: a socket name that only one process can bind.
///
/// A multi-queue TAP would let a second director in, and the two would share its frames. The name is
/// `@tapvs-tap-INDEX` in the TAP's own namespace and goes with the process, however that ends.
@safe
struct TAPLock: ~Copyable {
  private let descriptor: Int32

  /// Claims the TAP with the interface `index` in the namespace that the thread is in; `nil` if it
  /// is claimed already.
  init?(index: Int32) throws(LinkError) {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else {
      throw LinkError(.system, "no socket for a TAP's lock: \(SystemError.last)")
    }
    guard unsafe clinux_bind_abstract(descriptor, "tapvs-tap-\(index)") == 0 else {
      let error = SystemError.last
      if error.code == EADDRINUSE { return nil }
      throw LinkError(.system, "a TAP's lock cannot be taken: \(error)")
    }
  }

  deinit { close(descriptor) }

  /// Gives the descriptor to the caller: closing it gives the claim up.
  consuming func release() -> Int32 {
    let descriptor = self.descriptor
    discard self
    return descriptor
  }
}
