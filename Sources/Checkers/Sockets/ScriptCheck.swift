// Fence: this file starts programs and waits for their ends.
//
// Memory: the arguments, as C strings, allocated here; records of the C library on the stack.
// Owner: `start`, which frees them when the kernel has copied them.
// Soundness: the list ends with `nil` as the callee wants it; nothing keeps a pointer.

import CLinux
import Glibc
import Health
import LinkIO

/// Whether a program ends well, run by an unprivileged user in a session of its own.
///
/// What it says goes nowhere. Whatever it leaves behind in its session ends with it.
@safe
final class ScriptCheck: SocketCheck {
  /// Readable when the program has ended.
  let descriptor: Int32
  private let process: pid_t

  /// Whether the kernel has forgotten the program, after which its number may be another's.
  private(set) var isReaped = false

  init(_ probe: ScriptProbe) throws(CheckFailure) {
    guard let (user, group) = Self.user(probe.user) else { throw .system(Int(EINVAL)) }
    var texts = unsafe probe.command.map { unsafe strdup($0) } + [nil]
    defer {
      for place in unsafe texts.indices { unsafe free(texts[place]) }
    }
    var process: pid_t = -1
    let code = unsafe clinux_start_script(probe.command[0], &texts, user, group, &process)
    self.process = process
    descriptor = code == 0 ? clinux_open_process(process) : -1
    guard descriptor >= 0 else {
      let reason = code == 0 ? errno : code
      if process > 0 {
        kill(-process, SIGKILL)
        waitpid(process, nil, 0)
      }
      throw .system(Int(reason))
    }
  }

  /// The numbers of the user called `name`, and of its group.
  private static func user(_ name: String) -> (uid_t, gid_t)? {
    var entry = unsafe passwd()
    var found: UnsafeMutablePointer<passwd>?
    var buffer = [CChar](repeating: 0, count: 16_384)
    guard unsafe getpwnam_r(name, &entry, &buffer, buffer.count, &found) == 0,
      unsafe found != nil
    else { return nil }
    return unsafe (entry.pw_uid, entry.pw_gid)
  }

  var interest: Poller.Interest { .readable }

  func advance() -> SocketStep {
    // The program's own entry keeps its number from being another's until it is reaped.
    kill(-process, SIGKILL)
    var status: Int32 = 0
    let waited = unsafe waitpid(process, &status, WNOHANG)
    guard waited != 0 else { return .waiting(nil) }
    isReaped = true
    guard waited == process else { return .over(.failure(.system(Int(errno)))) }
    return .over(Self.result(status))
  }

  /// What the status of waitpid(2) means, as keepalived's MISC_CHECK has it.
  static func result(_ status: Int32) -> CheckResult {
    let signal = status & 0x7f
    guard signal == 0 else { return .failure(.signaled(Int(signal))) }
    let code = Int(status >> 8 & 0xff)
    return switch code {
    case 0: .success
    case 1: .failure(.exited(1))
    default: .weight(code - 2)
    }
  }

  func abandon() {
    if isReaped { close(descriptor) } else { kill(-process, SIGKILL) }
  }

  /// Waits for the end of a program that was killed, and forgets it.
  func reap() {
    waitpid(process, nil, 0)
    isReaped = true
    close(descriptor)
  }
}
