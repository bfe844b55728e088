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
  /// Resident bytes for each of a million connections; `nil` when C was not compared.
  var bytesPerConnection: Double?
  static let bytesPerConnectionTarget = 128.0
  /// Frames on which both engines agreed, byte by byte.
  var comparedFrames = 0
  /// The methods beside NAT; `nil` when they were not compared.
  var methods: MethodReport?

  /// A document over several lines, keys sorted.
  var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    guard let data = try? encoder.encode(self) else { return "{}" }
    return String(decoding: data, as: UTF8.self)
  }

  /// Tables of the figures, and a line for each target.
  var text: String {
    let parts = [rows.isEmpty ? nil : linesOfEngines, methods?.lines]
    return parts.compactMap { $0 }.joined(separator: [""]).joined(separator: "\n")
  }

  private var linesOfEngines: [String] {
    var lines = [
      "ns a packet or connection, medians of \(repetitions) repetitions; "
        + "ratio of director to C: median (quartiles; all)",
      Self.line("", ["flows", "C", "director", "ratio"]),
    ]
    for row in rows {
      let medians = [row.engineInC, row.director, row.ratio].map { Self.number($0.median) }
      lines.append(Self.line(row.name, ["\(row.flows)"] + medians) + "  " + Self.spread(row.ratio))
    }
    lines.append("\(comparedFrames) frames: both engines sent the same")
    return lines + verdicts
  }

  private var verdicts: [String] {
    let times = rows.compactMap { row in
      row.target.map {
        Self.verdict("\(row.name) at \(row.flows) flows, ratio to C", row.ratio.median, $0)
      }
    }
    let memory = bytesPerConnection.map {
      Self.verdict(
        "bytes for each of \(ResidentMemory.connectionCount) connections", $0,
        Self.bytesPerConnectionTarget)
    }
    return times + [memory].compactMap { $0 }
  }

  static func verdict(_ what: String, _ figure: Double, _ target: Double) -> String {
    "\(figure <= target ? "reached" : "missed "): \(what): \(number(figure)), at most \(number(target))"
  }

  static func number(_ value: Double) -> String { String(format: "%.2f", value) }

  /// How far to trust a median.
  static func spread(_ ratio: Spread) -> String {
    "(\(number(ratio.lowerQuartile))..\(number(ratio.upperQuartile)); "
      + "\(number(ratio.least))..\(number(ratio.most)))"
  }

  static func line(_ name: String, _ cells: [String]) -> String {
    let padded = cells.map { cell in
      String(repeating: " ", count: max(0, 9 - cell.count)) + cell
    }
    return name.padding(toLength: 16, withPad: " ", startingAt: 0) + padded.joined()
  }
}
