import Frames
import Glibc
import Synchronization
import Testing

@testable import Control

/// A server with a name of its own, a clock that stands still, and a provider that notes its calls.
final class ServerBench {
  let name: ControlName
  let server: ControlServer
  let provider: RecordingProvider
  var now = Instant(nanoseconds: 1_000_000_000)

  init(connectionCount: Int = 3) throws {
    name = try Self.freshName()
    server = try ControlServer(name: name)
    provider = RecordingProvider(connectionCount: connectionCount)
  }

  /// A name that no other test has.
  static func freshName() throws -> ControlName {
    let number = counter.add(1, ordering: .relaxed).newValue
    return try #require(ControlName("test-\(getpid())-\(number)"))
  }

  private static let counter = Atomic(0)

  func service() {
    server.service(provider, at: now)
  }

  /// A client that waits no longer than a moment.
  func connect() throws -> RawClient {
    RawClient(try ControlSocket.connect(to: name, timeout: .milliseconds(1)))
  }

  /// A client that the server knows.
  func accepted() throws -> RawClient {
    let client = try connect()
    service()
    return client
  }

  /// How long what must come may take on a busy machine.
  fileprivate static let patience = Swift.Duration.seconds(10)

  /// Services until `condition` holds; answers whether it did in good time.
  ///
  /// A descriptor that another test's child process inherited for a moment keeps its connection open,
  /// so that an end may be seen later than it was brought about.
  func services(until condition: () -> Bool) -> Bool {
    let deadline = ContinuousClock.now + Self.patience
    while !condition() {
      if ContinuousClock.now > deadline { return false }
      service()
    }
    return true
  }

  /// Services until the client has `count` more lines, or the connection has ended.
  func lines(_ count: Int, for client: RawClient) -> [String] {
    _ = services {
      client.receive()
      return client.isEnded || client.lines.count >= count
    }
    return client.takeLines(count)
  }

  /// Services until the server has nothing to do without the client.
  func settle() {
    for _ in 0..<64 { service() }
  }
}

/// A client that says what it is told to and reads only when it is told to.
final class RawClient {
  private let socket: ControlSocket
  private var input: [UInt8] = []
  private(set) var isEnded = false

  init(_ socket: ControlSocket) {
    self.socket = socket
  }

  func send(_ text: String) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty, case .done(let count) = socket.send(rest) { rest = rest.dropFirst(count) }
  }

  /// Says that nothing more will be asked.
  func finish() {
    shutdown(socket.descriptor, Int32(SHUT_WR))
  }

  func receive() {
    switch socket.receive(limit: 1 << 20) {
    case .done(let bytes): input += bytes
    case .wouldBlock: break
    case .ended, .failed: isEnded = true
    }
  }

  /// Whether the server has closed the connection, or does so in good time.
  var seesEnd: Bool {
    let deadline = ContinuousClock.now + ServerBench.patience
    while !isEnded && ContinuousClock.now < deadline { receive() }
    return isEnded
  }

  var lines: [ArraySlice<UInt8>] { input.split(separator: UInt8(ascii: "\n")) }

  func takeLines(_ count: Int) -> [String] {
    let taken = lines.prefix(count)
    let length = taken.reduce(0) { $0 + $1.count + 1 }
    let text = taken.map { String(decoding: $0, as: UTF8.self) }
    input.removeFirst(min(length, input.count))
    return text
  }
}

/// A director with connections that are told by their number.
final class RecordingProvider: ControlProvider {
  let connectionCount: Int
  /// The cursors asked for.
  private(set) var cursors: [Int] = []
  private(set) var limits: Set<Int> = []

  init(connectionCount: Int) {
    self.connectionCount = connectionCount
  }

  func status() -> StatusReport { .example }

  func ports() -> PortsReport { .example }

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

  func connections(from cursor: Int, limit: Int) -> (connections: [ConnectionReport], next: Int?) {
    cursors.append(cursor)
    limits.insert(limit)
    let end = min(cursor + limit, connectionCount)
    return ((cursor..<end).map(ConnectionReport.numbered), end < connectionCount ? end : nil)
  }
}

extension ConnectionReport {
  /// Even ones are TCP; the client's last number is the connection's modulo 200.
  static func numbered(_ number: Int) -> Self {
    Self(
      protocol: number.isMultiple(of: 2) ? "tcp" : "udp",
      client: "10.0.0.\(number % 200):\(number % 60_000)", virtual: "115.205.4.214:80",
      destination: "192.168.0.2:80", state: "established", expires: number)
  }
}

extension StatusReport {
  static let example = StatusReport(
    name: "lab", pid: 7, version: "0.1.0", uptimeSeconds: 61, configurationFile: "/etc/a.yaml",
    services: [
      ServiceReport(
        address: "115.205.4.214", port: 80, protocol: "tcp", scheduler: "wrr",
        connections: ConnectionCounts(total: 9, active: 2, inactive: 1),
        traffic: TrafficReport(packetsIn: 4, packetsOut: 3, bytesIn: 2, bytesOut: 1),
        servers: [
          ServerReport(
            address: "192.168.0.2", port: 80, method: "nat", weight: 3, active: 2, inactive: 1)
        ],
        mssClamp: "1400", whenRemoved: "reset")
    ],
    connections: TableReport(count: 3, limit: 1000),
    counters: CountersReport(
      received: 10, transmitted: 9, held: 1, absorbed: 2, originated: 3, fastPath: 4, dropped: 5,
      drops: ["no-service": 5]),
    conflicts: [
      ConflictReport(
        address: "115.205.4.214", mac: "02:00:00:00:06:66", port: "wan", count: 3,
        lastSeenSeconds: 2)
    ],
    timeouts: ["udp": "90s"], natICMPSend: true)
}

extension PortsReport {
  static let example = PortsReport(
    ports: [
      PortReport(
        name: "wan", tap: "lb1-wan", netns: nil, mac: "02:76:73:00:01:01", mtu: 1500,
        addresses: ["115.205.4.215/28"], link: .up, offloads: "full", queues: .multi, framesIn: 1,
        framesOut: 2, bytesIn: 3, bytesOut: 4, transmitErrors: 5)
    ],
    neighbors: [
      NeighborReport(address: "115.205.4.209", mac: nil, state: "incomplete", port: "wan")
    ])
}
