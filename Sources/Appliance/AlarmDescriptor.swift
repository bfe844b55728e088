// Fence: this file fills and reads C structures of timers.
//
// Memory: one `itimerspec` or `UInt64` on the stack.
// Owner: the calling function.
// Soundness: each call is given the address and size of a whole, living value.

import CLinux
import Frames
import Glibc
package import Netlink

/// A time as something to wait for beside other descriptors.
///
/// A wait with a timeout would set a timer of the kernel's before it sleeps and take it back when it
/// wakes, for each frame that comes alone; this one stays set while frames come and go.
@safe
package final class AlarmDescriptor {
  /// Readable when the time has come; belongs to this object.
  package let descriptor: Int32

  /// When it rings; `nil` when it is not set.
  private var time: Instant?

  package init() throws(SystemError) {
    descriptor = timerfd_create(CLOCK_MONOTONIC, Int32(TFD_NONBLOCK | TFD_CLOEXEC))
    guard descriptor >= 0 else { throw SystemError.last }
  }

  deinit { close(descriptor) }

  /// Lets it ring at `wanted` at the latest, which lies after `now`.
  ///
  /// One that rings earlier stays: who hears it asks again.
  func set(_ wanted: Instant, at now: Instant) {
    if let time, time <= wanted { return }
    let nanoseconds = max(1, now.duration(to: wanted).wholeNanoseconds)
    var setting = itimerspec()
    setting.it_value = timespec(
      tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
    unsafe timerfd_settime(descriptor, 0, &setting, nil)
    time = wanted
  }

  /// Takes note that it has rung.
  func acknowledge() {
    var count: UInt64 = 0
    unsafe read(descriptor, &count, MemoryLayout<UInt64>.size)
    time = nil
  }
}
