import FuzzTargets
import TestSupport
import Testing

/// What `Scripts/fuzz` drives by coverage, from seeds: the same targets, the same checks.
@Suite struct FuzzTargetTests {
  private func run(_ target: FuzzTarget, _ input: [UInt8], seed: UInt64?) -> Bool {
    do {
      return try target.run(input)
    } catch {
      Issue.record(
        "\(target.name), seed \(seed.map(String.init) ?? "none"), input \(input): \(error)")
      return false
    }
  }

  @Test(arguments: FuzzTarget.all)
  func seedsGetToTheGoal(target: FuzzTarget) {
    let seeds = target.seeds()
    let reached = seeds.filter { run(target, $0, seed: nil) }.count
    #expect(seeds.count > 0)
    #expect(reached > 0, "\(target.name): \(reached) of \(seeds.count)")
  }

  /// Nothing, one byte of each value, and seeds cut short.
  @Test(arguments: FuzzTarget.all)
  func shortInputs(target: FuzzTarget) {
    var inputs = (UInt8.min ... .max).map { [$0] } + [[]]
    for seed in target.seeds().prefix(20) {
      inputs += (0..<min(seed.count, 64)).map { Array(seed.prefix($0)) }
    }
    var reached = 0
    for input in inputs where run(target, input, seed: nil) { reached += 1 }
    #expect(reached < inputs.count, "\(target.name)")
  }

  @Test(arguments: FuzzTarget.all, UInt64(1)...3)
  func damagedSeeds(target: FuzzTarget, seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let seeds = target.seeds()
    var reached = 0
    let count = 200
    for _ in 0..<count {
      var input = seeds.randomElement(using: &random) ?? []
      for _ in 0...Int.random(in: 0..<3, using: &random) { damage(&input, using: &random) }
      if run(target, input, seed: seed) { reached += 1 }
    }
    #expect(reached > 0, "\(target.name): \(reached) of \(count)")
  }

  private func damage(_ input: inout [UInt8], using random: inout SplitMix64) {
    guard !input.isEmpty else { return }
    let place = Int.random(in: 0..<input.count, using: &random)
    switch Int.random(in: 0..<4, using: &random) {
    case 0: input[place] = UInt8.random(in: .min ... .max, using: &random)
    case 1: input[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 2: input.removeSubrange(place..<min(input.count, place + 3))
    default:
      input.insert(contentsOf: random.bytes(Int.random(in: 1...4, using: &random)), at: place)
    }
  }

  /// Programs of nothing but chance: most make the director rewrite something.
  @Test(arguments: UInt64(1)...8)
  func randomPrograms(seed: UInt64) throws {
    let director = try #require(FuzzTarget.all.first { $0.name == "director" })
    var random = SplitMix64(seed: seed)
    var reached = 0
    let count = 60
    for _ in 0..<count {
      let input = random.bytes(Int.random(in: 1...400, using: &random))
      if run(director, input, seed: seed) { reached += 1 }
    }
    #expect(reached * 100 > count * director.leastShare, "\(reached) of \(count)")
  }
}

extension FuzzTarget: CustomTestStringConvertible {
  /// The name, for lists of cases.
  public var testDescription: String { name }
}
