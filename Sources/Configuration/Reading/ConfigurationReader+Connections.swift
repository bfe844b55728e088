package import Director

extension ConfigurationReader {
  /// The value of `connections`, into `draft`.
  mutating func readConnections(_ node: YAMLNode?, into draft: inout DirectorDraft) {
    guard let node,
      let fields = fields(of: node, "`connections`", optional: ["limit", "timeouts"])
    else { return }
    let limit = fields["limit"].flatMap {
      integer($0, "limit", in: DirectorConfiguration.connectionLimitRange)
    }
    if let limit { draft.connectionLimit = limit.value }
    if let timeouts = fields["timeouts"] { draft.timeouts = self.timeouts(timeouts) }
  }

  /// A timeout for each state that has a key; the others keep their defaults.
  private mutating func timeouts(_ node: YAMLNode) -> StateTimeouts {
    var timeouts = StateTimeouts()
    let keys = ConnectionState.allCases.map(\.configurationKey)
    guard let fields = fields(of: node, "`timeouts`", optional: keys) else { return timeouts }
    for state in ConnectionState.allCases {
      let key = state.configurationKey
      let timeout = fields[key].flatMap { duration($0, key, in: StateTimeouts.range) }
      if let timeout { timeouts[state] = timeout }
    }
    return timeouts
  }
}

extension StateTimeouts {
  /// Every state's timeout by its key, as in a file.
  package var configurationText: [String: String] {
    let texts = ConnectionState.allCases.map {
      ($0.configurationKey, DurationText.text(self[$0]))
    }
    return Dictionary(uniqueKeysWithValues: texts)
  }
}

extension ConnectionState {
  /// The state's key under `timeouts`: its name in listings, as in `syn-recv`.
  package var configurationKey: String {
    name.lowercased().replacing("_", with: "-")
  }
}
