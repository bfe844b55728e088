// Fence: this file writes and reads the counter of an eventfd.
//
// Memory: one `UInt64` on the stack.
// Owner: the calling function; the descriptor is the object's.
// Soundness: each call is given the address and size of a whole, living value.

import CLinux
import Configuration
import Foundation
import Glibc
package import Netlink
import Synchronization

/// Reads configuration files away from the event loop: a large one takes longer than packets can wait.
@safe
package final class ConfigurationThread: Sendable {
  typealias Outcome = Result<ApplianceConfiguration, ConfigurationError>

  /// Readable when a reading has ended; belongs to this object.
  package let descriptor: Int32
  private let outcome = Mutex<Outcome?>(nil)

  package init() throws(SystemError) {
    descriptor = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
    guard descriptor >= 0 else { throw SystemError.last }
  }

  deinit { close(descriptor) }

  /// Begins to read the file at `path`; one reading at a time.
  func read(_ path: String) {
    let thread = Thread { [self] in finish(Self.load(path)) }
    thread.stackSize = 8 << 20
    thread.name = "configuration"
    thread.start()
  }

  private static func load(_ path: String) -> Outcome {
    do {
      return .success(try ApplianceConfiguration.load(path: path))
    } catch {
      return .failure(error)
    }
  }

  private func finish(_ result: Outcome) {
    outcome.withLock { $0 = result }
    var count: UInt64 = 1
    unsafe write(descriptor, &count, MemoryLayout<UInt64>.size)
  }

  /// What the reading that has ended gave; `nil` if none has.
  func take() -> Outcome? {
    var count: UInt64 = 0
    unsafe Glibc.read(descriptor, &count, MemoryLayout<UInt64>.size)
    return outcome.withLock { outcome in
      defer { outcome = nil }
      return outcome
    }
  }
}
