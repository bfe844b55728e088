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
