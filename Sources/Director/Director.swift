package import Frames

/// The whole data path: frames and the time in, verdicts and rewritten frames out.
///
/// It owns no file descriptor and reads no clock. It is owned by one thread.
package struct Director: ~Copyable {
  /// The configuration it was made from.
  package let configuration: DirectorConfiguration

  package private(set) var counters = DirectorCounters()

  package init(configuration: DirectorConfiguration, seed: UInt64, at now: Instant) {
    self.configuration = configuration
    _ = seed
    _ = now
  }

  package mutating func process(
    _ batch: inout FrameBatch, outbox: inout FrameBatch, at now: Instant
  ) {
  }

  package mutating func advance(to now: Instant, outbox: inout FrameBatch) {
  }
}
