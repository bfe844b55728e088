/// How one check ended.
package enum CheckResult: Hashable, Sendable {
  case success
  /// A success that tells a weight, as a script does by its exit code less 2.
  case weight(Int)
  case failure(CheckFailure)

  package var isFailure: Bool {
    if case .failure = self { true } else { false }
  }
}

/// Why a check failed: a closed list, so that events can be counted and searched by it.
package enum CheckFailure: Error, Hashable, Sendable {
  /// No answer, or no whole one, within the time limit.
  case timedOut
  /// The server refused: a reset, or port unreachable.
  case refused
  /// Nothing leads there: no route, no neighbour, or a router said so.
  case unreachable
  /// The connection ended before the answer was whole.
  case closed
  /// An answer with a status that is not wanted: HTTP status or DNS response code.
  case status(Int)
  /// An answer whose content is not what is wanted.
  case content
  /// An answer that breaks its protocol.
  case malformed
  /// An answer longer than is read.
  case tooLong
  /// A certificate that does not hold.
  case certificate
  /// The server lives, but answers to clients do not come back by the director (NAT).
  case wrongGateway
  /// The server lives, but does not take packets to the virtual address (DR).
  case noVirtualAddress
  /// The server lives, but takes nothing out of its tunnel (TUNNEL).
  case noDecapsulation
  /// A script that ended with this exit code.
  case exited(Int)
  /// A script that a signal ended.
  case signaled(Int)
  /// The check could not be made: an error number of the system.
  case system(Int)
  /// Whoever runs the checks told no result in time.
  case lost

  /// The word for it in events, without the number.
  package var name: String {
    switch self {
    case .timedOut: "timeout"
    case .refused: "refused"
    case .unreachable: "unreachable"
    case .closed: "closed"
    case .status: "status"
    case .content: "content"
    case .malformed: "malformed"
    case .tooLong: "too-long"
    case .certificate: "certificate"
    case .wrongGateway: "wrong-gateway"
    case .noVirtualAddress: "no-virtual-address"
    case .noDecapsulation: "no-decapsulation"
    case .exited: "exit"
    case .signaled: "signal"
    case .system: "system"
    case .lost: "lost"
    }
  }

  /// The status, exit code, signal or error number; `nil` where there is none.
  package var number: Int? {
    switch self {
    case .status(let number), .exited(let number), .signaled(let number), .system(let number):
      number
    case .timedOut, .refused, .unreachable, .closed, .content, .malformed, .tooLong, .certificate,
      .wrongGateway, .noVirtualAddress, .noDecapsulation, .lost:
      nil
    }
  }
}
