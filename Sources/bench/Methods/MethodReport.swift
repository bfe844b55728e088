import Foundation

/// The figures of the methods.
struct MethodReport: Codable {
  /// One thing measured of one method.
  struct Row: Codable {
    let name: String
    let method: String
    /// Nanoseconds a packet or connection, without copying frames.
    let time: Spread
    /// Of each repetition, the method's by NAT's; of NAT, 1.
    let ratio: Spread
    /// The most that `ratio` may be; `nil` where nothing is asked.
    let target: Double?
  }

  let flows: Int
  let rows: [Row]
  /// Frames whose headers were found right.
  let checkedFrames: Int

  /// The report of `repetitions`, none of which may be missing.
  init(flows: Int, _ repetitions: [MethodSession.Repetition], checkedFrames: Int) {
    self.flows = flows
    self.checkedFrames = checkedFrames
    var rows: [Row] = []
    for figure in MethodFigure.allCases {
      for choice in MethodChoice.allCases {
        let pairs = repetitions.compactMap { repetition in
          repetition.net(figure, choice).flatMap { own in
            repetition.net(figure, .nat).map { (own, $0) }
          }
        }
        guard !pairs.isEmpty else { continue }
        rows.append(
          Row(
            name: figure.rawValue, method: choice.rawValue, time: Spread(pairs.map(\.0)),
            ratio: Spread(pairs.map { $0.0 / $0.1 }), target: figure.target(choice)))
      }
    }
    self.rows = rows
  }

  /// A table of the figures, and a line for each target.
  var lines: [String] {
    var lines = [
      "ns a packet or connection at \(flows) flows, director alone; ratio to NAT: median (quartiles; all)",
      Report.line("", ["method", "ns", "ratio"]),
    ]
    for row in rows {
      lines.append(
        Report.line(
          row.name, [row.method, Report.number(row.time.median), Report.number(row.ratio.median)])
          + "  " + Report.spread(row.ratio))
    }
    lines.append("\(checkedFrames) frames: all sent on, with the headers of the method")
    for row in rows {
      guard let target = row.target else { continue }
      lines.append(
        Report.verdict(
          "\(row.method), \(row.name) at \(flows) flows, ratio to NAT", row.ratio.median, target))
    }
    return lines
  }
}
