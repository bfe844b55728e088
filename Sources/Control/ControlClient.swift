package import Netlink

/// Asks a director, and waits for its answers.
package final class ControlClient {
  /// The longest line of an answer that is read: 64 MiB.
  static let lineLengthLimit = 64 << 20

  private let socket: ControlSocket
  private var input: [UInt8] = []

  /// Connects to the director `name` of `namespace`; each step waits for it no longer than
  /// `timeout`.
  package init(
    name: ControlName, in namespace: NetworkNamespace = .own, timeout: Duration = .seconds(10)
  ) throws(ControlError) {
    let attempt: Result<ControlSocket, ControlError>
    do {
      attempt = try namespace.perform { () throws(LinkError) in
        Result { () throws(ControlError) in try ControlSocket.connect(to: name, timeout: timeout) }
      }
    } catch {
      throw .namespace(error)
    }
    do {
      socket = try attempt.get()
    } catch .notReached {
      throw .notReached(name, namespace: namespace.name)
    }
  }

  /// Sends `request` and gives each line of the answer to `body`; what `body` throws ends it.
  package func ask(
    _ request: ControlRequest, _ body: (ControlResponse) throws(ControlError) -> Void
  ) throws(ControlError) {
    try send(ControlCoding.line(request))
    while true {
      let line = try nextLine()
      guard let response = ControlCoding.response(line) else {
        throw .malformed(String(decoding: line.prefix(80), as: UTF8.self))
      }
      guard response.ok || response.changes != nil || response.findings != nil else {
        let said = response.error ?? ""
        let reason = said.isEmpty ? "tapvs refused" : said
        throw response.denied == true ? .denied(reason) : .refused(reason)
      }
      try body(response)
      if response.more != true { return }
    }
  }

  private func send(_ bytes: [UInt8]) throws(ControlError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      switch socket.send(rest) {
      case .done(let count): rest = rest.dropFirst(count)
      case .wouldBlock: throw .timedOut
      // The refusal of a director that has closed already can still be read.
      case .ended: return
      case .failed(let code): throw .system("send", code: code)
      }
    }
  }

  /// The next line, without its line feed.
  private func nextLine() throws(ControlError) -> [UInt8] {
    var searched = 0
    while true {
      if let end = input[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        let line = Array(input[..<end])
        input.removeSubrange(...end)
        return line
      }
      searched = input.count
      guard input.count < Self.lineLengthLimit else { throw .malformed("a line without an end") }
      switch socket.receive(limit: 64 << 10) {
      case .done(let bytes): input += bytes
      case .wouldBlock: throw .timedOut
      case .ended: throw .malformed("the connection ended")
      case .failed(let code): throw .system("receive", code: code)
      }
    }
  }
}
