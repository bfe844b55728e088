/// How often a check runs, how long it waits, and how many results it takes to believe it.
///
/// The words are keepalived's where it has them; `keepalived` holds that program's defaults.
package struct CheckSettings: Hashable, Sendable {
  /// Between the starts of two checks (`interval`; keepalived `delay_loop`).
  package var interval = Duration.seconds(2)

  /// How long one check may take (`timeout`; keepalived `connect_timeout`, `misc_timeout`).
  ///
  /// May be longer than `interval`: the places that a check runs over are left out.
  package var timeout = Duration.seconds(1)

  /// Successes in a row that bring a failed check up (`rise`).
  package var rise = 2

  /// Failures in a row that bring a check down (`fall`).
  package var fall = 3

  /// How often a check that failed is repeated before it counts as one failure (`retry`).
  ///
  /// A check that is down is not repeated.
  package var retryCount = 0

  /// From the end of a failed check to its repetition (`delay-before-retry`).
  package var retryDelay = Duration.seconds(1)

  /// The time over which the first checks are spread (`start-delay`; keepalived `warmup`); `nil` for
  /// the interval.
  package var startDelay: Duration?

  /// Whether the check counts as failed until its first success (`alpha`); else it counts as passed
  /// until it has failed.
  package var startsFailed = false

  /// What becomes of a weight that the check tells (`dynamic-weight`).
  package var dynamicWeight = DynamicWeight.ignored

  /// How the check goes when its server is suspected; `nil` if suspicion does not concern it.
  package var suspicion: SuspicionSettings? = SuspicionSettings()

  package init() {}

  /// What keepalived does without a word in its file.
  package static var keepalived: Self {
    var settings = Self()
    settings.interval = .seconds(60)
    settings.timeout = .seconds(5)
    settings.rise = 1
    settings.fall = 1
    settings.retryCount = 1
    settings.suspicion = nil
    return settings
  }
}

/// What becomes of a weight that a check tells; the raw value is the word in the configuration.
package enum DynamicWeight: String, CaseIterable, Sendable {
  /// It is not looked at.
  case ignored = "no"
  /// The server has this weight instead of the configured one (keepalived `misc_dynamic`).
  ///
  /// When several checks do so, each adds its difference from the configured weight.
  case replaces = "replace"
  /// It is added to the configured weight; it may be negative.
  case adds = "add"

  /// What a weight that was told adds to the configured one.
  func shift(told: Int, configured: Int) -> Int {
    switch self {
    case .ignored: 0
    case .replaces: told - configured
    case .adds: told
    }
  }
}

/// The short checks of a server that traffic makes doubtful.
package struct SuspicionSettings: Hashable, Sendable {
  /// How long one of them may take (`suspect-timeout`), or twice as long as the last success took if
  /// that is more; never longer than the check's own limit.
  package var timeout = Duration.milliseconds(200)

  /// How many failures in a row bring the check down (`suspect-fall`).
  package var fall = 2

  /// From the end of a failed one to the next (`suspect-delay`).
  package var delay = Duration.milliseconds(50)

  /// How long after a success the server is not suspected again (`suspect-hold`): what bounds the
  /// checks that traffic can cause.
  package var hold = Duration.milliseconds(500)

  package init() {}
}

extension CheckSettings {
  package static let intervalRange = Duration.milliseconds(100)...Duration.seconds(86_400)
  package static let timeoutRange = Duration.milliseconds(10)...Duration.seconds(3600)
  package static let countRange = 1...100
  package static let retryCountRange = 0...100
  package static let retryDelayRange = Duration.milliseconds(10)...Duration.seconds(3600)
  package static let startDelayRange = Duration.zero...Duration.seconds(86_400)

  /// What is out of range, in the order of the properties; empty if nothing is.
  package var violations: [SettingViolation] {
    var list = ViolationList()
    list.check(interval, "interval", in: Self.intervalRange)
    list.check(timeout, "timeout", in: Self.timeoutRange)
    list.check(rise, "rise", in: Self.countRange)
    list.check(fall, "fall", in: Self.countRange)
    list.check(retryCount, "retry", in: Self.retryCountRange)
    list.check(retryDelay, "delay-before-retry", in: Self.retryDelayRange)
    if let startDelay { list.check(startDelay, "start-delay", in: Self.startDelayRange) }
    if let suspicion {
      list.check(suspicion.timeout, "suspect-timeout", in: SuspicionSettings.timeRange)
      list.check(suspicion.fall, "suspect-fall", in: Self.countRange)
      list.check(suspicion.delay, "suspect-delay", in: SuspicionSettings.timeRange)
      list.check(suspicion.hold, "suspect-hold", in: SuspicionSettings.holdRange)
    }
    return list.violations
  }
}

extension SuspicionSettings {
  package static let timeRange = Duration.milliseconds(10)...Duration.seconds(10)
  package static let holdRange = Duration.milliseconds(100)...Duration.seconds(60)
}
