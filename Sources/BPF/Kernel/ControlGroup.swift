// Fence: this file opens a directory by its path and asks for its identity.
//
// Memory: one `stat` on the stack; paths are copied by the kernel during the call.
// Owner: the `ControlGroup` object owns its descriptor and closes it once, in `deinit`.
// Soundness: Swift ends the strings with a zero byte; the kernel fills a whole, living value.

import CLinux
import Foundation
import Glibc
import Netlink

/// A control group of version 2: the tasks whose sockets a program sees.
///
/// What counts is the group of the task when it made the listening socket, children included.
@safe
package final class ControlGroup: Sendable {
  package let path: String
  let descriptor: Int32
  /// What tells the group from any other, past and future.
  package let identifier: UInt64

  /// Opens the group whose directory is `path`.
  package init(path: String) throws(BPFError) {
    self.path = path
    let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    self.descriptor = descriptor
    let error = SystemError.last
    var status = stat()
    guard descriptor >= 0, unsafe fstat(descriptor, &status) == 0 else {
      identifier = 0
      throw BPFError(.unsuitable, "control group \(path) cannot be opened: \(error)")
    }
    identifier = UInt64(status.st_ino)
    guard clinux_is_on(descriptor, UInt32(CGROUP2_SUPER_MAGIC)) != 0 else {
      throw BPFError(.unsuitable, "\(path) is no control group of version 2")
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// The group that this process is in.
  package static func own() throws(BPFError) -> ControlGroup {
    guard let group = Self.line(of: "/proc/self/cgroup", after: "0::") else {
      throw BPFError(.unsupported, "this process is in no control group of version 2")
    }
    guard let mounts = try? String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8),
      let place = Self.mountPoint(in: mounts)
    else {
      throw BPFError(
        .unsupported,
        "no control groups of version 2 are mounted here (`ip netns exec` hides them: use "
          + "`nsenter --net=/run/netns/NAME`); name one with --cgroup")
    }
    return try ControlGroup(path: group == "/" ? place : place + group)
  }

  private static func line(of file: String, after prefix: String) -> String? {
    let text = try? String(contentsOfFile: file, encoding: .utf8)
    let line = text?.split(separator: "\n").first { $0.hasPrefix(prefix) }
    return line.map { String($0.dropFirst(prefix.count)) }
  }

  /// Where `mounts`, in the form of /proc/self/mountinfo, has control groups of version 2.
  static func mountPoint(in mounts: String) -> String? {
    for line in mounts.split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard let dash = fields.firstIndex(of: "-"), dash + 1 < fields.count, dash > 4,
        fields[dash + 1] == "cgroup2", fields[3] == "/"
      else { continue }
      return String(fields[4])
    }
    return nil
  }
}
