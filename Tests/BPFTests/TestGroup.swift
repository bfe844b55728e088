import Foundation
import Glibc

@testable import BPF

/// A control group of a test's own, removed with the value.
struct TestGroup: ~Copyable {
  let path: String

  /// Whether there are control groups of version 2, and root may make them.
  static var isPossible: Bool {
    guard geteuid() == 0, let root else { return false }
    return FileManager.default.isWritableFile(atPath: root)
  }

  private static var root: String? {
    let mounts = try? String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8)
    return mounts.flatMap(ControlGroup.mountPoint)
  }

  init() throws {
    let name = "tapvs-test-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    path = (Self.root ?? "/nonexistent") + "/" + name
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  }

  deinit { unsafe rmdir(path) }
}
