// Fence: this file names kernel objects by paths.
//
// Memory: none of its own; paths are copied by the kernel during the call.
// Owner: a `BPFDescriptor` owns its descriptor and closes it once, in `deinit`.
// Soundness: Swift ends the strings with a zero byte for the length of the call.

import CLinux
import Glibc
package import Netlink

/// A map, a program or a link of the kernel's, which lives as long as someone holds it: this process,
/// another kernel object, or a name in a BPF file system.
@safe
package final class BPFDescriptor: Sendable {
  package let number: Int32

  /// Takes what a call answered: a descriptor, or a negative number and `errno`.
  init(result: Int32) throws(SystemError) {
    guard result >= 0 else { throw SystemError.last }
    number = result
  }

  /// What has the name `path`; `nil` if nothing has.
  package convenience init?(pinnedAt path: String) throws(SystemError) {
    let result = unsafe clinux_bpf_open(path)
    if result < 0, errno == ENOENT { return nil }
    try self.init(result: result)
  }

  deinit { close(number) }

  /// Gives the object the name `path`, under which it stays when the process ends.
  package func pin(at path: String) throws(SystemError) {
    guard unsafe clinux_bpf_pin(number, path) == 0 else { throw SystemError.last }
  }
}
