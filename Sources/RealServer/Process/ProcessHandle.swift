// Fence: this file calls the kernel to wait for and end a process, and to read what it says.
//
// Memory: a `pollfd` on the stack, lent for one call; an array with its own length.
// Owner: a `ProcessHandle` owns its descriptor and closes it once, in `deinit`.
// Soundness: the kernel is told lengths that are so; nothing keeps a pointer.

import CLinux
import Glibc
import Netlink

/// A process that is held: its number cannot be given to another meanwhile.
struct ProcessHandle: ~Copyable {
  private let descriptor: Int32
  private let number: Int32

  /// Holds `process`; `nil` if it has ended.
  init?(_ process: ProcessIdentity) {
    let opened = clinux_open_process(process.number)
    guard opened >= 0 else { return nil }
    // Only now that it is held is it known that it is the same.
    guard process.isRunning else {
      close(opened)
      return nil
    }
    descriptor = opened
    number = process.number
  }

  deinit { close(descriptor) }

  /// Waits for its end, at most `patience`; whether it has ended.
  func hasEnded(within patience: Duration) -> Bool {
    Readable.wait(descriptor, until: .now + patience)
  }

  /// Asks it to end, and makes it end if it does not within `patience`; whether it has ended.
  ///
  /// Unless it `reaps`, a child of this process keeps its exit code for whoever wants it.
  func end(patience: Duration = .seconds(5), reaps: Bool = true) -> Bool {
    for signal in [SIGTERM, SIGKILL] {
      _ = clinux_signal_process(descriptor, signal)
      guard hasEnded(within: patience) else { continue }
      // If it is a child of this process, nobody else will ask how it ended.
      if reaps { waitpid(number, nil, WNOHANG) }
      return true
    }
    return false
  }
}

/// Descriptors that become readable.
enum Readable {
  /// Waits until `descriptor` is readable or at its end; `false` when `deadline` came before.
  static func wait(_ descriptor: Int32, until deadline: ContinuousClock.Instant) -> Bool {
    while true {
      let left = (deadline - .now) / .milliseconds(1)
      var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let count = unsafe poll(&watched, 1, Int32(max(0, min(left.rounded(.up), 60_000))))
      if count > 0 { return true }
      if count < 0, errno != EINTR { return false }
      if left <= 0 { return false }
    }
  }

  /// The first line that comes from `descriptor`, without its line feed; `nil` if it ends or
  /// `deadline` comes before.
  static func line(_ descriptor: Int32, until deadline: ContinuousClock.Instant) -> Line {
    var bytes: [UInt8] = []
    var octet: UInt8 = 0
    while bytes.count < 200 {
      guard wait(descriptor, until: deadline) else { return .late }
      let count = unsafe read(descriptor, &octet, 1)
      if count < 0, errno == EINTR { continue }
      guard count == 1 else { return .ended }
      if octet == UInt8(ascii: "\n") { break }
      bytes.append(octet)
    }
    return .said(String(decoding: bytes, as: UTF8.self))
  }

  enum Line: Equatable {
    case said(String)
    case ended
    case late
  }
}
