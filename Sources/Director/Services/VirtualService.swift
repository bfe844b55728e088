import Wire

/// A virtual service: what clients connect to, and the real servers behind it.
package struct VirtualService: Sendable {
  package let endpoint: Endpoint
  package let `protocol`: ServiceProtocol

  /// What the configuration says of it.
  private(set) var definition: DirectorConfiguration.Service

  private(set) var segmentSizeClamp: SegmentSizeClamp?
  /// Whether the first packet of a connection is rewritten like any other.
  private(set) var opensPlainly: Bool

  /// How long a SYN may go without an answer before its server is suspected; `nil` for no suspicion.
  private(set) var synSuspect: Duration?

  /// The real servers, newest first: the order in which `ip_vs` keeps and walks them; behind them
  /// those that were removed and still have connections, with weight 0.
  package var destinations: [Destination]

  /// Whether the service was removed, and only its connections are left.
  var isRemoved = false

  private var scheduler: SelectedScheduler

  init(_ definition: DirectorConfiguration.Service, destinations: [Destination] = []) {
    self.definition = definition
    opensPlainly = definition.opensPlainly
    synSuspect = definition.synSuspect
    endpoint = Endpoint(definition.address, definition.port)
    `protocol` = definition.protocol
    segmentSizeClamp = definition.segmentSizeClamp
    self.destinations = destinations
    scheduler = SelectedScheduler(definition.scheduler)
    // `ip_vs` gets its servers one by one, which decides where `wrr` begins.
    for count in 1..<destinations.count + 1 {
      self.scheduler.destinationsChanged(Array(destinations.suffix(count)))
    }
  }

  /// Takes another definition of the same service; the scheduler begins anew only if it is another.
  mutating func redefine(_ definition: DirectorConfiguration.Service) {
    if definition.scheduler != self.definition.scheduler {
      scheduler = SelectedScheduler(definition.scheduler)
      scheduler.destinationsChanged(destinations)
    }
    self.definition = definition
    segmentSizeClamp = definition.segmentSizeClamp
    synSuspect = definition.synSuspect
    opensPlainly = definition.opensPlainly
  }

  /// Lets the scheduler know that servers or weights are others.
  mutating func destinationsChanged() {
    scheduler.destinationsChanged(destinations)
  }

  /// Notes that the server at `place` got a connection, in `state`.
  mutating func noteOpened(_ state: ConnectionState, at place: Int) {
    destinations[place].note(1, in: state)
    destinations[place].openedCount &+= 1
  }

  /// The place in `destinations` of the real server for a new connection, or `nil` if there is none.
  mutating func schedule() -> Int? {
    scheduler.schedule(among: destinations)
  }
}

extension DirectorConfiguration.Service {
  /// Whether the first packet of a connection is rewritten like any other.
  fileprivate var opensPlainly: Bool {
    segmentSizeClamp == nil && fullNAT.localAddresses.isEmpty
  }
}
