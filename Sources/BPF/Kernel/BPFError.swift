import Glibc
package import Netlink

/// Why an eBPF program, its map or its place cannot be had, in words for an operator.
package struct BPFError: Error, Equatable, Sendable, CustomStringConvertible {
  package enum Reason: Hashable, Sendable {
    /// A privilege is missing.
    case notPermitted
    /// The kernel or the system lacks something.
    case unsupported
    /// The kernel's verifier does not accept the program.
    case refused
    /// What was named is not what it has to be.
    case unsuitable
    /// Anything else that the kernel said.
    case system
  }

  package let reason: Reason

  /// One line: what was found, where, and what is wanted.
  package let message: String

  /// What the verifier wrote, if it was asked; many lines.
  package let log: String

  package init(_ reason: Reason, _ message: String, log: String = "") {
    self.reason = reason
    self.message = message
    self.log = log
  }

  /// What the kernel's refusal of `attempt`, as "map directors cannot be made", means.
  package init(_ error: SystemError, _ attempt: String) {
    switch error.code {
    case EPERM, EACCES:
      let wanted = "CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON, or CAP_SYS_ADMIN"
      self.init(.notPermitted, "\(attempt): \(error); it needs \(wanted)")
    case ENOSYS:
      self.init(.unsupported, "\(attempt): this kernel has no bpf(2)")
    default:
      self.init(.system, "\(attempt): \(error)")
    }
  }

  /// Whether the system is at fault rather than what was asked for: exit code 77, not 2.
  package var isUnavailable: Bool { reason != .unsuitable }

  package var description: String { message }
}
