// Fence: this file owns an epoll instance and the events it fills.
//
// Memory: `capacity` events, made in `init`, freed in `deinit`.
// Owner: the `Poller` object, which closes the descriptor and frees the events in `deinit`.
// Soundness: the kernel is told the capacity; only the `count` events that it filled are read, which
// the subscript checks.

import CLinux
import Frames
import Glibc
package import Netlink

/// Waits until one of several descriptors can be read or written.
///
/// Level-triggered: what was not dealt with is reported again. A wait allocates nothing.
@safe
package final class Poller {
  /// A number of the caller's own for each descriptor.
  package typealias Token = UInt64

  /// What to wait for; errors and hang-ups are always reported.
  package struct Interest: OptionSet, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
      self.rawValue = rawValue
    }

    package static let readable = Self(rawValue: EPOLLIN.rawValue)
    package static let writable = Self(rawValue: EPOLLOUT.rawValue)
  }

  /// What a descriptor is ready for.
  package struct Event: Equatable, Sendable {
    package let token: Token
    package let isReadable: Bool
    package let isWritable: Bool
    /// Whether the other side is gone or the descriptor is of no more use.
    package let isBroken: Bool
  }

  /// The most events of one wait; further ones come with the next.
  private static let capacity = 64

  private let descriptor: Int32
  private let events: UnsafeMutablePointer<epoll_event>

  /// How many events the last wait brought.
  package private(set) var count = 0

  package init() throws(SystemError) {
    unsafe events = .allocate(capacity: Self.capacity)
    unsafe events.initialize(repeating: epoll_event(), count: Self.capacity)
    descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
    guard descriptor >= 0 else { throw SystemError.last }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
    unsafe events.deallocate()
  }

  /// Begins to watch `watched`, whose events will carry `token`.
  package func add(
    _ watched: Int32, token: Token, interest: Interest = .readable
  ) throws(SystemError) {
    try control(EPOLL_CTL_ADD, watched, token: token, interest: interest)
  }

  /// Changes what `watched` is watched for.
  package func change(
    _ watched: Int32, token: Token, interest: Interest
  ) throws(SystemError) {
    try control(EPOLL_CTL_MOD, watched, token: token, interest: interest)
  }

  /// Ends watching `watched`, which has to be open still; does nothing if it is not watched.
  package func remove(_ watched: Int32) {
    var event = unsafe epoll_event()
    unsafe epoll_ctl(descriptor, EPOLL_CTL_DEL, watched, &event)
  }

  private func control(
    _ operation: Int32, _ watched: Int32, token: Token, interest: Interest
  ) throws(SystemError) {
    var event = unsafe epoll_event()
    unsafe event.events = interest.rawValue
    unsafe event.data.u64 = token
    guard unsafe epoll_ctl(descriptor, operation, watched, &event) == 0 else {
      throw SystemError.last
    }
  }

  /// Waits until something is ready, at most `timeout` (rounded up to milliseconds; `nil` waits for
  /// ever), and answers the number of events; 0 after the timeout or a signal.
  @discardableResult
  package func wait(timeout: Duration?) -> Int {
    var milliseconds: Int32 = -1
    if let timeout {
      let (whole, rest) = max(0, timeout.wholeNanoseconds).quotientAndRemainder(
        dividingBy: 1_000_000)
      milliseconds = Int32(clamping: rest > 0 ? whole + 1 : whole)
    }
    let found = unsafe epoll_wait(descriptor, events, Int32(Self.capacity), milliseconds)
    count = max(0, Int(found))
    return count
  }

  /// The event at `index` of the last wait; traps outside `0..<count`.
  package subscript(index: Int) -> Event {
    precondition(index >= 0 && index < count)
    let event = unsafe events[index]
    let flags = unsafe event.events
    return unsafe Event(
      token: event.data.u64,
      isReadable: flags & EPOLLIN.rawValue != 0,
      isWritable: flags & EPOLLOUT.rawValue != 0,
      isBroken: flags & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0)
  }
}
