import Frames
import Glibc
import Health
import HeapModule
import LinkIO
import Netlink
import Wire

/// The runs of the socket thread: waits for descriptors and deadlines.
///
/// Used by that thread alone.
final class SocketWorker {
  /// The most runs at a time; others fail as if the system had no descriptors left.
  static let runLimit = 8192

  static let wakeToken = Poller.Token.max

  private struct Running {
    let run: CheckRun
    let check: any SocketCheck
    var deadline: Instant
  }

  /// A deadline, which counts if the run is still there and has no other.
  private struct Due: Comparable {
    let deadline: Instant
    let number: UInt64

    static func < (left: Self, right: Self) -> Bool { left.deadline < right.deadline }
  }

  private let poller: Poller
  private let mailbox: CheckMailbox
  private let clock = RetryClock.monotonic
  /// By a number of their own, which is their token.
  private var runs: [UInt64: Running] = [:]
  private var numbers: [CheckRun: UInt64] = [:]
  private var due = Heap<Due>()
  private var lastNumber: UInt64 = 0
  /// Scripts that were killed and are not gone yet.
  private var dying: [UInt64: ScriptCheck] = [:]

  private(set) var isStopped = false

  init(_ poller: Poller, _ mailbox: CheckMailbox) {
    self.poller = poller
    self.mailbox = mailbox
  }

  /// Waits for what comes next and deals with it; answers whether there are commands.
  func turn() -> Bool {
    poller.wait(timeout: pause)
    var isWoken = false
    for position in 0..<poller.count {
      let event = poller[position]
      if event.token == Self.wakeToken {
        isWoken = true
      } else if let script = dying.removeValue(forKey: event.token) {
        poller.remove(script.descriptor)
        script.reap()
      } else {
        advance(event.token)
      }
    }
    expire()
    return isWoken
  }

  /// Until the next deadline; `nil` for ever.
  private var pause: Duration? {
    guard let first = due.min else { return nil }
    let now = clock.now()
    // Rounded up: epoll counts milliseconds, and early is too early.
    return first.deadline <= now
      ? .zero : now.duration(to: first.deadline) + .microseconds(999)
  }

  func obey(_ command: SocketThread.Command) {
    switch command {
    case .begin(let start, let probe): begin(start, probe)
    case .shorten(let run, let deadline): shorten(run, to: deadline)
    case .cancel(let run):
      if let number = numbers[run] { drop(number) }
    case .stop:
      for number in Array(runs.keys) { drop(number) }
      for script in dying.values { script.reap() }
      isStopped = true
    }
  }

  private func begin(_ start: CheckStart, _ probe: CheckProbe) {
    guard runs.count < Self.runLimit else {
      return mailbox.post(start.run, .failure(.system(Int(ENFILE))))
    }
    let check: any SocketCheck
    do throws(CheckFailure) {
      check = try Self.check(probe, of: start)
    } catch {
      return mailbox.post(start.run, .failure(error))
    }
    lastNumber += 1
    do {
      try poller.add(check.descriptor, token: lastNumber, interest: check.interest)
    } catch {
      check.abandon()
      return mailbox.post(start.run, .failure(.system(Int(error.code))))
    }
    runs[lastNumber] = Running(run: start.run, check: check, deadline: start.deadline)
    numbers[start.run] = lastNumber
    due.insert(Due(deadline: start.deadline, number: lastNumber))
  }

  /// The check that asks `probe` of the server of `start`, begun.
  private static func check(
    _ probe: CheckProbe, of start: CheckStart
  ) throws(CheckFailure) -> any SocketCheck {
    switch probe {
    case .tcp(let target): try TCPCheck(Destination(start.server, target))
    case .udp(let probe): try UDPCheck(Destination(start.server, probe.target), probe)
    case .icmp(let target): try ICMPCheck(Destination(start.server, target))
    case .dns(let probe): try DNSCheck(Destination(start.server, probe.target), probe)
    case .script(let probe): try ScriptCheck(probe)
    case .http, .path: throw .lost
    }
  }

  private func shorten(_ run: CheckRun, to deadline: Instant) {
    guard let number = numbers[run], let running = runs[number], deadline < running.deadline else {
      return
    }
    runs[number]?.deadline = deadline
    due.insert(Due(deadline: deadline, number: number))
  }

  private func advance(_ number: UInt64) {
    guard let running = runs[number] else { return }
    switch running.check.advance() {
    case .waiting(let interest):
      if let interest {
        try? poller.change(running.check.descriptor, token: number, interest: interest)
      }
    case .over(let result):
      drop(number)
      mailbox.post(running.run, result)
    }
  }

  /// Lets runs fail whose time is over.
  private func expire() {
    guard !due.isEmpty else { return }
    let now = clock.now()
    while let first = due.min, first.deadline <= now {
      due.removeMin()
      guard let running = runs[first.number], running.deadline <= now else { continue }
      drop(first.number)
      mailbox.post(running.run, running.check.resultOfSilence)
    }
  }

  /// Ends a run without a word.
  private func drop(_ number: UInt64) {
    guard let running = runs.removeValue(forKey: number) else { return }
    numbers[running.run] = nil
    poller.remove(running.check.descriptor)
    running.check.abandon()
    guard let script = running.check as? ScriptCheck, !script.isReaped else { return }
    // The kernel says when it is gone.
    if (try? poller.add(script.descriptor, token: number)) != nil {
      dying[number] = script
    } else {
      script.reap()
    }
  }
}
