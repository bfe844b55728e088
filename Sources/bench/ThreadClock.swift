// Fence: this file asks the kernel for the time.
//
// Memory: a `timespec` on the stack.
// Owner: the call.
// Soundness: the kernel writes no more than the structure during the call.

import Glibc

/// The processor time of this thread: what others do meanwhile does not count.
enum ThreadClock {
  /// Nanoseconds since the thread began.
  static var nanoseconds: UInt64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
