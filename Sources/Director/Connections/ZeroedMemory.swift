// Fence: this file owns anonymous mappings.
//
// Memory: one mapping of `byteCount` bytes, zero from the start, made in `init`, moved when it grows,
// unmapped in `deinit`.
// Owner: the `ZeroedMemory` value, which cannot be copied; who holds it must not outlive it.
// Soundness: `base` is page-aligned and valid for `byteCount` bytes as long as the value lives and does
// not grow.

import CLinux
import Glibc

/// Long-lived memory whose pages the kernel gives when they are first used, or all at once.
///
/// In pages of the usual size: huge ones showed no gain in any figure, and the first packets would wait
/// while megabytes are cleared.
@safe
struct ZeroedMemory: ~Copyable {
  @unsafe private(set) var base: UnsafeMutableRawPointer
  private var byteCount: Int

  /// Maps `byteCount` bytes (above 0).
  init(byteCount: Int) throws(TableMemoryError) {
    let mapping = unsafe mmap(
      nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    guard let mapping = unsafe mapping, unsafe mapping != MAP_FAILED else {
      throw TableMemoryError(byteCount: byteCount)
    }
    unsafe base = mapping
    self.byteCount = byteCount
  }

  deinit { unsafe munmap(base, byteCount) }

  /// Makes the memory `byteCount` bytes long, which must be more than it is, at another address;
  /// `false` leaves it as it is when the system gives no more.
  mutating func grow(to byteCount: Int) -> Bool {
    let mapping = unsafe clinux_remap(base, self.byteCount, byteCount)
    guard let mapping = unsafe mapping, unsafe mapping != MAP_FAILED else { return false }
    unsafe base = mapping
    self.byteCount = byteCount
    return true
  }

  /// The most that `populate` asks for: about 25 ms of the kernel's time.
  private static let populationLimit = 64 << 20

  /// Has the kernel give the first 64 MiB now rather than to the packets that first use them.
  ///
  /// A kernel that does not know how (before 5.14) or has not enough changes nothing.
  func populate() {
    _ = unsafe madvise(base, min(byteCount, Self.populationLimit), MADV_POPULATE_WRITE)
  }
}

/// The system gives no address space for the connection table.
package struct TableMemoryError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What was asked for, in bytes.
  package let byteCount: Int

  package var description: String {
    """
    no \(byteCount >> 20) MiB of address space for the connection table; \
    a smaller connection limit or more memory is wanted
    """
  }
}
