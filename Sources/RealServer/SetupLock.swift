// Fence: this file calls the kernel for a socket whose name is the lock.
//
// Memory: none of its own; a text is lent to the kernel for one call, with its own length.
// Owner: `hold` owns the descriptor and closes it once, when its body has ended.
// Soundness: the kernel is told the text's length; nothing keeps a pointer.

import CLinux
import Glibc
import Netlink

/// Keeps two commands from changing one network namespace at once.
///
/// It is an abstract socket name, which belongs to the namespace and is free when its holder ends.
enum SetupLock {
  /// How long another command may take to end.
  private static var patience: Duration { .seconds(2) }

  /// Runs `body` with the lock of the namespace that the calling thread is in.
  static func hold<R>(_ body: () throws(ServerError) -> R) throws(ServerError) -> R {
    let name = "tapvs-real-server"
    var descriptor = unsafe clinux_listen_abstract(name, name.utf8.count, 1)
    let deadline = ContinuousClock.now + patience
    while descriptor < 0, errno == EADDRINUSE, ContinuousClock.now < deadline {
      usleep(20_000)
      descriptor = unsafe clinux_listen_abstract(name, name.utf8.count, 1)
    }
    guard descriptor >= 0 else {
      guard errno == EADDRINUSE else {
        throw ServerError(.unavailable, "no lock can be had: \(SystemError.last)")
      }
      throw ServerError(
        .wrong, "another tapvs real-server is at work in this network namespace; try again")
    }
    defer { close(descriptor) }
    return try body()
  }
}
