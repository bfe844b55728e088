import Frames
import Health

// Checks: what they ask is in `ConfigurationReader+Probes`.

extension ConfigurationReader {
  /// The value of the file's own `checks`: checks with names, which services refer to.
  mutating func readNamedChecks(_ node: YAMLNode?) {
    guard let node, let entries = entries(of: node, "`checks`") else { return }
    for entry in entries {
      if CheckKind(rawValue: entry.key) != nil {
        refuse(
          "a check called `\(entry.key)`, as a kind of checks is", at: entry.keyPosition,
          wanted: "another name is wanted")
      }
      // One that cannot be read is known all the same: it is refused once.
      namedChecks[entry.key] = .some(check(entry.value))
    }
  }

  /// The value of a service's or server's `checks`; those that cannot be read are left out.
  mutating func checks(_ node: YAMLNode) -> [Located<CheckDraft>]? {
    guard let elements = elements(of: node, "`checks`") else { return nil }
    var places: [CheckProbe: Position] = [:]
    return elements.compactMap { element in
      guard let draft = listedCheck(element) else { return nil }
      if let first = places[draft.probe] {
        refuse(
          "the same is checked at \(first)", at: element.position,
          wanted: "each check of a server once is wanted")
        return nil
      }
      places[draft.probe] = element.position
      return Located(draft, at: element.position)
    }
  }

  /// A check of a list: a name, the kind alone, or a mapping.
  private mutating func listedCheck(_ node: YAMLNode) -> CheckDraft? {
    guard case .scalar(let text, _) = node.content else { return check(node) }
    if let named = namedChecks[text] { return named }
    switch CheckKind(rawValue: text) {
    case .tcp: return CheckDraft(probe: .tcp(ProbeTarget()), settings: CheckSettings())
    case .icmp: return CheckDraft(probe: .icmp(ProbeTarget()), settings: CheckSettings())
    case .http:
      return CheckDraft(probe: .http(HTTPProbe()), settings: CheckSettings())
    case .https:
      var probe = HTTPProbe()
      probe.isSecure = true
      return CheckDraft(probe: .http(probe), settings: CheckSettings())
    default:
      refuse(
        "a check called `\(abbreviated(text))`", at: node.position,
        wanted:
          "one of the file's own `checks`, `tcp`, `http`, `https`, `icmp` or a mapping is wanted")
      return nil
    }
  }

  /// A check with all that is said of it.
  private mutating func check(_ node: YAMLNode) -> CheckDraft? {
    let fields = fields(
      of: node, "a check", required: ["type"],
      optional: CheckKind.settingKeys + CheckKind.ownKeys)
    guard let fields,
      let kind = fields["type"].flatMap({ choice($0, "type", of: CheckKind.self) })
    else { return nil }
    for key in CheckKind.ownKeys where !kind.has(key) {
      guard let foreign = fields[key] else { continue }
      let kinds = CheckKind.allCases.filter { $0.has(key) }.map { "`\($0.rawValue)`" }
      refuse(
        "`\(key)` in a check of `\(kind.rawValue)`", at: foreign.position,
        wanted: "only \(kinds.joined(separator: ", ")) has it: leave it out")
    }
    let settings = settings(fields)
    guard let probe = probe(kind, fields, at: node.position) else { return nil }
    return CheckDraft(probe: probe, settings: settings)
  }

  /// When a check runs, and what it takes to believe it.
  private mutating func settings(_ fields: Fields) -> CheckSettings {
    var settings = CheckSettings()
    read(fields, "interval", in: CheckSettings.intervalRange) { settings.interval = $0 }
    read(fields, "timeout", in: CheckSettings.timeoutRange) { settings.timeout = $0 }
    read(fields, "rise", in: CheckSettings.countRange) { settings.rise = $0 }
    read(fields, "fall", in: CheckSettings.countRange) { settings.fall = $0 }
    read(fields, "retry", in: CheckSettings.retryCountRange) { settings.retryCount = $0 }
    read(fields, "delay-before-retry", in: CheckSettings.retryDelayRange) {
      settings.retryDelay = $0
    }
    read(fields, "start-delay", in: CheckSettings.startDelayRange) { settings.startDelay = $0 }
    read(fields, "alpha") { settings.startsFailed = $0 }
    if let node = fields["dynamic-weight"],
      let dynamic = choice(node, "dynamic-weight", of: DynamicWeight.self)
    {
      settings.dynamicWeight = dynamic
    }
    var suspicion = SuspicionSettings()
    read(fields, "suspect-timeout", in: SuspicionSettings.timeRange) { suspicion.timeout = $0 }
    read(fields, "suspect-fall", in: CheckSettings.countRange) { suspicion.fall = $0 }
    read(fields, "suspect-delay", in: SuspicionSettings.timeRange) { suspicion.delay = $0 }
    read(fields, "suspect-hold", in: SuspicionSettings.holdRange) { suspicion.hold = $0 }
    settings.suspicion = suspicion
    read(fields, "suspicion") { if !$0 { settings.suspicion = nil } }
    return settings
  }

  private mutating func read(
    _ fields: Fields, _ key: String, in range: ClosedRange<Duration>, _ take: (Duration) -> Void
  ) {
    if let node = fields[key], let value = duration(node, key, in: range) { take(value) }
  }

  private mutating func read(
    _ fields: Fields, _ key: String, in range: ClosedRange<Int>, _ take: (Int) -> Void
  ) {
    if let node = fields[key], let value = integer(node, key, in: range) { take(value.value) }
  }

  private mutating func read(_ fields: Fields, _ key: String, _ take: (Bool) -> Void) {
    if let node = fields[key], let value = truth(node, key) { take(value) }
  }
}
