import Director
import Frames
import TestSupport
import Wire

/// What became of one frame.
struct FuzzOutcome: Equatable {
  var verdict: Verdict
  /// As it is sent; `nil` when it is not.
  var sent: SeedFrame?
}

/// A director, and all that holds for its counters whatever it is given.
final class FuzzedDirector {
  var director: Director
  private var batch = FrameBatch()
  private var outbox = FrameBatch.outbox()

  /// Whether servers were taken away.
  private var hasChanged = false
  /// What it was made from.
  private let original: DirectorConfiguration

  /// What it has been given and has sent, counted from outside.
  private var given: UInt64 = 0
  private var verdicts = VerdictCounts()
  private var originated: UInt64 = 0
  private let began: Instant
  private var bytesIn = 0
  private var bytesOut = 0

  init(
    _ configuration: DirectorConfiguration, isFast: Bool, at now: Instant
  ) throws(Violation) {
    guard let director = try? Director(configuration: configuration, seed: 20, at: now) else {
      throw Violation("no director")
    }
    self.director = director
    original = configuration
    began = now
    self.director.isFastPathEnabled = isFast
  }

  /// Gives the director frames of one batch; `originated` is what it sends of its own.
  func receive(
    _ frames: [SeedFrame], at now: Instant
  ) throws(Violation) -> (outcomes: [FuzzOutcome], originated: [SeedFrame]) {
    batch.removeAll()
    for seed in frames {
      try expect(batch.append(seed.frame, port: seed.port), "no room in the batch")
      bytesIn += seed.frame.bytes.count
    }
    let checks = frames.map { TranslationCheck($0.frame) }
    director.process(&batch, outbox: &outbox, at: now)
    given += UInt64(frames.count)
    var outcomes: [FuzzOutcome] = []
    for index in 0..<batch.count {
      let verdict = batch[index].verdict
      verdicts.add(verdict)
      var sent: SeedFrame?
      if case .transmit(let port) = verdict {
        let seed = SeedFrame(port: port, frame: TestFrame(copying: batch, at: index))
        try FrameCheck.expectSendable(seed, director.configuration)
        try checks[index].expectKept(by: seed.frame)
        bytesOut += seed.frame.passedByteCount
        sent = seed
      }
      outcomes.append(FuzzOutcome(verdict: verdict, sent: sent))
    }
    let own = try takeOutbox()
    try expectSums(at: now)
    return (outcomes, own)
  }

  /// Lets time pass, and gives what the director sends by then.
  func advance(to now: Instant) throws(Violation) -> [SeedFrame] {
    director.advance(to: now, outbox: &outbox)
    let own = try takeOutbox()
    try expectSums(at: now)
    return own
  }

  private func takeOutbox() throws(Violation) -> [SeedFrame] {
    defer { outbox.removeAll() }
    originated += UInt64(outbox.count)
    var frames: [SeedFrame] = []
    for index in 0..<outbox.count {
      guard case .transmit(let port) = outbox[index].verdict else {
        throw Violation("in the outbox and not to be sent: \(outbox[index].verdict)")
      }
      let seed = SeedFrame(port: port, frame: TestFrame(copying: outbox, at: index))
      try FrameCheck.expectSendable(seed, director.configuration)
      bytesOut += seed.frame.passedByteCount
      frames.append(seed)
    }
    return frames
  }

  /// Every frame is in exactly one count, and no connection is lost.
  private func expectSums(at now: Instant) throws(Violation) {
    let counters = director.counters
    try expect(counters.received == given, "received \(counters.received) of \(given)")
    try expect(counters.transmitted == verdicts.transmitted, "transmitted")
    try expect(counters.held == verdicts.held, "held")
    try expect(counters.absorbed == verdicts.absorbed, "absorbed")
    try expect(
      counters.originated == originated, "originated \(counters.originated), seen \(originated)")
    try expect(
      counters.received
        == counters.transmitted + counters.held + counters.absorbed + verdicts.dropped,
      "the counts of frames do not add up")
    for reason in DropReason.allCases {
      // What is dropped later than it was held is in no verdict.
      try expect(
        counters[reason] >= verdicts.drops[reason],
        "\(reason.name): \(counters[reason]), but \(verdicts.drops[reason]) verdicts")
    }
    try expect(bytesOut <= bytesIn, "\(bytesOut) payload bytes out of \(bytesIn)")
    // Two buckets of 50, each of which fills with 1000 a second.
    let errorLimit = 2 * (50 + began.duration(to: now).wholeNanoseconds / 1_000_000)
    try expect(
      Int64(counters.errorsSent) <= errorLimit,
      "\(counters.errorsSent) errors sent where \(errorLimit) may be")
    try expectConnections()
  }

