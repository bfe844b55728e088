package import Frames
import Glibc

/// Answers what is asked of a director, a little in each turn of its event loop.
///
/// ```
///   event loop ── descriptor readable, or nextDeadline reached ──> service(provider, at: now)
///                                                                     │ up to 4 ready clients
///   waiting for a request ──line──> answering ──all sent──> waiting ...
///        │ 5 s                        │ 5 s without a byte taken
///        └──────────> closed <────────┘
/// ```
/// One call makes at most one piece of a listing for each of four clients, so what it takes does not
/// grow with the connection table. Memory: what waits for a client is one answer or one piece of a
/// listing.
package final class ControlServer {
  /// The most clients at a time; others are told so and closed.
  package static let clientLimit = 16

  /// The longest request, its line feed counted.
  package static let requestLengthLimit = 4096

  /// The most events in a line.
  package static let eventLimit = 64

  /// The most connections in a piece of a listing.
  package static let chunkLimit = 128

  /// How long a client may take to ask, or to take the next byte of an answer.
  package static let patience = Duration.seconds(5)

  /// How long no client is accepted after the process ran out of descriptors.
  static let acceptPause = Duration.seconds(1)

  /// The most clients that one call serves.
  private static let turnLimit = 4

  private let listener: ControlSocket
  private let poll: ControlPoll
  private let owner: UInt32
  private var sessions: [Int32: ControlSession] = [:]
  private var acceptsAgain: Instant?

  /// Listens as `name` in the network namespace of the calling thread.
  package convenience init(name: ControlName) throws(ControlError) {
    try self.init(name: name, owner: geteuid())
  }

  /// Listens as `name`; besides root, the user `owner` may ask.
  init(name: ControlName, owner: UInt32) throws(ControlError) {
    self.owner = owner
    poll = try ControlPoll()
    listener = try ControlSocket.listen(at: name)
    guard poll.add(listener.descriptor, for: .reading) else {
      throw .system("epoll_ctl", code: errno)
    }
  }

  /// Readable while there is something to do: the one descriptor to watch.
  package var descriptor: Int32 { poll.descriptor }

  /// When `service` must be called even if nothing is readable; `nil` while nobody is there.
  package var nextDeadline: Instant? {
    var next = acceptsAgain
    for deadline in sessions.values.lazy.compactMap(\.deadline) {
      next = next.map { min($0, deadline) } ?? deadline
    }
    return next
  }

  /// How many clients there are.
  package var clientCount: Int { sessions.count }

  /// Does what can be done now, without waiting; `provider` is asked for what is told.
  package func service(_ provider: borrowing some ControlProvider & ~Copyable, at now: Instant) {
    for ready in poll.ready(limit: Self.turnLimit) {
      if ready == listener.descriptor {
        accept(at: now)
      } else if let session = sessions[ready] {
        session.advance(provider, at: now)
        settle(session)
      }
    }
    expire(at: now)
  }

  /// Lets those go on who wait for events or for the end of an order: something happened.
  ///
  /// Cost: one look at each client.
  package func wake(_ provider: borrowing some ControlProvider & ~Copyable, at now: Instant) {
    for session in sessions.values where session.isWaiting {
      session.advance(provider, at: now)
      settle(session)
    }
  }

  /// Takes on one client.
  private func accept(at now: Instant) {
    switch listener.accept() {
    case .done(let socket):
      welcome(socket, at: now)
    case .failed:
      poll.change(listener.descriptor, to: .nothing)
      acceptsAgain = now.advanced(by: Self.acceptPause)
    case .wouldBlock, .ended:
      break
    }
  }

  private func welcome(_ socket: ControlSocket, at now: Instant) {
    let session = ControlSession(socket, at: now)
    if Self.mayAsk(user: socket.peerUser, owner: owner) {
      guard sessions.count < Self.clientLimit else {
        let reason = "\(Self.clientLimit) clients are connected already: try again later"
        session.refuse(ControlResponse(error: reason))
        return
      }
      guard poll.add(socket.descriptor, for: session.interest) else { return }
      sessions[socket.descriptor] = session
    } else {
      let reason = "only root and the user of this tapvs may ask"
      session.refuse(ControlResponse(error: reason, denied: true))
    }
  }

  /// Whether `user` is told anything: root and the owner are.
  static func mayAsk(user: UInt32?, owner: UInt32) -> Bool {
    user == 0 || user == owner
  }

  /// Forgets a session that has ended, or watches it for what it now waits for.
  private func settle(_ session: ControlSession) {
    if session.isOver {
      sessions[session.descriptor] = nil
    } else {
      poll.change(session.descriptor, to: session.interest)
    }
  }

  private func expire(at now: Instant) {
    for (descriptor, session) in sessions where session.deadline.map({ $0 <= now }) ?? false {
      sessions[descriptor] = nil
    }
    if let again = acceptsAgain, again <= now {
      acceptsAgain = nil
      poll.change(listener.descriptor, to: .reading)
    }
  }
}
