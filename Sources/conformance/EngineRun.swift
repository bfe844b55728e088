import Director
import Frames
import Wire

/// A director in memory with what a vector wants to exist, and what came out of it.
struct EngineRun: ~Copyable {
  /// A frame that was sent.
  struct SentFrame {
    var port: PortIndex
    var bytes: [UInt8]
    var offload: VirtioNetHeader
  }

  private(set) var director: Director
  private(set) var now: Instant
  /// In the order of sending.
  private(set) var sent: [SentFrame] = []
  /// One for each frame that came in.
  private(set) var verdicts: [Verdict] = []
  private var batch = FrameBatch()
  private var outbox = FrameBatch.outbox()

  private static let start = Instant(nanoseconds: 1_000_000_000_000)

  /// How long a director runs before a vector begins, in quarters of a second: its announcements
  /// are over by then.
  private static let settlingSteps = 40

  /// A director as it is before the input.
  ///
  /// What it announces by itself is kept only for a vector about frames without input.
  init(_ vector: Vector, _ topology: Topology, _ path: EnginePath) throws(VectorError) {
    try self.init(
      Self.makeDirector(vector.configuration.directorConfiguration(topology), at: Self.start),
      vector, topology, path)
  }

  private init(
    _ director: consuming Director, _ vector: Vector, _ topology: Topology, _ path: EnginePath
  ) throws(VectorError) {
    self.director = director
    now = Self.start
    self.director.isFastPathEnabled = path == .fast
    self.director.fixedChoices.localSequence = vector.configuration.localSequence
    self.director.fixedChoices.encapsulationSourcePort =
      vector.configuration.encapsulationSourcePort
    advance(by: .zero)
    if vector.outcome == .generate {
      keepAnnouncements(of: self.director.configuration.virtualAddresses)
      return
    }
    for _ in 0..<Self.settlingSteps { advance(by: .milliseconds(250)) }
    sent = []
    for neighbor in try vector.configuration.resolvedNeighbors(topology) {
      self.director.installNeighbor(
        neighbor.address, mac: neighbor.mac, port: neighbor.port, at: now)
    }
    if let connection = vector.connection {
      try vector.expectMethod(of: connection)
      guard self.director.installConnection(connection.snapshot, at: now) else {
        throw VectorError.malformed("conn cannot be installed: no service has its server")
      }
    }
  }

  private static func makeDirector(
    _ configuration: DirectorConfiguration, at now: Instant
  ) throws(VectorError) -> Director {
    do throws(TableMemoryError) {
      return try Director(configuration: configuration, seed: 1, at: now)
    } catch {
      throw VectorError.malformed("\(error)")
    }
  }

  /// Forgets what was sent, but for the announcements of `addresses`: a vector says nothing of those
  /// of the ports' own addresses.
  private mutating func keepAnnouncements(of addresses: [IPv4Address]) {
    sent.removeAll { frame in
      guard let ethernet = EthernetFrame(frame.bytes.rawSpan), ethernet.etherType == .arp,
        let packet = ARPPacket(ethernet.payload)
      else { return false }
      return !addresses.contains(packet.senderAddress)
    }
  }

  /// Lets `frame` come in as the only one of its turn.
  mutating func receive(_ frame: Vector.Element, port: PortIndex) throws(VectorError) {
    batch.removeAll()
    outbox.removeAll()
    let bytes = frame.frame.rawSpan
    guard batch.append(copying: bytes, port: port, offload: frame.offload) else {
      throw VectorError.malformed("an input frame of \(frame.frame.count) bytes is too long")
    }
    director.process(&batch, outbox: &outbox, at: now)
    Self.collect(outbox, into: &sent)
    Self.collect(batch, into: &sent)
    verdicts.append(batch[0].verdict)
  }

  /// Moves the clock.
  mutating func advance(by duration: Duration) {
    now = now.advanced(by: duration)
    outbox.removeAll()
    director.advance(to: now, outbox: &outbox)
    Self.collect(outbox, into: &sent)
  }

  private static func collect(_ batch: borrowing FrameBatch, into sent: inout [SentFrame]) {
    for index in 0..<batch.count {
      guard case .transmit(let port) = batch[index].verdict else { continue }
      let span = batch.readBytes(at: index)
      let bytes = (0..<span.byteCount).map { span.octet(at: $0) }
      sent.append(SentFrame(port: port, bytes: bytes, offload: batch[index].offload))
    }
  }
}
