import Frames
import TestSupport
import Testing

@testable import Health

/// What is believed after which results.
@Suite struct CheckStateTests {
  /// A result of a row: passed, failed.
  enum Step: Character, Sendable {
    case passed = "+"
    case failed = "-"
  }

  /// Results in their order, and what each leads to: `s` starting, `u` up, `d` down.
  struct Row: Sendable, CustomTestStringConvertible {
    var title: String
    var settings: CheckSettings
    var results: String
    var phases: String
    var testDescription: String { "\(title): \(results)" }

    init(
      _ title: String, rise: Int = 1, fall: Int = 1, retry: Int = 0, alpha: Bool = false,
      _ results: String, _ phases: String
    ) {
      self.title = title
      settings = .quick.with {
        $0.rise = rise
        $0.fall = fall
        $0.retryCount = retry
        $0.startsFailed = alpha
      }
      self.results = results
      self.phases = phases
    }
  }

  static let rows = [
    Row("one result decides", "+-+--+", "ududdu"),
    Row("a first failure", "-+", "du"),
    Row("fall", fall: 3, "+--+---", "uuuuuud"),
    Row("fall from the start", fall: 3, "---+", "ssdu"),
    Row("one success ends the start", rise: 3, fall: 3, "--+--", "ssuuu"),
    Row("rise", rise: 3, "+-++-+++", "uddddddu"),
    Row("retry", retry: 2, "+-----", "uuuddd"),
    Row("a retry that passes", retry: 2, "+--+--+---", "uuuuuuuuud"),
    Row("retry counts for each of fall", fall: 2, retry: 1, "+----", "uuuud"),
    Row("a retry that passes ends the row", fall: 2, retry: 1, "+---+----", "uuuuuuuud"),
    Row("no retry when down", rise: 2, retry: 2, "+---++", "uuudd" + "u"),
    Row("alpha: the first success", rise: 3, fall: 3, alpha: true, "+", "u"),
    Row("alpha: the first failure", rise: 1, fall: 3, alpha: true, "-+--", "duuu"),
    Row("alpha: rise after a failure", rise: 2, fall: 3, alpha: true, "-++", "ddu"),
    Row("alpha with retry", retry: 1, alpha: true, "--+", "sdu"),
  ]

  private static func letter(_ phase: CheckPhase) -> Character {
    switch phase {
    case .starting: "s"
    case .up: "u"
    case .down: "d"
    }
  }

  @Test(arguments: rows) func phases(row: Row) {
    var clock = ManualClock()
    var state = CheckState(at: clock.now)
    var phases = ""
    for character in row.results {
      let before = state.phase
      let now = clock.advance(by: .seconds(1))
      let result: CheckResult =
        character == Step.passed.rawValue ? .success : .failure(.refused)
      let outcome = state.note(result, row.settings, at: now)
      #expect(outcome.entered == (state.phase == before ? nil : state.phase))
      if outcome.entered != nil { #expect(state.since == now) }
      phases.append(Self.letter(state.phase))
    }
    #expect(phases == row.phases)
  }

  @Test func countsAsPassedBeforeTheFirstResultUnlessAlpha() {
    let state = CheckState(at: .zero)
    #expect(state.isPassing(.quick))
    #expect(!state.isPassing(.quick.with { $0.startsFailed = true }))
  }

  @Test func repetitionsComeAfterTheirDelay() {
    let settings = CheckSettings.quick.with {
      $0.retryCount = 1
      $0.retryDelay = .milliseconds(300)
    }
    let clock = ManualClock()
    var state = CheckState(at: clock.now)
    let first = state.note(.failure(.timedOut), settings, at: clock.now)
    #expect(first.next == .at(clock.now.advanced(by: .milliseconds(300))))
    let second = state.note(.failure(.timedOut), settings, at: clock.now)
    #expect(second == CheckOutcome(entered: .down, next: .regular))
    let third = state.note(.failure(.closed), settings, at: clock.now)
    #expect(third == CheckOutcome())
    #expect(state.lastFailure == .closed)
  }

  struct WeightRow: Sendable {
    var use: DynamicWeight
    var result: CheckResult
    var configured: Int
    var shift: Int
  }

  static let weights = [
    WeightRow(use: .ignored, result: .weight(7), configured: 10, shift: 0),
    WeightRow(use: .replaces, result: .weight(7), configured: 10, shift: -3),
    WeightRow(use: .replaces, result: .weight(0), configured: 10, shift: -10),
    WeightRow(use: .replaces, result: .success, configured: 10, shift: 0),
    WeightRow(use: .adds, result: .weight(7), configured: 10, shift: 7),
    WeightRow(use: .adds, result: .weight(-7), configured: 10, shift: -7),
    WeightRow(use: .adds, result: .weight(.max), configured: 10, shift: 65_535),
    WeightRow(use: .adds, result: .weight(.min), configured: 10, shift: -65_535),
  ]

  @Test(arguments: weights) func toldWeights(row: WeightRow) {
    let settings = CheckSettings.quick.with { $0.dynamicWeight = row.use }
    var state = CheckState(at: .zero)
    _ = state.note(row.result, settings, at: .zero)
    #expect(state.phase == .up)
    #expect(state.weightShift(settings, configured: row.configured) == row.shift)
    // A failure leaves the weight, a success without one takes it back.
    _ = state.note(.failure(.exited(1)), settings, at: .zero)
    #expect(state.weightShift(settings, configured: row.configured) == row.shift)
    _ = state.note(.success, settings, at: .zero)
    #expect(state.weightShift(settings, configured: row.configured) == 0)
  }

  @Test func newBoundsMeetTheCountsAtTheNextResult() {
    let patient = CheckSettings.quick.with { $0.fall = 10 }
    var state = CheckState(at: .zero)
    _ = state.note(.success, patient, at: .zero)
    for _ in 0..<5 { _ = state.note(.failure(.refused), patient, at: .zero) }
    #expect(state.phase == .up)
    #expect(state.contraryCount == 5)
    let outcome = state.note(.failure(.refused), patient.with { $0.fall = 2 }, at: .zero)
    #expect(outcome.entered == .down)
  }

  @Test func takesLittleRoom() {
    #expect(MemoryLayout<CheckState>.stride <= 48)
  }
}
