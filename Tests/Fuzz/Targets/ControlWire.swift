import CLinux
import Control
import Frames
import Glibc

/// The two ends of the control protocol in one thread.
enum ControlWire {
  /// More than any run needs: a server that is not done by then never is.
  private static let turnLimit = 100_000

  /// A name that nobody has had: a child that another thread has just made may hold the last socket until
  /// it becomes another program.
  private static func name(_ end: String) throws(Violation) -> ControlName {
    let number = UInt64.random(in: .min ... .max)
    guard let name = ControlName("fuzz-\(end)-\(getpid())-\(number)") else {
      throw Violation("no name")
    }
    return name
  }

  /// What a server with a few connections answers to a client that sends `request` and no more.
  static func answers(of request: [UInt8]) throws(Violation) -> [UInt8] {
    let name = try name("server")
    guard let server = try? ControlServer(name: name) else { throw Violation("no server") }
    let client = unsafe clinux_connect_abstract(name.socketName, name.socketName.utf8.count, 1000)
    try expect(client >= 0, "no connection")
    defer { close(client) }
    try send(request, to: client)
    var answers: [UInt8] = []
    for turn in 0..<turnLimit {
      server.service(ExampleProvider(), at: Instant(nanoseconds: 1))
      receive(&answers, from: client)
      if turn > 0 && server.clientCount == 0 {
        receive(&answers, from: client)
        return answers
      }
    }
    throw Violation("the server goes on after its client has ended")
  }

  /// Asks a server that answers `answer` whatever the request is, and no more.
  static func ask(
    answering answer: [UInt8], _ body: (ControlResponse) -> Void
  ) throws(ControlError) {
    guard let name = try? name("client") else { return }
    let listener = unsafe clinux_listen_abstract(name.socketName, name.socketName.utf8.count, 1)
    defer { close(listener) }
    let client = try ControlClient(name: name)
    let server = clinux_accept(listener)
    defer { close(server) }
    try? send(answer, to: server)
    try client.ask(ControlRequest(.connections)) { response throws(ControlError) in
      body(response)
    }
  }

  /// Sends `bytes`, which fit the socket's buffer, and says that no more will come.
  private static func send(_ bytes: [UInt8], to socket: Int32) throws(Violation) {
    let count = unsafe bytes.withUnsafeBytes {
      unsafe Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
    }
    try expect(count == bytes.count, "only \(count) of \(bytes.count) bytes could be sent")
    shutdown(socket, Int32(SHUT_WR))
  }

  /// Appends what has come.
  private static func receive(_ bytes: inout [UInt8], from socket: Int32) {
    let limit = 1 << 16
    while true {
      var count = 0
      let piece = unsafe [UInt8](unsafeUninitializedCapacity: limit) { memory, length in
        count = unsafe recv(socket, memory.baseAddress, limit, Int32(MSG_DONTWAIT))
        length = max(0, count)
      }
      bytes += piece
      if count <= 0 { return }
    }
  }
}

/// A director with 300 connections, which no answer tells in one piece.
private struct ExampleProvider: ControlProvider {
  func status() -> StatusReport {
    StatusReport(
      name: "fuzz", pid: 1, version: TapVSVersion.current, uptimeSeconds: 1,
      configurationFile: "/etc/\"a\".yaml", services: [],
      connections: TableReport(count: 300, limit: 1000),
      counters: CountersReport(
        received: 10, transmitted: 9, held: 1, absorbed: 2, originated: 3, fastPath: 4,
        dropped: 5, drops: ["no-service": 5]))
  }

  func ports() -> PortsReport { PortsReport(ports: [], neighbors: []) }

  func events(after sequence: UInt64, limit: Int) -> (events: [EventReport], lost: UInt64) {
    let last: UInt64 = 100
    guard sequence < last else { return ([], 0) }
    let numbers = (sequence + 1...last).prefix(max(0, limit))
    let events = numbers.map { number in
      var event = EventReport(.serverUp, service: "192.0.2.100:80/tcp", server: "10.0.0.2:80")
      event.sequence = number
      return event
    }
    return (events, 0)
  }

  func obey(_ request: ControlRequest) -> ControlAnswer {
    request.command == .reload ? .later(1) : .done(ControlResponse(error: "not here"))
  }

  func takeAnswer(_ number: UInt64) -> ControlResponse? {
    ControlResponse(changes: ChangeReport(file: "/etc/a.yaml"))
  }

  func connections(
    from cursor: Int, limit: Int
  ) -> (connections: [ConnectionReport], next: Int?) {
    let end = min(cursor + limit, 300)
    let reports = (cursor..<end).map { number in
      ConnectionReport(
        protocol: number.isMultiple(of: 2) ? "tcp" : "udp",
        client: "10.0.0.\(number % 5):\(number)",
        virtual: "192.0.2.100:80", destination: "10.0.0.2:8080", state: "established", expires: 900)
    }
    return (reports, end < 300 ? end : nil)
  }
}
