import Director
import Frames
import TestSupport
import Wire

extension PortIndex {
  static let wan = PortIndex(0)
  static let lan = PortIndex(1)
}

/// A frame that comes in or goes out, and by which port.
struct Sent: Equatable {
  var port: PortIndex
  var frame: TestFrame
}

/// What became of one frame.
struct Outcome: Equatable {
  var verdict: Verdict
  /// The frame as it is sent; `nil` when it is not.
  var frame: TestFrame?
}

/// The director of the tests: the ports of `ExampleNetwork` and, unless told otherwise, the service
/// of `DirectorConfiguration.usual`.
///
/// Its announcements are over, and it knows the gateway and the servers.
final class UsualDirector {
  var director: Director
  var clock: ManualClock
  private var batch = FrameBatch()
  private var outbox = FrameBatch.outbox()

  init(
    _ configuration: DirectorConfiguration = .usual(), seed: UInt64 = 20,
    knowsNeighbors: Bool = true,
    clock: ManualClock = ManualClock()
  ) {
    self.clock = clock
    do {
      director = try Director(configuration: configuration, seed: seed, at: clock.now)
    } catch {
      preconditionFailure("\(error)")
    }
    advance(by: .zero)
    advance(by: .seconds(2))
    if knowsNeighbors { learnNeighbors() }
  }

  /// Lets the gateway and the servers answer.
  func learnNeighbors() {
    let neighbors: [(IPv4Address, MACAddress, PortIndex)] = [
      (ExampleNetwork.gateway, ExampleNetwork.gatewayMAC, .wan),
      (ExampleNetwork.server1, ExampleNetwork.server1MAC, .lan),
      (ExampleNetwork.server2, ExampleNetwork.server2MAC, .lan),
      (ExampleNetwork.server3, ExampleNetwork.server3MAC, .lan),
    ]
    for (address, mac, port) in neighbors {
      director.installNeighbor(address, mac: mac, port: port, at: clock.now)
    }
  }

  /// Gives the director frames of one batch; `originated` is what it sends of its own.
  func receive(_ frames: [Sent]) -> (outcomes: [Outcome], originated: [Sent]) {
    batch.removeAll()
    for sent in frames where !batch.append(sent.frame, port: sent.port) {
      preconditionFailure("no room for a frame")
    }
    director.process(&batch, outbox: &outbox, at: clock.now)
    let outcomes = (0..<batch.count).map { index in
      var frame: TestFrame?
      if case .transmit = batch[index].verdict { frame = TestFrame(copying: batch, at: index) }
      return Outcome(verdict: batch[index].verdict, frame: frame)
    }
    return (outcomes, takeOutbox())
  }

  /// Gives the director one frame.
  @discardableResult
  func receive(_ frame: TestFrame, port: PortIndex = .wan) -> Outcome {
    receive([Sent(port: port, frame: frame)]).outcomes[0]
  }

  /// Gives the director one frame from a client.
  @discardableResult
  func receive(_ request: FrameBuilder) -> Outcome { receive(request.frame(), port: .wan) }

  /// Gives the director one frame from a server.
  @discardableResult
  func receiveReply(_ reply: FrameBuilder) -> Outcome { receive(reply.frame(), port: .lan) }

  /// Moves the clock, and gives what the director sends by then.
  @discardableResult
  func advance(by duration: Duration) -> [Sent] {
    director.advance(to: clock.advance(by: duration), outbox: &outbox)
    return takeOutbox()
  }

  /// Fills the outbox, as other frames of our own would.
  func fillOutbox() {
    while outbox.hasRoom { outbox.append(length: 60, port: .wan) }
  }

  /// The connection of the usual client to the usual service.
  var connection: ConnectionSnapshot? { connection(from: .client) }

  func connection(
    _ protocol: ServiceProtocol = .tcp, from client: Endpoint, to virtual: Endpoint = .virtual
  ) -> ConnectionSnapshot? {
    director.connection(
      protocol: `protocol`, client: client, virtual: virtual, at: clock.now)
  }

  /// All connections, in an order of their own.
  var connections: [ConnectionSnapshot] {
    director.connectionSnapshots(from: 0, limit: .max, span: 1 << 32, at: clock.now).connections
      .sorted {
        ($0.client.description, $0.virtual.description, $0.destination.description)
          < ($1.client.description, $1.virtual.description, $1.destination.description)
      }
  }

  /// Active and inactive connections of each server of a service, in the order of the configuration.
  func loads(ofService service: Int = 0) -> [[Int]] {
    director.serviceSnapshots[service].destinations.map { [$0.activeCount, $0.inactiveCount] }
  }

  private func takeOutbox() -> [Sent] {
    defer { outbox.removeAll() }
    return (0..<outbox.count).compactMap { index in
      guard case .transmit(let port) = outbox[index].verdict else { return nil }
      return Sent(port: port, frame: TestFrame(copying: outbox, at: index))
    }
  }
}
