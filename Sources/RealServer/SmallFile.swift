// Fence: this file reads and writes small files by the kernel's own calls.
//
// Memory: none of its own; arrays are lent to the kernel for one call, with their own lengths.
// Owner: each function closes what it opened before it answers.
// Soundness: the kernel is told a length that the array has; nothing keeps a pointer.

import Glibc
import Netlink

/// Files of at most `limit` bytes: settings of the kernel, and what is remembered.
enum SmallFile {
  static let limit = 1 << 20

  /// The bytes of the file at `path`; `nil` if there is none.
  ///
  /// EFBIG if it is longer than `limit`; ELOOP if it is a symbolic link.
  static func read(_ path: String) throws(SystemError) -> [UInt8]? {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw SystemError.last
    }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = unsafe Glibc.read(descriptor, &piece, piece.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw SystemError.last }
      if count == 0 { return bytes }
      bytes += piece[..<count]
      guard bytes.count <= limit else { throw SystemError(code: EFBIG) }
    }
  }

  /// Writes `text` to the file at `path`, which exists, in one go.
  static func write(_ text: String, to path: String) throws(SystemError) {
    let descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemError.last }
    defer { close(descriptor) }
    try write(Array(text.utf8), descriptor)
  }

  /// Makes `bytes` the whole of the file at `path`: a reader sees all of them or none.
  static func replace(_ path: String, with bytes: [UInt8]) throws(SystemError) {
    let fresh = path + ".new"
    unsafe unlink(fresh)
    let descriptor = create(fresh)
    guard descriptor >= 0 else { throw SystemError.last }
    do throws(SystemError) {
      defer { close(descriptor) }
      try write(bytes, descriptor)
      guard fsync(descriptor) == 0 else { throw SystemError.last }
    } catch {
      unsafe unlink(fresh)
      throw error
    }
    guard unsafe rename(fresh, path) == 0 else { throw SystemError.last }
  }

  /// Opens a new, empty file that its owner alone may read: its descriptor, or -1 with `errno` set.
  static func create(_ path: String) -> Int32 {
    unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
  }

  /// Removes the file at `path`, if there is one.
  static func remove(_ path: String) throws(SystemError) {
    guard unsafe unlink(path) != 0, errno != ENOENT else { return }
    throw SystemError.last
  }

  /// Makes the directory at `path` if it is missing, and says what is wrong with one that is there.
  static func directory(_ path: String) throws(SystemError) -> String? {
    guard unsafe mkdir(path, 0o755) == 0 || errno == EEXIST else { throw SystemError.last }
    return try fault(of: path, kind: S_IFDIR)
  }

  /// Why what is at `path` cannot be believed; `nil` if nobody else could have written it.
  static func fault(of path: String, kind: mode_t) throws(SystemError) -> String? {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { throw SystemError.last }
    if status.st_mode & S_IFMT != kind {
      return kind == S_IFDIR ? "is no directory" : "is no regular file"
    }
    if status.st_uid != geteuid() { return "belongs to user \(status.st_uid), not \(geteuid())" }
    return status.st_mode & 0o022 == 0 ? nil : "may be written by others"
  }

  private static func write(_ bytes: [UInt8], _ descriptor: Int32) throws(SystemError) {
    var written = 0
    while written < bytes.count {
      let rest = Array(bytes[written...])
      let count = unsafe Glibc.write(descriptor, rest, rest.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw SystemError.last }
      written += count
    }
  }
}
