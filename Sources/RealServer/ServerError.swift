package import Netlink

/// Why a real server is not as it is wanted, in words for an operator.
package struct ServerError: Error, Equatable, Sendable, CustomStringConvertible {
  package enum Reason: Sendable {
    /// The server is not such that this can be done.
    case wrong
    /// What was asked for makes no sense.
    case usage
    /// The system, or a missing privilege, does not allow it.
    case unavailable
  }

  package let reason: Reason

  /// One line: what was found, where, and what is wanted.
  package let message: String

  package init(_ reason: Reason, _ message: String) {
    self.reason = reason
    self.message = message
  }

  package init(_ error: LinkError) {
    let reason: Reason =
      switch error.reason {
      case .namespaceMissing: .usage
      case .linkMissing, .linkExists, .busy, .unsuitable: .wrong
      case .notPermitted, .system: .unavailable
      }
    self.init(reason, error.message)
  }

  package var description: String { message }
}
