import Frames
import Health

/// A check as read.
struct CheckDraft {
  let probe: CheckProbe
  let settings: CheckSettings
}

/// What a service says of the health of its servers, as read; what was not given is as usual.
struct ServiceHealthDraft {
  /// The checks of servers that say nothing of their own.
  var checks: [Located<CheckDraft>] = []
  var inhibitsOnFailure = false
  var quorum = Located(1, at: .start)
  var hysteresis: Located<Int>?
  var sorryServer: SorryServerDraft?
  var slowStart = Duration.zero
  /// What `syn-suspect` says; `nil` for `off`.
  var synSuspect: Duration? = ServiceHealthDraft.usualSynSuspect

  static let usualSynSuspect = Duration.milliseconds(300)
  static let synSuspectRange = Duration.milliseconds(50)...Duration.seconds(10)
}

/// What a server says of its own health, as read; `nil` for what the service says.
struct ServerHealthDraft {
  var checks: [Located<CheckDraft>]?
  var inhibitsOnFailure: Bool?
}

/// Who serves while the quorum is lost, as read.
struct SorryServerDraft {
  let server: ServerDraft
  let inhibits: Bool
}
