import Foundation

/// The figures of a run.
struct Report: Codable {
  /// One thing measured at one number of flows.
  struct Row: Codable {
    let name: String
    let flows: Int
    /// Nanoseconds a packet or connection, without copying frames.
    let engineInC: Spread
    let director: Spread
    /// Of each repetition, the director's by the engine's in C.
    let ratio: Spread
    /// The most that `ratio` may be; `nil` where nothing is asked.
    let target: Double?

    init(_ name: String, flows: Int, _ samples: [Sample], target: Double? = nil) {
      self.name = name
      self.flows = flows
      engineInC = Spread(samples.map(\.netEngineInC))
      director = Spread(samples.map(\.netDirector))
      ratio = Spread(samples.map(\.ratio))
      self.target = target
    }
  }

  var repetitions: Int
  var rows: [Row] = []
  /// Resident bytes for each of a million connections.
  var bytesPerConnection: Double
  static let bytesPerConnectionTarget = 128.0
  /// Frames on which both engines agreed, byte by byte.
  var comparedFrames = 0

  /// A document over several lines, keys sorted.
  var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    guard let data = try? encoder.encode(self) else { return "{}" }
    return String(decoding: data, as: UTF8.self)
  }

  /// A table of the figures, and a line for each target.
  var text: String {
    var lines = [
      "ns a packet or connection, medians of \(repetitions) repetitions; "
        + "ratio of director to C: median (quartiles; all)",
      Self.line("", "flows", "C", "director", "ratio"),
    ]
    for row in rows {
      let ratio = row.ratio
      let spread =
        "(\(Self.number(ratio.lowerQuartile))..\(Self.number(ratio.upperQuartile)); "
        + "\(Self.number(ratio.least))..\(Self.number(ratio.most)))"
      lines.append(
        Self.line(
          row.name, "\(row.flows)", Self.number(row.engineInC.median),
          Self.number(row.director.median), Self.number(ratio.median)) + "  " + spread)
    }
    lines.append("\(comparedFrames) frames: both engines sent the same")
    lines.append(contentsOf: verdicts)
    return lines.joined(separator: "\n")
  }

  private var verdicts: [String] {
    let times = rows.compactMap { row in
      row.target.map {
        Self.verdict("\(row.name) at \(row.flows) flows, ratio to C", row.ratio.median, $0)
      }
    }
    return times + [
      Self.verdict(
        "bytes for each of \(ResidentMemory.connectionCount) connections", bytesPerConnection,
        Self.bytesPerConnectionTarget)
    ]
  }

  private static func verdict(_ what: String, _ figure: Double, _ target: Double) -> String {
    "\(figure <= target ? "reached" : "missed "): \(what): \(number(figure)), at most \(number(target))"
  }

  private static func number(_ value: Double) -> String { String(format: "%.2f", value) }

  private static func line(
    _ name: String, _ flows: String, _ engineInC: String, _ director: String, _ ratio: String
  ) -> String {
    let cells = [flows, engineInC, director, ratio].map { cell in
      String(repeating: " ", count: max(0, 9 - cell.count)) + cell
    }
    return name.padding(toLength: 16, withPad: " ", startingAt: 0) + cells.joined()
  }
}
