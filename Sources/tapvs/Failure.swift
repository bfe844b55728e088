import Control
import Foundation
import Netlink

/// How the program ends: what scripts may rely on.
enum TapVSExitCode: Int32 {
  case fine = 0
  /// The thing asked about is wrong.
  case wrong = 1
  /// Usage or configuration.
  case usage = 2
  /// No director reached.
  case notReached = 3
  /// Not possible on this system.
  case unavailable = 77

  /// Ends the program.
  func exit() -> Never {
    Foundation.exit(rawValue)
  }
}

/// Why a command does not end well: a text for people and a code for scripts.
struct Failure: Error {
  let code: TapVSExitCode
  /// One or several lines; empty if all is said.
  let message: String
  /// What stands before the message.
  private let prefix: String

  init(_ code: TapVSExitCode, _ message: String, prefix: String = "tapvs: ") {
    self.code = code
    self.message = message
    self.prefix = prefix
  }

  init(_ error: ControlError) {
    let code: TapVSExitCode =
      switch error {
      case .notReached, .timedOut: .notReached
      case .namespace(let error): error.reason == .namespaceMissing ? .notReached : .unavailable
      case .denied: .unavailable
      case .nameTaken, .refused, .malformed, .system: .wrong
      }
    self.init(code, error.description)
  }

  /// Says it on standard error.
  func report() {
    if !message.isEmpty { StandardError.write(prefix + message + "\n") }
  }
}
