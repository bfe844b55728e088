// Fence: this file fills and reads C structures of signals.
//
// Memory: one `sigset_t` or `signalfd_siginfo` on the stack.
// Owner: the calling function.
// Soundness: each call is given the address and size of a whole, living value.

import CLinux
import Glibc
package import Netlink

/// SIGTERM, SIGINT and SIGHUP as something to read rather than an interruption.
@safe
package final class SignalDescriptor {
  /// Readable when a signal waits; belongs to this object.
  package let descriptor: Int32

  /// Takes the signals away from their default action; to be made before any other thread is.
  package init() throws(SystemError) {
    signal(SIGPIPE, SIG_IGN)
    var set = sigset_t()
    unsafe sigemptyset(&set)
    unsafe sigaddset(&set, SIGTERM)
    unsafe sigaddset(&set, SIGINT)
    unsafe sigaddset(&set, SIGHUP)
    unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    descriptor = unsafe signalfd(-1, &set, Int32(SFD_NONBLOCK | SFD_CLOEXEC))
    guard descriptor >= 0 else { throw SystemError.last }
  }

  deinit { close(descriptor) }

  /// The name of the signal that waits; `nil` if none does.
  func next() -> String? {
    var information = signalfd_siginfo()
    let length = MemoryLayout<signalfd_siginfo>.size
    guard unsafe read(descriptor, &information, length) == length else { return nil }
    return switch information.ssi_signo {
    case UInt32(SIGINT): "SIGINT"
    case UInt32(SIGHUP): "SIGHUP"
    default: "SIGTERM"
    }
  }
}
