// Fence: this file writes and reads the counter of an eventfd.
//
// Memory: one `UInt64` on the stack.
// Owner: the calling function; the descriptor is the object's.
// Soundness: each call is given the address and size of a whole, living value.

import CLinux
import Glibc
import Health
import Netlink
import Synchronization

/// Results on their way from the threads that run checks to the one that asked for them.
@safe
final class CheckMailbox: Sendable {
  /// Readable while results wait.
  let descriptor: Int32
  private let results = Mutex<[(run: CheckRun, result: CheckResult)]>([])

  init() throws(SystemError) {
    descriptor = try Wake.open()
  }

  deinit { close(descriptor) }

  func post(_ run: CheckRun, _ result: CheckResult) {
    let isFirst = results.withLock { results in
      results.append((run, result))
      return results.count == 1
    }
    if isFirst { Wake.signal(descriptor) }
  }

  func take() -> [(run: CheckRun, result: CheckResult)] {
    results.withLock { results in
      Wake.acknowledge(descriptor)
      defer { results = [] }
      return results
    }
  }
}

/// A descriptor by which one thread wakes another.
@safe
enum Wake {
  static func open() throws(SystemError) -> Int32 {
    let descriptor = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
    guard descriptor >= 0 else { throw SystemError.last }
    return descriptor
  }

  /// Makes `descriptor` readable.
  static func signal(_ descriptor: Int32) {
    var count: UInt64 = 1
    unsafe write(descriptor, &count, MemoryLayout<UInt64>.size)
  }

  /// Makes it unreadable again.
  static func acknowledge(_ descriptor: Int32) {
    var count: UInt64 = 0
    unsafe read(descriptor, &count, MemoryLayout<UInt64>.size)
  }
}
