/// Which scheduler a virtual service uses; the raw value is the name in ipvsadm(8) `-s`.
package enum SchedulerKind: String, CaseIterable, Sendable {
  case roundRobin = "rr"
  case weightedRoundRobin = "wrr"
  case weightedLeastConnection = "wlc"

  /// A scheduler of this kind for one virtual service.
  package func make() -> any Scheduler {
    switch self {
    case .roundRobin: RoundRobin()
    case .weightedRoundRobin: WeightedRoundRobin()
    case .weightedLeastConnection: WeightedLeastConnection()
    }
  }
}

/// The scheduler of one virtual service.
///
/// Cases rather than `any Scheduler`: a choice neither allocates nor calls through a pointer.
enum SelectedScheduler: Sendable {
  case roundRobin(RoundRobin)
  case weightedRoundRobin(WeightedRoundRobin)
  case weightedLeastConnection(WeightedLeastConnection)

  init(_ kind: SchedulerKind) {
    switch kind {
    case .roundRobin: self = .roundRobin(RoundRobin())
    case .weightedRoundRobin: self = .weightedRoundRobin(WeightedRoundRobin())
    case .weightedLeastConnection: self = .weightedLeastConnection(WeightedLeastConnection())
    }
  }

  mutating func destinationsChanged(_ destinations: [Destination]) {
    switch self {
    case .roundRobin(var scheduler):
      scheduler.destinationsChanged(destinations)
      self = .roundRobin(scheduler)
    case .weightedRoundRobin(var scheduler):
      scheduler.destinationsChanged(destinations)
      self = .weightedRoundRobin(scheduler)
    case .weightedLeastConnection(var scheduler):
      scheduler.destinationsChanged(destinations)
      self = .weightedLeastConnection(scheduler)
    }
  }

  mutating func schedule(among destinations: [Destination]) -> Int? {
    switch self {
    case .roundRobin(var scheduler):
      defer { self = .roundRobin(scheduler) }
      return scheduler.schedule(among: destinations)
    case .weightedRoundRobin(var scheduler):
      defer { self = .weightedRoundRobin(scheduler) }
      return scheduler.schedule(among: destinations)
    case .weightedLeastConnection(var scheduler):
      defer { self = .weightedLeastConnection(scheduler) }
      return scheduler.schedule(among: destinations)
    }
  }
}
