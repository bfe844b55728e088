import Director
import Frames
import LinkIO
import Wire

/// A director in memory on one port, driven by the times of a recording.
struct ReplayEngine: ~Copyable {
  /// A frame that was sent.
  struct SentFrame {
    /// Since the beginning of the recording.
    var time: Duration
    var bytes: [UInt8]
  }

  var director: Director
  private(set) var now: Instant
  /// In the order of sending.
  private(set) var sent: [SentFrame] = []
  private let beginning: Instant
  private var batch = FrameBatch()
  private var outbox = FrameBatch.outbox()

  private static let port = PortIndex(0)

  /// How long the director runs before the recording begins: its announcements are over by then.
  private static let settlingTime = Duration.seconds(10)

  init(
    _ configuration: DirectorConfiguration, _ path: EnginePath, knowsNeighbors: Bool
  ) throws(VectorError) {
    let start = Instant(nanoseconds: 1_000_000_000_000)
    beginning = start.advanced(by: Self.settlingTime)
    now = start
    do throws(TableMemoryError) {
      director = try Director(configuration: configuration, seed: 1, at: start)
    } catch {
      throw VectorError.malformed("\(error)")
    }
    director.isFastPathEnabled = path == .fast
    advance(to: .zero)
    sent = []
    guard knowsNeighbors else { return }
    for neighbor in RecordedNetwork.neighbors {
      director.installNeighbor(neighbor.address, mac: neighbor.mac, port: Self.port, at: now)
    }
  }

  /// The time since the beginning of the recording.
  var time: Duration { beginning.duration(to: now) }

  /// Lets `frame` come in as the only one of its turn.
  mutating func receive(_ frame: [UInt8]) throws(VectorError) {
    batch.removeAll()
    outbox.removeAll()
    guard batch.append(copying: frame.rawSpan, port: Self.port, offload: VirtioNetHeader()) else {
      throw VectorError.malformed("a frame of \(frame.count) bytes is too long")
    }
    director.process(&batch, outbox: &outbox, at: now)
    collect()
  }

  /// Moves the clock to `time`, with a stop wherever the director wants one.
  mutating func advance(to time: Duration) {
    batch.removeAll()
    let end = beginning.advanced(by: time)
    while let deadline = director.nextDeadline(after: now), deadline <= end {
      // A deadline that is past must not hold the clock.
      now = max(deadline, now.advanced(by: .milliseconds(1)))
      outbox.removeAll()
      director.advance(to: now, outbox: &outbox)
      collect()
    }
    now = max(now, end)
  }

  /// Notes what was sent; what is in the outbox goes first.
  private mutating func collect() {
    Self.append(outbox, at: time, to: &sent)
    Self.append(batch, at: time, to: &sent)
  }

  private static func append(
    _ batch: borrowing FrameBatch, at time: Duration, to sent: inout [SentFrame]
  ) {
    for index in 0..<batch.count {
      guard case .transmit = batch[index].verdict else { continue }
      sent.append(SentFrame(time: time, bytes: batch.octets(at: index)))
    }
  }
}
