/// Why there are no figures.
enum BenchError: Error, CustomStringConvertible {
  /// One of the engines did not forward a frame, or they forwarded it differently.
  case disagreement(String)
  /// The system has not enough memory.
  case memory(String)

  var exitCode: Int32 {
    switch self {
    case .disagreement: 1
    case .memory: 77
    }
  }

  var description: String {
    switch self {
    case .disagreement(let text), .memory(let text): text
    }
  }
}
