/// Why a network namespace, a link or a device cannot be used, in words for an operator.
package struct LinkError: Error, Equatable, Sendable, CustomStringConvertible {
  package enum Reason: Hashable, Sendable {
    /// The network namespace does not exist, or the path is not one.
    case namespaceMissing
    /// No link of that name is in the namespace.
    case linkMissing
    /// A link that was to be created is there already.
    case linkExists
    /// Another program holds the device.
    case busy
    /// A privilege is missing.
    case notPermitted
    /// The kernel lacks something, or refused for a reason of its own.
    case system
    /// The link is not what the configuration takes it for, or may not be used as it says.
    case unsuitable
  }

  package let reason: Reason

  /// One line: what was found, where, and what is wanted.
  package let message: String

  package init(_ reason: Reason, _ message: String) {
    self.reason = reason
    self.message = message
  }

  /// What went wrong for want of `capability`, as "NET_ADMIN".
  package static func lacking(_ capability: String, _ problem: String) -> Self {
    let option = "in a container: --cap-add \(capability)"
    return Self(.notPermitted, "\(problem); it needs CAP_\(capability) (\(option))")
  }

  /// Whether the system is at fault rather than the configuration: exit code 77, not 2.
  package var isUnavailable: Bool { reason != .unsuitable }

  package var description: String { message }
}
