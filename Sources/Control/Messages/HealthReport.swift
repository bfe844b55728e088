/// What is known of a real server's health.
package struct HealthReport: Codable, Equatable, Sendable {
  package enum State: String, Codable, CaseIterable, Sendable {
    /// All checks pass.
    case up
    /// A check has failed.
    case down
    /// It lives, and an operator keeps new connections away.
    case drained
    /// Nothing is checked.
    case unchecked
  }

  package var state: State
  /// Whether its traffic makes it doubtful.
  package var isSuspected: Bool
  /// Why it is down, in a word.
  package var failure: String?
  /// Why it is down, in a sentence.
  package var reason: String?
  /// The weight in the configuration.
  package var configuredWeight: Int

  package init(
    _ state: State, isSuspected: Bool = false, failure: String? = nil, reason: String? = nil,
    configuredWeight: Int
  ) {
    self.state = state
    self.isSuspected = isSuspected
    self.failure = failure
    self.reason = reason
    self.configuredWeight = configuredWeight
  }

  private enum CodingKeys: String, CodingKey {
    case state
    case isSuspected = "suspected"
    case failure
    case reason
    case configuredWeight = "configured-weight"
  }
}

/// How often the configuration was changed since the start.
package struct ReloadReport: Codable, Equatable, Sendable {
  package var applied: Int
  package var refused: Int

  package init(applied: Int = 0, refused: Int = 0) {
    self.applied = applied
    self.refused = refused
  }
}
