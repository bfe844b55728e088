import Director
import Foundation
import TestSupport
import Testing

/// Schedulers against `schedulers.json`.
@Suite struct SchedulerTests {
  /// Those of the vectors that do not exist yet.
  static let missing: Set = ["sed", "nq", "fo", "ovf", "dh", "mh"]

  private static let vectors = (try? SchedulerVector.load()) ?? []

  @Test func everyVectorIsPlayedOrMissing() {
    #expect(Self.vectors.count == 15)
    for vector in Self.vectors {
      let exists = SchedulerKind(rawValue: vector.algorithm) != nil
      #expect(exists != Self.missing.contains(vector.algorithm), "\(vector.algorithm)")
    }
  }

  @Test(arguments: vectors.indices.filter { SchedulerKind(rawValue: vectors[$0].algorithm) != nil })
  func choosesAsTheVectorSays(index: Int) throws {
    let vector = Self.vectors[index]
    let kind = try #require(SchedulerKind(rawValue: vector.algorithm))
    let order = try #require(vector.order)
    var destinations = try #require(vector.weights).enumerated().map {
      Destination(record: RecordIndex($0), weight: $1)
    }
    if vector.note == "all overloaded" {
      for place in destinations.indices { destinations[place].isOverloaded = true }
    }
    var scheduler = kind.make()
    scheduler.destinationsChanged(destinations)
    let expected = try #require(vector.expect)
    let chosen = choose(expected.count, scheduler: &scheduler, among: &destinations)
    #expect(chosen.map { $0.map { order[$0] } } == expected)
    guard let then = vector.then else { return }
    #expect(then == "A becomes overloaded")
    destinations[0].isOverloaded = true
    let next = try #require(vector.expectThen)
    let chosenThen = choose(next.count, scheduler: &scheduler, among: &destinations)
    #expect(chosenThen.map { $0.map { order[$0] } } == next)
  }

  /// Each chosen server gets a connection that stays, never active as those of UDP.
  private func choose(
    _ count: Int, scheduler: inout any Scheduler, among destinations: inout [Destination]
  ) -> [Int?] {
    (0..<count).map { _ in
      let place = scheduler.schedule(among: destinations)
      if let place { destinations[place].inactiveCount += 1 }
      return place
    }
  }

  @Test(arguments: SchedulerKind.allCases)
  func chooseNobodyFromNobody(kind: SchedulerKind) {
    var scheduler = kind.make()
    scheduler.destinationsChanged([])
    #expect(scheduler.schedule(among: []) == nil)
    let quiesced = [Destination(record: 0, weight: 0), Destination(record: 1, weight: 0)]
    scheduler.destinationsChanged(quiesced)
    #expect(scheduler.schedule(among: quiesced) == nil)
    #expect(scheduler.schedule(among: quiesced) == nil, "and do not get stuck")
  }

  /// An active connection weighs as 257 others (`ip_vs_dest_conn_overhead`).
  @Test func wlcWeighsActiveConnections() {
    var destinations = [Destination(record: 0, weight: 1), Destination(record: 1, weight: 1)]
    var scheduler = SchedulerKind.weightedLeastConnection.make()
    destinations[0].activeCount = 1
    destinations[1].inactiveCount = 256
    #expect(scheduler.schedule(among: destinations) == 1)
    destinations[1].inactiveCount = 257
    #expect(scheduler.schedule(among: destinations) == 0, "the first of equals")
    destinations[1].inactiveCount = 258
    #expect(scheduler.schedule(among: destinations) == 0)
  }

  @Test func wlcComparesTheLargestLoads() {
    var destinations = [
      Destination(record: 0, weight: 65_535), Destination(record: 1, weight: 65_534),
    ]
    for place in destinations.indices { destinations[place].activeCount = 1 << 24 }
    var scheduler = SchedulerKind.weightedLeastConnection.make()
    #expect(scheduler.schedule(among: destinations) == 0)
    destinations[0].activeCount += 1024
    #expect(scheduler.schedule(among: destinations) == 1)
  }

  /// A scheduler is a file and a case.
  @Test func eachKindHasAFile() throws {
    let folder = VectorFile.path("../../Sources/Director/Schedulers")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder)
      .map { $0.prefix { $0 != "." } }.map(String.init)
    let kinds = SchedulerKind.allCases.map { kind in
      let name = String(describing: kind)
      return name.prefix(1).uppercased() + name.dropFirst()
    }
    #expect(Set(files) == Set(kinds).union(["Scheduler", "SchedulerKind"]))
    for kind in SchedulerKind.allCases {
      #expect(
        String(describing: type(of: kind.make())).lowercased()
          == String(describing: kind).lowercased())
    }
  }
}
