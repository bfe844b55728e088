/// One repetition: nanoseconds a packet, or a connection, of everybody in turn.
struct Sample {
  /// Copying frames into the batch alone.
  var copying = 0.0
  var engineInC = 0.0
  var director = 0.0

  /// Without the copying.
  var netEngineInC: Double { max(0.01, engineInC - copying) }
  var netDirector: Double { max(0.01, director - copying) }
  var ratio: Double { netDirector / netEngineInC }

  subscript(worker: Workbench.Worker) -> Double {
    get {
      switch worker {
      case .nobody: copying
      case .engineInC: engineInC
      case .director: director
      }
    }
    set {
      switch worker {
      case .nobody: copying = newValue
      case .engineInC: engineInC = newValue
      case .director: director = newValue
      }
    }
  }
}

/// The distribution of a figure over the repetitions.
struct Spread: Codable {
  let median: Double
  let lowerQuartile: Double
  let upperQuartile: Double
  let least: Double
  let most: Double

  /// The spread of `values`, of which there must be one.
  init(_ values: [Double]) {
    let sorted = values.sorted()
    func quantile(_ share: Double) -> Double {
      let position = share * Double(sorted.count - 1)
      let below = Int(position)
      let above = min(below + 1, sorted.count - 1)
      return sorted[below] + (sorted[above] - sorted[below]) * (position - Double(below))
    }
    median = quantile(0.5)
    lowerQuartile = quantile(0.25)
    upperQuartile = quantile(0.75)
    least = quantile(0)
    most = quantile(1)
  }
}
