import Director
import Wire

/// A recording on one path through the engine, and what is wrong with the result.
struct Replay {
  /// Empty when the director did what the kernel did.
  private(set) var failures: [String] = []
  /// What the director sent.
  private(set) var sent: [ReplayEngine.SentFrame] = []
  /// How many frames the fast path took.
  private(set) var fastPathCount: UInt64 = 0

  /// How long the director is watched after the last frame of a capture, which went on for longer.
  private static let silence = Duration.seconds(2)

  init(_ recording: Recording, _ path: EnginePath) throws(VectorError) {
    var engine = try ReplayEngine(
      recording.configuration(), path, knowsNeighbors: recording.notes.knowsNeighbors)
    // Services that lost a server: the kernel goes on counting its packets.
    var bereft: Set<DirectorCommand.VirtualServer> = []
    let events = recording.events
    for (index, (time, event)) in events.enumerated() {
      engine.advance(to: time)
      switch event {
      case .frame(let frame):
        try engine.receive(frame.bytes)
      case .moment(let moment):
        if let command = moment.command {
          guard engine.run(command) else {
            throw VectorError.needs("the command '\(moment.title)' while packets pass")
          }
          if case .removeServer(_, let virtual) = command { bereft.insert(virtual) }
        }
        let next = events[index...].lazy.map(\.time).first { $0 > time }
        let check = ListingCheck(engine, readWithin: time...(next ?? recording.end + Self.silence))
        failures += check.failures(moment.listing).map { "\(moment.title): \($0)" }
      }
    }
    engine.advance(to: recording.end + Self.silence)
    sent = engine.sent
    fastPathCount = engine.director.counters.fastPath
    failures += FrameStreams(sent, recording).differences
    let check = ListingCheck(engine, readWithin: .zero...recording.end + Self.silence)
    failures += check.failures(recording.text.final)
    failures += check.counterFailures(recording.text.counters, withoutSumsOf: bereft)
  }
}

extension ReplayEngine {
  /// Does at run time what `command` says; `false` when the director does not do such a thing.
  fileprivate mutating func run(_ command: DirectorCommand) -> Bool {
    switch command {
    case .removeService(let virtual):
      director.removeService(virtual.protocol, virtual.endpoint)
    case .addServer(let server, let virtual):
      director.addServer(server, to: virtual.protocol, virtual.endpoint, at: now)
    case .removeServer(let real, let virtual):
      director.removeServer(real, from: virtual.protocol, virtual.endpoint)
    case .setWeight(let weight, let real, let virtual):
      director.setWeight(weight, ofServer: real, in: virtual.protocol, virtual.endpoint)
    case .addService, .addRoute, .sendUnreachableToServers:
      false
    }
  }
}
