import Wire

/// A virtual service: what clients connect to, and the real servers behind it.
package struct VirtualService: Sendable {
  package let endpoint: Endpoint
  package let `protocol`: ServiceProtocol

  let segmentSizeClamp: SegmentSizeClamp?

  /// The real servers, newest first: the order in which `ip_vs` keeps and walks them; behind them
  /// those that were removed and still have connections, with weight 0.
  package var destinations: [Destination]

  /// Whether the service was removed, and only its connections are left.
  var isRemoved = false

  private var scheduler: any Scheduler

  init(
    endpoint: Endpoint, protocol: ServiceProtocol, scheduler: SchedulerKind,
    segmentSizeClamp: SegmentSizeClamp? = nil, destinations: [Destination]
  ) {
    self.endpoint = endpoint
    self.protocol = `protocol`
    self.segmentSizeClamp = segmentSizeClamp
    self.destinations = destinations
    self.scheduler = scheduler.make()
    // `ip_vs` gets its servers one by one, which decides where `wrr` begins.
    for count in 1..<destinations.count + 1 {
      self.scheduler.destinationsChanged(Array(destinations.suffix(count)))
    }
  }

  /// Lets the scheduler know that servers or weights are others.
  mutating func destinationsChanged() {
    scheduler.destinationsChanged(destinations)
  }

  /// The place in `destinations` of the real server for a new connection, or `nil` if there is none.
  mutating func schedule() -> Int? {
    scheduler.schedule(among: destinations)
  }
}

/// The virtual services, found by protocol, address and port.
struct ServiceTable: Sendable {
  private struct Key: Hashable {
    let `protocol`: IPProtocol
    let endpoint: Endpoint
  }

  private(set) var services: [VirtualService]
  private var places: [Key: Int]

  init(_ services: [VirtualService]) {
    self.services = services
    var places: [Key: Int] = [:]
    for (place, service) in services.enumerated() {
      places[Key(protocol: service.protocol.ipProtocol, endpoint: service.endpoint)] = place
    }
    self.places = places
  }

  /// The place of a service, or `nil` if there is none.
  func place(_ protocol: IPProtocol, _ endpoint: Endpoint) -> Int? {
    places[Key(protocol: `protocol`, endpoint: endpoint)]
  }

  /// Lets nobody find the service at `place` any more; the place stays taken.
  mutating func hide(_ place: Int) {
    services[place].isRemoved = true
    places[
      Key(protocol: services[place].protocol.ipProtocol, endpoint: services[place].endpoint)] = nil
  }

  subscript(place: Int) -> VirtualService {
    _read { yield services[place] }
    _modify { yield &services[place] }
  }
}