  private func expectConnections() throws(Violation) {
    let counters = director.counters
    let count = director.connectionCount
    try expect(count <= director.configuration.connectionLimit, "\(count) connections")
    try expect(
      counters.connectionsOpened - counters.connectionsEnded == UInt64(count), "lost connections")
    let servers = director.serviceSnapshots.flatMap(\.destinations)
    try expect(
      servers.allSatisfy { $0.activeCount >= 0 && $0.inactiveCount >= 0 }, "negative counts")
    // Removed servers are not listed, and keep their connections.
    let listed = servers.reduce(0) { $0 + $1.activeCount + $1.inactiveCount }
    try expect(
      hasChanged ? listed <= count : listed == count,
      "servers count \(listed) connections, the table \(count)")
  }

  /// Changes weights and servers while traffic flows; `choice` tells what.
  func change(_ choice: UInt8, at now: Instant) {
    let virtual = Endpoint(ExampleNetwork.virtual, choice & 8 == 0 ? 80 : 81)
    let server = Endpoint(ExampleNetwork.server1, 8080)
    let other = Endpoint(ExampleNetwork.virtual, choice & 8 == 0 ? 82 : 83)
    let routed = Endpoint(ExampleDirector.routedServer, 82)
    switch choice & 7 {
    case 0: _ = director.setWeight(Int(choice >> 4), ofServer: server, in: .tcp, virtual)
    case 1:
      hasChanged = true
      _ = director.removeServer(server, from: .tcp, virtual)
    case 2...3:
      _ = director.addServer(
        .init(address: server.address, port: server.port, weight: Int(choice >> 4)), to: .tcp,
        virtual, at: now)
    case 4 where choice & 8 != 0:
      hasChanged = true
      _ = director.removeService(.tcp, virtual)
    case 4 where choice & 0xC0 == 0xC0:
      director.setTunnelSuperframes(choice & 16 == 0, by: choice & 32 == 0 ? .lan : .wan)
    case 4 where choice & 0x40 != 0:
      _ = director.restoreServer(server, in: .tcp, virtual)
    case 4:
      _ = director.endConnections(
        ofServer: server, in: .tcp, virtual, by: RemovalPolicy.allCases[Int(choice >> 4 & 3)])
    case 5:
      hasChanged = true
      _ = director.removeServer(choice & 8 == 0 ? routed : server, from: .tcp, other)
    case 6:
      _ = director.addServer(
        choice & 8 == 0
          ? .init(address: routed.address, port: routed.port, method: .dr)
          : .init(address: server.address, port: server.port, method: .fullnat), to: .tcp, other,
        at: now)
    case 7 where choice & 0x80 != 0: reconfigure(choice, at: now)
    case 7: _ = director.setWeight(Int(choice >> 4), ofServer: routed, in: .tcp, other)
    default: break
    }
  }

  /// Takes another configuration as a whole: without a service, or with one that is changed.
  private func reconfigure(_ choice: UInt8, at now: Instant) {
    var new = original
    guard !new.services.isEmpty else { return }
    hasChanged = true
    let place = Int(choice >> 4 & 7) % new.services.count
    if choice & 8 == 0 {
      new.services.remove(at: place)
    } else {
      new.services[place].servers.reverse()
      new.services[place].servers.removeLast()
      new.services[place].whenRemoved = RemovalPolicy.allCases[Int(choice >> 4 & 3)]
      new.services[place].scheduler = SchedulerKind.allCases[Int(choice >> 4) % 3]
    }
    _ = director.reconfigure(new, at: now)
  }

  /// How many packets have been rewritten.
  var rewrittenCount: UInt64 {
    director.serviceSnapshots.flatMap(\.destinations).reduce(0) {
      $0 + $1.inbound.packets + $1.outbound.packets
    }
  }
}

/// How often each verdict was given.
private struct VerdictCounts {
  var transmitted: UInt64 = 0
  var held: UInt64 = 0
  var absorbed: UInt64 = 0
  var drops = DropCounters()
  var dropped: UInt64 { drops.total }

  mutating func add(_ verdict: Verdict) {
    switch verdict {
    case .transmit: transmitted += 1
    case .hold: held += 1
    case .absorb: absorbed += 1
    case .drop(let reason): drops[reason] += 1
    }
  }
}
