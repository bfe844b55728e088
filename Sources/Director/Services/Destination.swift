/// A real server of one virtual service, as its scheduler sees it.
package struct Destination: Sendable {
  /// The place of the server's record in the forwarding table.
  package let record: RecordIndex

  /// The share of new connections; 0 takes none (quiesced).
  package var weight: Int

  /// Connections in an active state.
  package var activeCount = 0

  /// All other connections.
  package var inactiveCount = 0

  /// Connections since the start.
  package var openedCount: UInt64 = 0

  /// Whether the upper threshold was reached and the lower one not yet again.
  package var isOverloaded = false

  /// Whether it has failed and its connections are being ended, so that it gets no others.
  package var isFailed = false

  package init(record: RecordIndex, weight: Int) {
    self.record = record
    self.weight = weight
  }

  /// Whether a new connection may go to it.
  package var isUsable: Bool { weight > 0 && !isOverloaded && !isFailed }

  /// The load that the least-connection schedulers compare: an active connection counts as 257.
  package var overhead: Int { activeCount * 256 + activeCount + inactiveCount }

  /// Notes that `change` connections more are in `state`.
  mutating func note(_ change: Int, in state: ConnectionState) {
    if state.isActive { activeCount += change } else { inactiveCount += change }
  }
}
