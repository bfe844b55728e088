package import Netlink

/// Why a director cannot be asked, or cannot be asked things of.
package enum ControlError: Error, Equatable, Sendable {
  /// A director of this name runs in this network namespace already.
  case nameTaken(ControlName)
  /// No director of this name runs in the network namespace.
  case notReached(ControlName, namespace: String?)
  /// The network namespace cannot be entered.
  case namespace(LinkError)
  /// The director does not talk to this user; the text is its own.
  case denied(String)
  /// The director refused; the text is its own.
  case refused(String)
  /// The director did not answer in time.
  case timedOut
  /// What the director said is no answer.
  case malformed(String)
  /// The system refused a call.
  case system(String, code: Int32)
}

extension ControlError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .nameTaken(let name):
      if let name = name.name {
        "another tapvs named \(name) runs in this network namespace"
      } else {
        "another tapvs without a name runs in this network namespace: give this one a --name"
      }
    case .notReached(let name, let namespace):
      "no tapvs\(name.name.map { " named \($0)" } ?? "") runs in "
        + (namespace.map { "network namespace \($0)" } ?? "this network namespace")
    case .namespace(let error): error.message
    case .denied(let text), .refused(let text): text.onOneLine
    case .timedOut: "tapvs did not answer in time"
    case .malformed(let text): "tapvs gave no answer that can be read: \(text.onOneLine)"
    case .system(let call, let code): "\(call): \(SystemCall.message(of: code))"
    }
  }
}

extension String {
  /// The text with what a terminal would act on escaped: it may come from anybody.
  fileprivate var onOneLine: String {
    unicodeScalars.reduce(into: "") { text, scalar in
      switch scalar.properties.generalCategory {
      case .control, .lineSeparator, .paragraphSeparator:
        text += "\\u{\(String(scalar.value, radix: 16))}"
      default: text.unicodeScalars.append(scalar)
      }
    }
  }
}
