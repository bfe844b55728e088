// Fence: this file reads the system's clock and sleeps.
//
// Memory: one `timespec` on the stack.
// Owner: the calling function.
// Soundness: both calls write or read that one value only.

package import Frames
import Glibc

/// A clock to wait on while a device is busy.
@safe
package struct RetryClock {
  /// The time on a clock that never goes back.
  package let now: () -> Instant

  /// Waits; the time passed afterwards may be more.
  package let sleep: (Duration) -> Void

  package init(now: @escaping () -> Instant, sleep: @escaping (Duration) -> Void) {
    self.now = now
    self.sleep = sleep
  }

  /// The system's monotonic clock.
  package static var monotonic: Self {
    Self(
      now: {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Instant(
          nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
      },
      sleep: { duration in
        let nanoseconds = max(0, duration.wholeNanoseconds)
        var time = timespec(
          tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        unsafe nanosleep(&time, nil)
      })
  }
}
