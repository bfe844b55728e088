import Director
import Frames
import TestSupport
import Testing
import Wire

private typealias Net = ExampleNetwork

/// A director with two servers of one method, and the ends of connections through it, which answer what
/// they are sent until nobody has an answer.
final class RemovalBench {
  struct Way: Hashable {
    let own: Endpoint
    let peer: Endpoint
  }

  let usual: UsualDirector
  let method: ForwardingMethod
  /// The servers of the TCP service.
  let servers: [Endpoint]
  var ends: [Way: TCPEnd] = [:]
  /// How many of a hundred frames get lost.
  var loss = 0
  /// What the ends were sent.
  private(set) var sent: [SentSegment] = []
  private var random: SplitMix64

  init(
    _ method: ForwardingMethod, _ policy: RemovalPolicy, isFast: Bool = true,
    weights: [Int] = [1, 1], timestamps: TimestampPolicy = .remove, probeRate: Int = 20_000,
    seed: UInt64 = 1
  ) {
    self.method = method
    random = SplitMix64(seed: seed)
    var services: [DirectorConfiguration.Service] = [
      .web(weights: weights).when(removed: policy), .dns.when(removed: policy),
    ]
    services[1].servers.append(.init(address: Net.server2, port: 5353))
    for index in services.indices {
      services[index].fullNAT = FullNATSettings(
        localAddresses: method == .fullnat ? [Net.local] : [], localPorts: 10_001...12_000,
        timestamps: timestamps)
      for place in services[index].servers.indices {
        services[index].servers[place].method = method
        if method.keepsVirtualPort {
          services[index].servers[place].port = services[index].port
        }
      }
    }
    var configuration = DirectorConfiguration.usual(services: services, limit: 4000)
    configuration.probeRate = probeRate
    servers = services[0].servers.map { Endpoint($0.address, $0.port) }
    usual = UsualDirector(configuration)
    usual.director.isFastPathEnabled = isFast
  }

  /// The endpoint of a client, one of many.
  static func client(_ number: Int) -> Endpoint {
    Endpoint(Net.client, UInt16(20_000 + number))
  }

  /// Opens a connection of `client`, as far as the client's ACK, with numbers of its own.
  @discardableResult
  func open(_ client: Endpoint) -> Endpoint? {
    let start = UInt32.random(in: .min ... .max, using: &random)
    let other = UInt32.random(in: .min ... .max, using: &random)
    let atServer = usual.receive(request(.syn, from: client).with(\.tcp.sequence, start))
    guard let server = usual.connection(from: client)?.destination else { return nil }
    if method.passesReplies, let frame = atServer.frame,
      let syn = SentSegment(frame)
    {
      let end = TCPEnd(
        own: server, peer: syn.source, next: other &+ 1, expected: syn.sequence &+ 1)
      ends[Way(own: server, peer: syn.source)] = end
      usual.receiveReply(
        reply([.syn, .ack], from: server, to: syn.source).with(\.tcp.sequence, other)
          .with(\.tcp.acknowledgment, syn.sequence &+ 1))
    }
    usual.receive(
      request(.ack, from: client).with(\.tcp.sequence, start &+ 1)
        .with(\.tcp.acknowledgment, other &+ 1))
    ends[Way(own: client, peer: .virtual)] = TCPEnd(
      own: client, peer: .virtual, next: start &+ 1, expected: other &+ 1)
    return server
  }

  /// Takes a server away.
  func remove(_ server: Endpoint) -> Bool {
    usual.director.removeServer(server, from: .tcp, .virtual)
  }

  /// Adds a server of the bench's method.
  func add(_ server: Endpoint) -> Bool {
    usual.director.addServer(
      .init(address: server.address, port: server.port, method: method), to: .tcp, .virtual,
      at: usual.clock.now)
  }

  /// Lets time pass in steps, and the ends answer what they get.
  func run(_ duration: Duration, step: Duration = .milliseconds(10)) {
    var passed = Duration.zero
    while passed < duration {
      deliver(usual.advance(by: step))
      passed += step
    }
  }

  /// Gives `frames` to the ends that they are for, and their answers to the director.
  func deliver(_ frames: [Sent]) {
    var waiting = frames
    while let frame = waiting.popLast() {
      guard let segment = SentSegment(frame.frame) else {
        // Requests for link addresses, and nothing else, are no TCP.
        #expect(Array(frame.frame.bytes[12..<14]) == [8, 6], "\(frame.frame)")
        continue
      }
      sent.append(segment)
      if Int.random(in: 0..<100, using: &random) < loss { continue }
      let way = Way(own: segment.destination, peer: segment.source)
      guard let answer = ends[way]?.answer(segment) else { continue }
      if Int.random(in: 0..<100, using: &random) < loss { continue }
      let isClient = segment.source == .virtual
      let builder =
        isClient
        ? request(answer.flags, from: way.own)
        : reply(answer.flags, from: way.own, to: way.peer)
      let outcome = usual.receive([
        Sent(
          port: isClient ? .wan : .lan,
          frame: builder.with(\.tcp.sequence, answer.sequence)
            .with(\.tcp.acknowledgment, answer.acknowledgment).frame())
      ])
      waiting += outcome.originated
      if case .transmit(let port) = outcome.outcomes[0].verdict,
        let frame = outcome.outcomes[0].frame
      {
        waiting.append(Sent(port: port, frame: frame))
      }
    }
  }

  /// Ends that still count on their connection.
  var openEnds: [TCPEnd] { ends.values.filter { !$0.isClosed } }

  /// The counters of connections that ended since their server is gone.
  var endedCount: UInt64 {
    let counters = usual.director.counters
    return counters.connectionsReset + counters.connectionsAbandoned + counters.connectionsReplaced
  }
}

extension ForwardingMethod {
  /// Whether packets go on to the virtual service's port.
  var keepsVirtualPort: Bool { self == .dr || self == .tunnel }
  /// Whether the server's packets pass the director.
  var passesReplies: Bool { !keepsVirtualPort }
}
