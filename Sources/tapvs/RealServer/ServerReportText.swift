import RealServer

/// How a real server stands, for people.
enum ServerReportText {
  static func text(_ report: ServerReport) -> String {
    var table = TextTable([.text("ITEM"), .text("FOUND"), .text("WANTED"), .text("RESULT")])
    for item in report.items {
      table.add([item.item, item.found, item.wanted, item.problem ?? "ok"])
    }
    return "mode \(report.mode.rawValue)\n\n" + table.text
  }
}
