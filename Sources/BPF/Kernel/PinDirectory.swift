// Fence: this file makes and removes names in the BPF file system.
//
// Memory: none of its own; paths are copied by the kernel during the call.
// Owner: the names belong to whoever runs `tapvs`; descriptors are closed where they are opened.
// Soundness: Swift ends the strings with a zero byte for the length of the call.

import CLinux
import Foundation
import Glibc
import Netlink

/// A directory of names in the BPF file system, which hold kernel objects beyond the end of a process.
@safe
package struct PinDirectory: Sendable {
  /// Where the BPF file system belongs.
  private static let root = "/sys/fs/bpf"

  /// The directory that holds all of ours.
  private static let parent = root + "/tapvs"

  package let path: String

  /// The directory `name`, which need not exist.
  package init(_ name: String) {
    path = Self.parent + "/" + name
  }

  package func path(of name: String) -> String { path + "/" + name }

  /// Makes the directory, and mounts the BPF file system where it is missing.
  package func prepare() throws(BPFError) {
    if !Self.isMounted {
      try Self.refuseFleetingMount()
      guard unsafe clinux_mount_bpf(Self.root) == 0 else {
        let error = SystemError.last
        let attempt = "no BPF file system at \(Self.root), and none can be mounted"
        let wanted = error.code == EPERM ? "; it needs CAP_SYS_ADMIN" : ""
        throw BPFError(
          error.code == EPERM ? .notPermitted : .unsupported, "\(attempt): \(error)\(wanted)")
      }
    }
    for directory in [Self.parent, path] {
      guard unsafe mkdir(directory, 0o700) == 0 || errno == EEXIST else {
        throw BPFError(SystemError.last, "\(directory) cannot be made")
      }
    }
  }

  /// Removes `names` and the directory, if they are there.
  package func remove(_ names: [String]) throws(BPFError) {
    for name in names { unpin(name) }
    guard unsafe rmdir(path) == 0 || errno == ENOENT || errno == ENOTDIR else {
      throw BPFError(SystemError.last, "\(path) cannot be removed")
    }
    // Not empty while another group has something.
    _ = unsafe rmdir(Self.parent)
  }

  package func unpin(_ name: String) {
    _ = unsafe unlink(path(of: name))
  }

  private static var isMounted: Bool {
    let descriptor = unsafe open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return clinux_is_on(descriptor, UInt32(BPF_FS_MAGIC)) != 0
  }

  /// Refuses to mount where the mount would go with this very process, and with it all names: that is
  /// what `ip netns exec` makes, which gives each command a mount namespace of its own.
  private static func refuseFleetingMount() throws(BPFError) {
    let manager = FileManager.default
    let own = try? manager.destinationOfSymbolicLink(atPath: "/proc/self/ns/mnt")
    let numbers = ((try? manager.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap(pid_t.init)
    let isShared = numbers.contains { number in
      number != getpid()
        && (try? manager.destinationOfSymbolicLink(atPath: "/proc/\(number)/ns/mnt")) == own
    }
    guard own == nil || isShared else {
      throw BPFError(
        .unsupported,
        "no BPF file system at \(root), and what is mounted here goes with this command "
          + "(`ip netns exec` does that: use `nsenter --net=/run/netns/NAME`)")
    }
  }
}
