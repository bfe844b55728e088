import Frames

/// One client of a control server.
final class ControlSession {
  private let socket: ControlSocket
  /// What came of a request that is not complete.
  private var input: [UInt8] = []
  /// What the client has not taken yet.
  private var output: ArraySlice<UInt8> = []
  private var listing: Listing?
  private var endsAfterOutput = false

  /// When the client has waited too long.
  private(set) var deadline: Instant

  /// Whether the session is to be closed.
  private(set) var isOver = false

  init(_ socket: ControlSocket, at now: Instant) {
    self.socket = socket
    deadline = now.advanced(by: ControlServer.patience)
  }

  var descriptor: Int32 { socket.descriptor }

  /// What the session waits for: a request, or room for what is said to one.
  var interest: ControlPoll.Interest {
    isAnswering || hasRequest ? .writing : .reading
  }

  private var isAnswering: Bool { !output.isEmpty || listing != nil }

  private var hasRequest: Bool { input.contains(UInt8(ascii: "\n")) }

  /// Says why nothing else will be said, as far as the socket takes it at once.
  func refuse(_ response: ControlResponse) {
    _ = socket.send(ControlCoding.line(response)[...])
    isOver = true
  }

  /// Takes one step: reads a request, or writes a piece of an answer.
  func advance(_ provider: borrowing some ControlProvider & ~Copyable, at now: Instant) {
    if interest == .reading { read(at: now) }
    if !isAnswering { answerNext(provider, at: now) }
    if output.isEmpty { makePiece(provider) }
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
    deadline = now.advanced(by: ControlServer.patience)
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
    }
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
      if listing != nil { deadline = now.advanced(by: ControlServer.patience) }
      return
    }
    switch socket.send(output) {
    case .done(let count):
      output = output.dropFirst(count)
      deadline = now.advanced(by: ControlServer.patience)
    case .wouldBlock: break
    case .ended, .failed: isOver = true
    }
    if output.isEmpty && endsAfterOutput { isOver = true }
  }
}
