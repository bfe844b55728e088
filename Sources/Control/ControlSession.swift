import Frames

/// One client of a control server.
final class ControlSession {
  private let socket: ControlSocket
  /// What came of a request that is not complete.
  private var input: [UInt8] = []
  /// What the client has not taken yet.
  private var output: ArraySlice<UInt8> = []
  private var listing: Listing?
  /// The events that the client is to hear, and whether it waits for more.
  private var following: Following?
  /// The number of the order whose end is waited for.
  private var order: UInt64?
  private var endsAfterOutput = false

  /// When the client has taken too long; `nil` while it is not its turn.
  var deadline: Instant? { isWaiting ? nil : patienceEnd }

  private var patienceEnd: Instant

  private struct Following {
    var sequence: UInt64
    var rest: Int
    let isEndless: Bool
    /// Whether all there is has been told.
    var isIdle = false
  }

  /// Whether the session is to be closed.
  private(set) var isOver = false

  init(_ socket: ControlSocket, at now: Instant) {
    self.socket = socket
    patienceEnd = now.advanced(by: ControlServer.patience)
  }

  /// Whether there is nothing to do until something happens, or the client leaves.
  var isWaiting: Bool {
    output.isEmpty && listing == nil && (order != nil || following?.isIdle ?? false)
  }

  var descriptor: Int32 { socket.descriptor }

  /// What the session waits for: a request, or room for what is said to one.
  var interest: ControlPoll.Interest {
    // Whoever leaves is told of in any case.
    if isWaiting { return .nothing }
    return isAnswering || hasRequest ? .writing : .reading
  }

  private var isAnswering: Bool {
    !output.isEmpty || listing != nil || order != nil || following != nil
  }

  private var hasRequest: Bool { input.contains(UInt8(ascii: "\n")) }

  /// Says why nothing else will be said, as far as the socket takes it at once.
  func refuse(_ response: ControlResponse) {
    _ = socket.send(ControlCoding.line(response)[...])
    isOver = true
  }

  /// Takes one step: reads a request, or writes a piece of an answer.
  func advance(_ provider: borrowing some ControlProvider & ~Copyable, at now: Instant) {
    if interest == .reading { read(at: now) }
    if isWaiting, socket.isHungUp {
      isOver = true
      return
    }
    if !isAnswering { answerNext(provider, at: now) }
    if output.isEmpty { makePiece(provider) }
    if output.isEmpty { takeAnswer(provider, at: now) }
    if output.isEmpty { tellEvents(provider, at: now) }
    write(at: now)
  }

  private func read(at now: Instant) {
    switch socket.receive(limit: ControlServer.requestLengthLimit - input.count) {
    case .done(let bytes): input += bytes
    case .wouldBlock: break
    case .ended, .failed: isOver = true
    }
  }

  /// Begins to answer the first complete request.
  private func answerNext(_ provider: borrowing some ControlProvider & ~Copyable, at now: Instant) {
    guard let lineEnd = input.firstIndex(of: UInt8(ascii: "\n")) else {
      if input.count >= ControlServer.requestLengthLimit {
        end(with: "a request of more than \(ControlServer.requestLengthLimit) bytes")
      }
      return
    }
    let line = Array(input[..<lineEnd])
    input.removeSubrange(...lineEnd)
    patienceEnd = now.advanced(by: ControlServer.patience)
    do {
      begin(try ControlCoding.request(line), provider)
    } catch {
      end(with: error.description)
    }
  }

  private func begin(
    _ request: ControlRequest, _ provider: borrowing some ControlProvider & ~Copyable
  ) {
    switch request.command {
    case .status:
      output = ControlCoding.line(ControlResponse(status: provider.status()))[...]
    case .ports:
      output = ControlCoding.line(ControlResponse(ports: provider.ports()))[...]
    case .connections:
      listing = Listing(request)
    case .events:
      following = Following(
        sequence: request.since ?? 0, rest: max(0, request.limit ?? .max),
        isEndless: request.follow ?? false)
    case .reload, .plan, .apply, .confirm, .rollback, .drain, .undrain, .drains:
      switch provider.obey(request) {
      case .done(let response): output = ControlCoding.line(response)[...]
      case .later(let number): order = number
      }
    }
  }

  /// Tells the end of an order, if it has come.
  private func takeAnswer(
    _ provider: borrowing some ControlProvider & ~Copyable, at now: Instant
  ) {
    guard let number = order, let response = provider.takeAnswer(number) else { return }
    order = nil
    patienceEnd = now.advanced(by: ControlServer.patience)
    output = ControlCoding.line(response)[...]
  }

  /// Tells the next events, if there are any.
  private func tellEvents(
    _ provider: borrowing some ControlProvider & ~Copyable, at now: Instant
  ) {
    guard var following else { return }
    let limit = min(following.rest, ControlServer.eventLimit)
    let (events, lost) = provider.events(after: following.sequence, limit: limit)
    following.sequence = events.last?.sequence ?? following.sequence
    following.rest -= events.count
    let hasMore = following.isEndless ? following.rest > 0 : events.count == limit && limit > 0
    following.isIdle = events.isEmpty
    self.following = hasMore ? following : nil
    if events.isEmpty && hasMore { return }
    patienceEnd = now.advanced(by: ControlServer.patience)
    output =
      ControlCoding.line(
        ControlResponse(
          events: events, lostEvents: lost > 0 ? lost : nil, more: hasMore ? true : nil))[...]
  }

  /// Says what was wrong and closes.
  private func end(with reason: String) {
    output = ControlCoding.line(ControlResponse(error: reason))[...]
    endsAfterOutput = true
  }

  /// Makes the next piece of a listing; one that would say nothing is left out.
  private func makePiece(_ provider: borrowing some ControlProvider & ~Copyable) {
    guard var listing else { return }
    let piece = listing.next(from: provider)
    self.listing = listing.isOver ? nil : listing
    if piece.isEmpty && !listing.isOver { return }
    output = ConnectionLine(piece, more: !listing.isOver).bytes[...]
  }

  /// Sends what the socket takes; a step of a listing is progress even if nothing was found.
  private func write(at now: Instant) {
    if output.isEmpty {
      if listing != nil { patienceEnd = now.advanced(by: ControlServer.patience) }
      return
    }
    switch socket.send(output) {
    case .done(let count):
      output = output.dropFirst(count)
      patienceEnd = now.advanced(by: ControlServer.patience)
    case .wouldBlock: break
    case .ended, .failed: isOver = true
    }
    if output.isEmpty && endsAfterOutput { isOver = true }
  }
}
