package import Control
package import Director
package import Netlink

/// Why an appliance cannot run.
package enum ApplianceError: Error, CustomStringConvertible {
  /// A port's device cannot be used.
  case port(String, LinkError)
  /// The control socket cannot be had.
  case control(ControlError)
  /// The connection table cannot be had.
  case memory(TableMemoryError)
  /// The system refused something that every appliance needs.
  case system(String, SystemError)

  /// Whether the system is at fault rather than the configuration.
  package var isUnavailable: Bool {
    switch self {
    case .port(_, let error): error.isUnavailable
    case .control, .memory, .system: true
    }
  }

  package var description: String {
    switch self {
    case .port(let name, let error): "port \(name): \(error)"
    case .control(let error): "\(error)"
    case .memory(let error): "\(error)"
    case .system(let what, let error): "\(what): \(error)"
    }
  }
}
