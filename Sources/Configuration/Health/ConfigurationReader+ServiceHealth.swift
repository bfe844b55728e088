import Director
import Frames
import Health

// What services and servers say of health.

extension ConfigurationReader {
  /// The keys of a service that are about health.
  static let serviceHealthKeys = [
    "checks", "inhibit-on-failure", "quorum", "hysteresis", "sorry-server", "slow-start",
    "syn-suspect",
  ]

  /// The keys of a server that are about health.
  static let serverHealthKeys = ["checks", "inhibit-on-failure"]

  /// What a service says of health; `defaultPort` and `method` are those of a sorry server that says
  /// nothing of its own.
  mutating func serviceHealth(
    _ fields: Fields, defaultPort: Located<UInt16>?, method: ForwardingMethod?
  ) -> ServiceHealthDraft {
    var draft = ServiceHealthDraft()
    if let node = fields["checks"], let checks = checks(node) { draft.checks = checks }
    if let node = fields["inhibit-on-failure"], let inhibits = truth(node, "inhibit-on-failure") {
      draft.inhibitsOnFailure = inhibits
    }
    if let node = fields["quorum"],
      let quorum = integer(node, "quorum", in: HealthConfiguration.Service.quorumRange)
    {
      draft.quorum = quorum
    }
    if let node = fields["hysteresis"] {
      draft.hysteresis = integer(
        node, "hysteresis", in: 0...max(0, draft.quorum.value - 1), reason: ": less than `quorum`")
    }
    if let node = fields["slow-start"],
      let time = duration(node, "slow-start", in: HealthConfiguration.Service.slowStartRange)
    {
      draft.slowStart = time
    }
    if let node = fields["syn-suspect"] {
      if case .scalar("off", _) = node.content {
        draft.synSuspect = nil
      } else if let time = duration(
        node, "syn-suspect", in: ServiceHealthDraft.synSuspectRange)
      {
        draft.synSuspect = time
      }
    }
    draft.sorryServer = fields["sorry-server"].flatMap {
      sorryServer($0, defaultPort: defaultPort, method: method)
    }
    return draft
  }

  /// What a server says of its own health.
  mutating func serverHealth(_ fields: Fields) -> ServerHealthDraft {
    var draft = ServerHealthDraft()
    draft.checks = fields["checks"].flatMap { checks($0) }
    draft.inhibitsOnFailure = fields["inhibit-on-failure"].flatMap {
      truth($0, "inhibit-on-failure")
    }
    return draft
  }

  private mutating func sorryServer(
    _ node: YAMLNode, defaultPort: Located<UInt16>?, method: ForwardingMethod?
  ) -> SorryServerDraft? {
    let fields = fields(
      of: node, "`sorry-server`", required: ["address"],
      optional: ["port", "weight", "method", "tunnel", "inhibit"])
    guard let fields,
      let server = server(fields, defaultPort: defaultPort, method: method)
    else { return nil }
    let inhibits = fields["inhibit"].flatMap { truth($0, "inhibit") } ?? false
    return SorryServerDraft(server: server, inhibits: inhibits)
  }
}
