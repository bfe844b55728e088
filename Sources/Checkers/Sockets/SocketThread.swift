import Foundation
import Frames
import Glibc
import Health
import LinkIO
import Netlink
import Synchronization

/// The thread of all checks that are a descriptor to wait for.
final class SocketThread: Sendable {
  enum Command: Sendable {
    case begin(CheckStart, CheckProbe)
    case shorten(CheckRun, Instant)
    case cancel(CheckRun)
    case stop
  }

  private let commands = Mutex<[Command]>([])
  private let wake: Int32
  /// Told when the thread has ended.
  private let ended = DispatchSemaphore(value: 0)

  init(_ mailbox: CheckMailbox) throws(SystemError) {
    wake = try Wake.open()
    let poller = try Poller()
    try poller.add(wake, token: SocketWorker.wakeToken)
    let box = Handover(SocketWorker(poller, mailbox))
    let thread = Thread { [self] in work(box.content) }
    thread.name = "checks"
    thread.start()
  }

  deinit { close(wake) }

  /// Hands `list` to the thread.
  func post(_ list: [Command]) {
    let isFirst = commands.withLock { commands in
      defer { commands += list }
      return commands.isEmpty
    }
    if isFirst { Wake.signal(wake) }
  }

  /// Ends all runs and waits for the thread.
  func stop() {
    post([.stop])
    ended.wait()
  }

  private func work(_ worker: SocketWorker) {
    while !worker.isStopped {
      let isWoken = worker.turn()
      guard isWoken else { continue }
      let list = commands.withLock { commands in
        Wake.acknowledge(wake)
        defer { commands = [] }
        return commands
      }
      for command in list { worker.obey(command) }
    }
    ended.signal()
  }
}

/// Something made on one thread for another, which alone uses it from then on.
private struct Handover<Content>: @unchecked Sendable {
  let content: Content

  init(_ content: Content) {
    self.content = content
  }
}
