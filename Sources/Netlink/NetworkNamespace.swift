// Fence: this file runs closures on a thread of their own.
//
// Memory: one `Work` object for each thread.
// Owner: the new thread, which takes the reference over and gives it back before it ends.
// Soundness: the caller waits in `pthread_join`, so what the closure captures outlives the thread and
// is never touched by both at once.

import CLinux
import Glibc

/// A network namespace: the process's own, one under `/run/netns`, or one named by a path.
@safe
package struct NetworkNamespace: Hashable, Sendable {
  /// As the operator wrote it; `nil` for the process's own.
  package let name: String?

  /// The namespace that the process was started in.
  package static var own: Self { Self(nil) }

  /// The namespace `name`: a path if it contains a slash, else a name under `/run/netns`; `nil` is
  /// the process's own.
  package init(_ name: String?) {
    self.name = name
  }

  /// The namespace's file.
  package var path: String {
    guard let name else { return "/proc/self/ns/net" }
    return name.contains("/") ? name : "/run/netns/" + name
  }

  /// Runs `body` on a fresh thread inside the namespace and waits for it; the caller's own thread
  /// never changes its namespace.
  ///
  /// What `body` opens there (sockets, `/dev/net/tun`) stays there.
  package func perform<R>(_ body: () throws(LinkError) -> R) throws(LinkError) -> R {
    if name == nil { return try body() }
    let descriptor = try openFile()
    defer { close(descriptor) }
    var outcome = Result<R, LinkError>.failure(
      LinkError(.system, "no thread could be started for \(self)"))
    withoutActuallyEscaping(body) { body in
      runOnFreshThread {
        outcome = Result { () throws(LinkError) -> R in
          guard clinux_enter_network_namespace(descriptor) == 0 else {
            throw refusal(toEnter: SystemError.last)
          }
          return try body()
        }
      }
    }
    return try outcome.get()
  }

  /// What tells a namespace from another that later takes its name.
  package struct Identity: Hashable, Sendable {
    private let device: UInt
    private let inode: UInt

    /// The number that the kernel gave it, as in "net:[4026531840]"; used again when it is gone.
    package var number: UInt { inode }

    fileprivate init(device: UInt, inode: UInt) {
      self.device = device
      self.inode = inode
    }
  }

  /// The identity of what has this name now.
  package func identity() throws(LinkError) -> Identity {
    let descriptor = try openFile()
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      throw refusal(toOpen: SystemError.last)
    }
    return Identity(device: UInt(status.st_dev), inode: UInt(status.st_ino))
  }

  private func openFile() throws(LinkError) -> Int32 {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw refusal(toOpen: SystemError.last) }
    return descriptor
  }

  /// What the kernel's refusal to open the namespace's file means.
  func refusal(toOpen error: SystemError) -> LinkError {
    switch error.code {
    case ENOENT, ENOTDIR:
      LinkError(.namespaceMissing, "no network namespace \(name ?? ""): \(path) does not exist")
    case EPERM, EACCES:
      LinkError(
        .notPermitted, "\(self) cannot be opened: \(error); it needs permission to read \(path)")
    default:
      LinkError(.system, "\(self) cannot be opened: \(error)")
    }
  }

  /// What the kernel's refusal to let a thread in means.
  func refusal(toEnter error: SystemError) -> LinkError {
    switch error.code {
    case EINVAL, ENOTTY:
      LinkError(.namespaceMissing, "\(path) is not a network namespace")
    case EPERM, EACCES:
      .lacking("SYS_ADMIN", "\(self) cannot be entered: \(error)")
    default:
      LinkError(.system, "\(self) cannot be entered: \(error)")
    }
  }
}

extension NetworkNamespace: CustomStringConvertible {
  /// As it stands in messages: "namespace blue", "the own namespace".
  package var description: String {
    name.map { "namespace \($0)" } ?? "the own namespace"
  }
}

/// What a thread has to do.
private final class Work {
  let run: () -> Void

  init(_ run: @escaping () -> Void) {
    self.run = run
  }
}

/// Runs `body` on a new thread and waits for its end; does nothing when there is no thread to have.
private func runOnFreshThread(_ body: @escaping () -> Void) {
  let work = unsafe Unmanaged.passRetained(Work(body))
  var thread = pthread_t()
  guard unsafe pthread_create(&thread, nil, threadEntry, work.toOpaque()) == 0 else {
    unsafe work.release()
    return
  }
  pthread_join(thread, nil)
}

/// A global function: a closure would inherit the isolation of where it is written.
private func threadEntry(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  if let argument = unsafe argument {
    unsafe Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().run()
  }
  return nil
}
