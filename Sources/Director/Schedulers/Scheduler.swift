/// Chooses a real server for a new connection.
///
/// Called once a connection, never once a packet. One scheduler value belongs to one virtual service.
package protocol Scheduler: Sendable {
  init()

  /// Takes note of a changed list: a server came, went, or changed its weight.
  mutating func destinationsChanged(_ destinations: [Destination])

  /// The index in `destinations` of the chosen real server, or `nil` if none can take a connection.
  mutating func schedule(among destinations: [Destination]) -> Int?
}
