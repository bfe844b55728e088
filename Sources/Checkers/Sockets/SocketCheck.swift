import Director
import Glibc
import Health
import LinkIO
import Wire

/// A run of a check that is a descriptor to wait for.
///
/// Made, it has begun.
protocol SocketCheck: AnyObject {
  var descriptor: Int32 { get }

  /// What it waits for first.
  var interest: Poller.Interest { get }

  /// Goes on when the descriptor is ready.
  func advance() -> SocketStep

  /// What it means that nothing came until the deadline.
  var resultOfSilence: CheckResult { get }

  /// Gives everything up; nothing else is called then.
  func abandon()
}

extension SocketCheck {
  var resultOfSilence: CheckResult { .failure(.timedOut) }
}

/// What a check waits for, or its result.
enum SocketStep: Equatable {
  /// It waits; for something else than before unless that is `nil`.
  case waiting(Poller.Interest?)
  case over(CheckResult)
}

/// Where a check goes.
struct Destination {
  let address: IPv4Address
  let port: UInt16
  let source: IPv4Address?

  /// The server, unless the probe says otherwise.
  init(_ server: Endpoint, _ target: ProbeTarget) {
    address = target.address ?? server.address
    port = target.port ?? server.port
    source = target.source
  }
}

extension CheckFailure {
  /// What the error number of a socket means for a check.
  init(code: Int32) {
    switch code {
    case ECONNREFUSED: self = .refused
    case EHOSTUNREACH, ENETUNREACH, EHOSTDOWN, ENETDOWN: self = .unreachable
    case ECONNRESET, EPIPE: self = .closed
    case ETIMEDOUT: self = .timedOut
    default: self = .system(Int(code))
    }
  }
}
