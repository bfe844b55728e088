import Director
import TestSupport
import Testing

/// `wrr` against its rules written down once more, pass by pass, as the kernel goes through them.
@Suite struct WeightedRoundRobinTests {
  private struct Model {
    var chosen = -1
    var current = 0
    var divisor = 1
    var maximum = 0

    mutating func change(_ destinations: [Destination]) {
      chosen = -1
      let weights = destinations.map(\.weight).filter { $0 > 0 }
      divisor =
        (1...max(1, weights.max() ?? 1)).last { step in
          weights.allSatisfy { $0 % step == 0 }
        } ?? 1
      if weights.isEmpty { divisor = 1 }
      maximum = (weights.max() ?? 0) - (divisor - 1)
      if current > maximum || current == 0 {
        current = maximum
      } else if divisor > 1 {
        current = current / divisor * divisor + 1
      }
    }

    /// `nil` also ends a comparison: what the kernel does after a failure is not told.
    mutating func choose(_ destinations: [Destination]) -> Int? {
      guard maximum > 0 else { return nil }
      let last = chosen
      var stop: Int?
      var isRestarted = false
      var isLastPass = false
      var place = last + 1
      while true {
        while place < destinations.count {
          if !destinations[place].isOverloaded && destinations[place].weight >= current {
            chosen = place
            return place
          }
          if place == stop { return nil }
          place += 1
        }
        current -= divisor
        if current <= 0 {
          current = maximum
          if isLastPass || last == -1 { return nil }
          isRestarted = true
        }
        isLastPass = current <= divisor
        if isLastPass && isRestarted && last != -1 { stop = last }
        place = 0
      }
    }
  }

  private func destinations(_ random: inout SplitMix64) -> [Destination] {
    let factor = [1, 1, 1, 5, 12].randomElement(using: &random) ?? 1
    return (0..<Int.random(in: 1...6, using: &random)).map { place in
      Destination(
        record: RecordIndex(place), weight: factor * Int.random(in: 0...9, using: &random))
    }
  }

  @Test func followsTheKernelsPasses() {
    var random = SplitMix64(seed: 0x3322)
    var choiceCount = 0
    for _ in 0..<2000 {
      var list = destinations(&random)
      var model = Model()
      var scheduler = SchedulerKind.weightedRoundRobin.make()
      model.change(list)
      scheduler.destinationsChanged(list)
      for _ in 0..<40 {
        // Servers come under load and out of it; now and then a weight is changed.
        if UInt8.random(in: 0..<8, using: &random) == 0 {
          let place = Int.random(in: 0..<list.count, using: &random)
          list[place].isOverloaded.toggle()
        }
        if UInt8.random(in: 0..<16, using: &random) == 0 {
          let place = Int.random(in: 0..<list.count, using: &random)
          list[place].weight = Int.random(in: 0...20, using: &random)
          model.change(list)
          scheduler.destinationsChanged(list)
        }
        let expected = model.choose(list)
        #expect(scheduler.schedule(among: list) == expected)
        choiceCount += 1
        guard expected != nil else { break }
      }
    }
    #expect(choiceCount > 20_000)
  }

  @Test func takesEachServerAsOftenAsItsWeight() {
    var random = SplitMix64(seed: 0x3323)
    for _ in 0..<300 {
      let list = destinations(&random)
      let total = list.reduce(0) { $0 + $1.weight }
      guard total > 0 else { continue }
      var scheduler = SchedulerKind.weightedRoundRobin.make()
      scheduler.destinationsChanged(list)
      var counts = [Int](repeating: 0, count: list.count)
      for _ in 0..<total {
        if let place = scheduler.schedule(among: list) { counts[place] += 1 }
      }
      #expect(counts == list.map(\.weight))
    }
  }
}
