/// A setting outside its range.
package struct SettingViolation: Hashable, Sendable {
  /// The setting's key in the configuration, as in `delay-before-retry`.
  package let key: String

  /// What is allowed.
  package let wanted: Wanted

  package enum Wanted: Hashable, Sendable {
    case durations(ClosedRange<Duration>)
    case integers(ClosedRange<Int>)
    /// Each only once.
    case unique
  }

  package init(_ key: String, wanted: Wanted) {
    self.key = key
    self.wanted = wanted
  }
}

/// Collects what is out of range.
struct ViolationList {
  private(set) var violations: [SettingViolation] = []

  mutating func check(_ value: Duration, _ key: String, in range: ClosedRange<Duration>) {
    if !range.contains(value) { add(key, wanted: .durations(range)) }
  }

  mutating func check(_ value: Int, _ key: String, in range: ClosedRange<Int>) {
    if !range.contains(value) { add(key, wanted: .integers(range)) }
  }

  mutating func add(_ key: String, wanted: SettingViolation.Wanted) {
    violations.append(SettingViolation(key, wanted: wanted))
  }
}
