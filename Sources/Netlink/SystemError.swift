// Fence: this file reads `errno` and its text.
//
// Memory: the C library's own message texts, which are never freed.
// Owner: the C library.
// Soundness: `strerror` answers a terminated string for every number; it is copied at once.

import Glibc

/// A system call's failure.
@safe
package struct SystemError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The number, as in `errno`: positive.
  package let code: Int32

  package init(code: Int32) {
    self.code = code
  }

  /// The failure of the call that came last on this thread.
  package static var last: Self { Self(code: errno) }

  /// The C library's text, as "Operation not permitted".
  package var description: String {
    unsafe String(cString: strerror(code))
  }
}
