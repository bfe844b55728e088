package import Frames

/// What is believed of one check.
package enum CheckPhase: UInt8, CaseIterable, Sendable {
  /// No result yet, or too few failures to believe them; counts as `startsFailed` says.
  ///
  /// One success leads to `up`; failures lead to `down` as from `up`, with `startsFailed` the first.
  case starting
  /// The last success is believed; `fall` failures in a row lead to `down`.
  case up
  /// Failed; `rise` successes in a row lead to `up`.
  case down
}

/// What became of a check by a result.
package struct CheckOutcome: Equatable, Sendable {
  package enum Next: Equatable, Sendable {
    /// At the check's next place in its interval.
    case regular
    case at(Instant)
  }

  /// The phase that was entered; `nil` if it stayed.
  package var entered: CheckPhase?
  /// Whether a suspicion ended with a success.
  package var isCleared = false
  package var next = Next.regular
}

/// One check's memory: what is believed, and what speaks against it.
///
/// 48 bytes; settings are given each time, so that they may change at any time.
package struct CheckState: Equatable, Sendable {
  /// Since when `phase` holds.
  package private(set) var since: Instant

  /// Until when no suspicion is taken up.
  private var holdEnd = Instant.zero

  /// Why the last failure was; `nil` before the first.
  package private(set) var lastFailure: CheckFailure?

  /// How long the last success took, in milliseconds, rounded up; 0 before the first.
  package private(set) var lastLength: UInt32 = 0

  package private(set) var phase = CheckPhase.starting

  /// Results in a row that speak against `phase`; repetitions do not count.
  package private(set) var contraryCount: UInt8 = 0

  /// Repetitions of the failure that is not believed yet.
  package private(set) var retryCount: UInt8 = 0

  /// Whether short checks go on until one passes or enough have failed.
  package private(set) var isSuspected = false

  /// Short checks that failed since the suspicion.
  package private(set) var suspectCount: UInt8 = 0

  /// The weight that the last success told.
  package private(set) var toldWeight: Int32?

  package init(at now: Instant) {
    since = now
  }

  /// Whether the check counts as passed.
  package func isPassing(_ settings: CheckSettings) -> Bool {
    switch phase {
    case .starting: !settings.startsFailed
    case .up: true
    case .down: false
    }
  }

  /// What the check adds to the configured weight.
  package func weightShift(_ settings: CheckSettings, configured: Int) -> Int {
    guard let toldWeight else { return 0 }
    return settings.dynamicWeight.shift(told: Int(toldWeight), configured: configured)
  }

  /// How long a check that starts now may take.
  ///
  /// A short check gets twice the time of the last success if that is more: whoever usually answers
  /// late is not failed for it.
  package func timeout(_ settings: CheckSettings) -> Duration {
    guard isSuspected, let suspicion = settings.suspicion else { return settings.timeout }
    return min(settings.timeout, max(suspicion.timeout, .milliseconds(2 * Int64(lastLength))))
  }

  /// Takes note of what makes the server doubtful; answers whether a short check is to be made now.
  ///
  /// It is not when suspicion does not concern the check, nothing could change, or short checks go on
  /// or have just ended.
  package mutating func suspect(_ settings: CheckSettings, at now: Instant) -> Bool {
    guard settings.suspicion != nil, !isSuspected, isPassing(settings), now >= holdEnd else {
      return false
    }
    isSuspected = true
    suspectCount = 0
    return true
  }

  /// Takes note of a result; `isShort` if the check started after the suspicion, `length` is how long
  /// it took.
  package mutating func note(
    _ result: CheckResult, isShort: Bool = false, after length: Duration = .zero,
    _ settings: CheckSettings, at now: Instant
  ) -> CheckOutcome {
    if !result.isFailure {
      lastLength = UInt32(clamping: (length.wholeNanoseconds + 999_999) / 1_000_000)
    }
    switch result {
    case .success:
      toldWeight = nil
      return noteSuccess(isShort: isShort, settings, at: now)
    case .weight(let weight):
      toldWeight = Int32(clamping: min(max(weight, -Self.weightBound), Self.weightBound))
      return noteSuccess(isShort: isShort, settings, at: now)
    case .failure(let failure):
      lastFailure = failure
      if isSuspected, let suspicion = settings.suspicion {
        return noteSuspectFailure(suspicion, at: now)
      }
      isSuspected = false
      return noteFailure(settings, at: now)
    }
  }

  /// The largest weight that can be told, of either sign.
  package static let weightBound = 65_535

  private mutating func noteSuccess(
    isShort: Bool, _ settings: CheckSettings, at now: Instant
  ) -> CheckOutcome {
    var outcome = CheckOutcome()
    retryCount = 0
    if isSuspected && settings.suspicion != nil && !isShort {
      // It may have been answered before what made the server doubtful.
      outcome.next = .at(now)
    } else if isSuspected {
      isSuspected = false
      outcome.isCleared = true
      holdEnd = now.advanced(by: settings.suspicion?.hold ?? .zero)
    }
    switch phase {
    case .starting:
      outcome.entered = enter(.up, at: now)
    case .up:
      contraryCount = 0
    case .down:
      contraryCount &+= 1
      if contraryCount >= settings.rise { outcome.entered = enter(.up, at: now) }
    }
    return outcome
  }

  private mutating func noteFailure(_ settings: CheckSettings, at now: Instant) -> CheckOutcome {
    var outcome = CheckOutcome()
    guard phase != .down else {
      contraryCount = 0
      return outcome
    }
    if retryCount < settings.retryCount {
      retryCount &+= 1
      outcome.next = .at(now.advanced(by: settings.retryDelay))
      return outcome
    }
    retryCount = 0
    contraryCount &+= 1
    if contraryCount >= settings.fall || !isPassing(settings) {
      outcome.entered = enter(.down, at: now)
    }
    return outcome
  }

  private mutating func noteSuspectFailure(
    _ suspicion: SuspicionSettings, at now: Instant
  ) -> CheckOutcome {
    suspectCount &+= 1
    if suspectCount >= suspicion.fall {
      return CheckOutcome(entered: enter(.down, at: now))
    }
    return CheckOutcome(next: .at(now.advanced(by: suspicion.delay)))
  }

  private mutating func enter(_ phase: CheckPhase, at now: Instant) -> CheckPhase {
    self.phase = phase
    since = now
    contraryCount = 0
    retryCount = 0
    if phase == .down { isSuspected = false }
    return phase
  }
}
