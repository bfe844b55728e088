// Fence: this file starts a program.
//
// Memory: the arguments, as C strings, allocated here.
// Owner: `start`, which frees them when the kernel has copied them.
// Soundness: the list ends with `nil` as the callee wants it; nothing keeps a pointer.

import CLinux
import Glibc
import Netlink

/// A program that was started and goes on when this one ends.
struct DetachedProgram {
  let process: Int32
  /// From where its standard output is read.
  let output: Int32

  /// Starts `program` with `arguments` in the network namespace of the calling thread; what it says of
  /// itself goes to a new file `log`.
  static func start(
    _ program: String, _ arguments: [String], log: String
  ) throws(SystemError) -> Self {
    try SmallFile.remove(log)
    let errors = SmallFile.create(log)
    guard errors >= 0 else { throw SystemError.last }
    defer { close(errors) }
    var ends: [Int32] = [-1, -1]
    guard unsafe clinux_pipe(&ends) == 0 else { throw SystemError.last }
    defer { close(ends[1]) }
    var texts = unsafe ([program] + arguments).map { unsafe strdup($0) } + [nil]
    defer {
      for place in unsafe texts.indices { unsafe free(texts[place]) }
    }
    var process: pid_t = 0
    let code = unsafe clinux_spawn_detached(program, &texts, ends[1], errors, &process)
    guard code == 0 else {
      close(ends[0])
      throw SystemError(code: code)
    }
    return Self(process: process, output: ends[0])
  }

  /// Waits for its end, which is near, and gives its exit code; `nil` if a signal ended it.
  func exitCode() -> Int32? {
    var status: Int32 = 0
    while unsafe waitpid(process, &status, 0) < 0 {
      if errno != EINTR { return nil }
    }
    return status & 0x7f == 0 ? status >> 8 & 0xff : nil
  }
}
