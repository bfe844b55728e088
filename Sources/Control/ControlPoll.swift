// Fence: this file calls epoll(7).
//
// Memory: none of its own; events are lent to the kernel for one call, with their number.
// Owner: a `ControlPoll` owns its descriptor and closes it once, in `deinit`.
// Soundness: the kernel is told a number that the array has; nothing keeps a pointer.

import CLinux
import Glibc

/// Which of some descriptors are ready; itself a descriptor that is readable while one is.
final class ControlPoll {
  let descriptor: Int32

  init() throws(ControlError) {
    descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
    if descriptor < 0 { throw .system("epoll_create1", code: errno) }
  }

  deinit {
    close(descriptor)
  }

  /// What a descriptor is watched for; a lost peer is seen in any case.
  enum Interest {
    case reading
    case writing
    case nothing

    fileprivate var mask: UInt32 {
      switch self {
      case .reading: EPOLLIN.rawValue
      case .writing: EPOLLOUT.rawValue
      case .nothing: 0
      }
    }
  }

  /// Begins to watch `descriptor`, which closing ends; false if the kernel has no room.
  func add(_ descriptor: Int32, for interest: Interest) -> Bool {
    control(EPOLL_CTL_ADD, descriptor, interest)
  }

  /// Watches `descriptor` for something else.
  func change(_ descriptor: Int32, to interest: Interest) {
    _ = control(EPOLL_CTL_MOD, descriptor, interest)
  }

  private func control(_ operation: Int32, _ descriptor: Int32, _ interest: Interest) -> Bool {
    var event = unsafe epoll_event(events: interest.mask, data: epoll_data_t(fd: descriptor))
    return unsafe epoll_ctl(self.descriptor, operation, descriptor, &event) == 0
  }

  /// At most `limit` descriptors that are ready; those not returned come first next time.
  func ready(limit: Int) -> [Int32] {
    var events = unsafe [epoll_event](repeating: epoll_event(), count: limit)
    let count = unsafe epoll_wait(descriptor, &events, Int32(limit), 0)
    return unsafe events.prefix(Int(max(0, count))).map { unsafe $0.data.fd }
  }
}
