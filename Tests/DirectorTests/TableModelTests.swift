import TestSupport
import Testing
import Wire

@testable import Director

/// The table against a dictionary when hundreds of connections pass the same buckets: counts that
/// have stopped at 255 lose nothing, whatever is added, removed and exchanged after.
@Suite struct TableModelTests {
  private struct Identity: Hashable {
    var key: ConnectionKey
    var destination: RecordIndex
  }

  /// Two client endpoints with hundreds of connections each: two long chains, which may overlap.
  private static let keys = [
    ConnectionKey(ExampleNetwork.client, 40000, .tcp),
    ConnectionKey(ExampleNetwork.client, 40001, .udp),
  ]

  @Test(arguments: UInt64(1)...4)
  func saturatedBucketsLoseNothing(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let limit = 900
    var table = try ConnectionTable(limit: limit, seed: random.next())
    var model: [Identity: Int] = [:]
    var sawSaturation = false
    for round in 0..<6000 {
      // Fills up, empties to some extent, and fills up again.
      let grows = (round / 1500).isMultiple(of: 2) || Int.random(in: 0..<3, using: &random) == 0
      let identity = Identity(
        key: Self.keys[Int.random(in: 0..<2, using: &random)],
        destination: Self.destination(.random(in: 0..<600, using: &random)))
      if grows, model[identity] == nil {
        let index = table.insert(
          identity.key, state: .none, destination: identity.destination, stamp: 0)
        #expect((index == nil) == (model.count == limit), "seed \(seed), round \(round)")
        if let index { model[identity] = index }
      } else if !grows, let (gone, index) = model.randomElement(using: &random) {
        table.remove(at: index)
        model[gone] = nil
      } else {
        exchange(identity, &table, &model, &random)
      }
      if round.isMultiple(of: 250) { expectAgreement(table, model, "seed \(seed), round \(round)") }
      let homes = Self.keys.map { table.home(of: $0) * ConnectionTable.laneCount }
      sawSaturation = sawSaturation || homes.contains { table[$0].passedCount == .max }
    }
    expectAgreement(table, model, "seed \(seed)")
    #expect(sawSaturation, "seed \(seed): the test's own premise")
  }

  private func exchange(
    _ identity: Identity, _ table: inout ConnectionTable, _ model: inout [Identity: Int],
    _ random: inout SplitMix64
  ) {
    let other = Identity(
      key: identity.key, destination: Self.destination(.random(in: 0..<600, using: &random)))
    guard identity != other, let index = model[identity], let second = model[other] else { return }
    table.exchange(index, second)
    (model[identity], model[other]) = (second, index)
  }

  /// One of 600 places, all over the 18 bits.
  private static func destination(_ number: Int) -> RecordIndex { RecordIndex(number * 437) }

  private func expectAgreement(
    _ table: borrowing ConnectionTable, _ model: [Identity: Int], _ context: Comment
  ) {
    #expect(table.count == model.count, context)
    for key in Self.keys {
      for destination in (0..<600).map(Self.destination) {
        let identity = Identity(key: key, destination: destination)
        let found = table.find(key, home: table.home(of: key)) { $0 == destination }
        #expect(found == model[identity], context)
      }
    }
  }
}
