package import Health
package import Netlink

/// Runs checks of servers on threads of its own, and tells each run's result once.
///
/// ```
///   loop's thread ── run(orders) ──┬─> SocketThread: TCP, UDP, ICMP, DNS, scripts ──┐
///                                  └─> HTTPThread: HTTP, HTTPS ─────────────────────┤
///   loop's thread <── takeResults() <── descriptor readable <── CheckMailbox <──────┘
/// ```
/// One thread calls it. A run ends by its deadline whatever its server does. Memory: some 2 KiB a run,
/// with HTTP up to the body's bound of 1 MiB.
package final class CheckRunner {
  private let mailbox: CheckMailbox
  private let sockets: SocketThread
  private let http: HTTPThread
  private var probes: [String: CheckProbe]
  /// Which thread has a run of HTTP; others are the socket thread's.
  private var httpRuns: Set<CheckRun> = []

  /// A runner of the checks whose texts `probes` has.
  package init(probes: [String: CheckProbe]) throws(SystemError) {
    OpenFiles.raiseLimit()
    mailbox = try CheckMailbox()
    sockets = try SocketThread(mailbox)
    http = HTTPThread(mailbox)
    self.probes = probes
  }

  /// Readable while results wait; belongs to this object.
  package var descriptor: Int32 { mailbox.descriptor }

  /// Takes other checks; runs under way go on.
  package func setProbes(_ probes: [String: CheckProbe]) {
    self.probes = probes
  }

  /// Begins, shortens and ends runs as ordered; starts of `path` are the director's matter.
  package func run(_ orders: [CheckOrder]) {
    var commands: [SocketThread.Command] = []
    for order in orders {
      switch order {
      case .start(let start):
        begin(start, commands: &commands)
      case .shorten(let run, let deadline):
        if httpRuns.contains(run) {
          http.shorten(run, to: deadline)
        } else {
          commands.append(.shorten(run, deadline))
        }
      case .cancel(let run):
        if httpRuns.remove(run) != nil { http.cancel(run) } else { commands.append(.cancel(run)) }
      }
    }
    if !commands.isEmpty { sockets.post(commands) }
  }

  private func begin(_ start: CheckStart, commands: inout [SocketThread.Command]) {
    switch probes[start.probe] {
    case .path:
      break
    case .http(let probe):
      httpRuns.insert(start.run)
      http.begin(start, probe)
    case let probe?:
      commands.append(.begin(start, probe))
    case nil:
      mailbox.post(start.run, .failure(.lost))
    }
  }

  /// The results that came since the last time.
  package func takeResults() -> [(run: CheckRun, result: CheckResult)] {
    let results = mailbox.take()
    for (run, _) in results { httpRuns.remove(run) }
    return results
  }

  /// Ends all runs, their scripts, and the threads.
  package func stop() {
    sockets.stop()
    http.stop()
  }
}
