// Fence: this file fills and reads a C structure of limits.
//
// Memory: one `rlimit` on the stack.
// Owner: the calling function.
// Soundness: each call is given the address of a whole, living value.

import Glibc

/// How many descriptors the process may have.
@safe
enum OpenFiles {
  /// Enough for all runs at once beside everything else.
  private static let wanted: rlim_t = 16_384

  /// Raises the process's own limit as far as it may, so that many checks do not fail for want of
  /// descriptors.
  static func raiseLimit() {
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0,
      limit.rlim_cur < wanted
    else { return }
    limit.rlim_cur = min(wanted, limit.rlim_max)
    unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }
}
