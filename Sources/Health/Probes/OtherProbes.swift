/// A datagram, and what its answer must be.
package struct UDPProbe: Hashable, Sendable {
  package var target: ProbeTarget
  /// What is sent, at most 1472 bytes.
  package var payload: [UInt8] = []
  /// What the answer must begin with; empty for any answer, `nil` if only a refusal (ICMP port
  /// unreachable) is a failure.
  package var reply: [UInt8]?
  /// How long the answer must be.
  package var replyLength: ClosedRange<Int> = 0...65_507

  package init(target: ProbeTarget = ProbeTarget()) {
    self.target = target
  }
}

/// A question to a name server; any answer with code NOERROR is a success.
package struct DNSProbe: Hashable, Sendable {
  package enum RecordType: String, CaseIterable, Sendable {
    case a
    case ns
    case cname
    case soa
    case mx
    case txt
    case aaaa
  }

  package var target: ProbeTarget
  /// The name in question; `.` is the root.
  package var name: String
  package var type: RecordType

  package init(target: ProbeTarget = ProbeTarget(), name: String = ".", type: RecordType = .soa) {
    self.target = target
    self.name = name
    self.type = type
  }
}

/// A program that is run; exit code 0 is a success, 1 a failure, 2-255 a success and, with
/// `dynamic-weight`, the weight plus 2.
package struct ScriptProbe: Hashable, Sendable {
  /// The program, an absolute path, and its arguments; no shell reads them.
  package var command: [String]
  /// The user that it runs as, by name; not root unless it is said.
  package var user: String

  /// Who runs scripts when nothing is said.
  package static let defaultUser = "nobody"

  package init(command: [String], user: String = Self.defaultUser) {
    self.command = command
    self.user = user
  }
}
