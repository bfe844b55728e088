import Testing

@testable import Health

@Suite struct QuorumTests {
  struct Row: Sendable, CustomTestStringConvertible {
    var quorum: Int
    var hysteresis: Int
    /// The weights one after the other, and after each whether the quorum is held.
    var weights: [Int]
    var held: [Bool]
    var testDescription: String { "\(quorum) +- \(hysteresis): \(weights)" }
  }

  static let rows = [
    Row(
      quorum: 1, hysteresis: 0, weights: [0, 1, 5, 1, 0], held: [false, true, true, true, false]),
    Row(
      quorum: 3, hysteresis: 0, weights: [2, 3, 2, 4, 0], held: [false, true, false, true, false]),
    // Gained at 5, lost below 1.
    Row(
      quorum: 3, hysteresis: 2, weights: [4, 5, 3, 1, 0, 4, 5],
      held: [false, true, true, true, false, false, true]),
    Row(
      quorum: 10, hysteresis: 4, weights: [10, 13, 14, 6, 5, 13, 14],
      held: [false, false, true, true, false, false, true]),
    // Without any weight it is lost, whatever the hysteresis.
    Row(quorum: 2, hysteresis: 2, weights: [4, 1, 0], held: [true, true, false]),
  ]

  @Test(arguments: rows) func isGainedAndLost(row: Row) {
    var quorum = Quorum()
    for (weight, held) in zip(row.weights, row.held) {
      let before = quorum.isHeld
      let change = quorum.update(weight: weight, quorum: row.quorum, hysteresis: row.hysteresis)
      #expect(quorum.isHeld == held, "weight \(weight)")
      #expect((change != nil) == (before != held))
      switch change {
      case .gained(let needed): #expect(needed == row.quorum + row.hysteresis)
      case .lost(let needed): #expect(needed == row.quorum - row.hysteresis)
      case nil: break
      }
    }
  }
}
