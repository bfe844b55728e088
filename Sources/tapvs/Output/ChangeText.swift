import Control

/// What a reload, a plan or an apply changes, for people: a line for each.
enum ChangeText {
  static func text(_ report: ChangeReport) -> String {
    var lines = report.items.map(line)
    lines += report.restart.map { "! needs a restart: \($0)" }
    if lines.isEmpty { lines = ["nothing changes"] }
    if let seconds = report.confirmSeconds {
      lines.append("taken back in \(seconds) s unless `tapvs confirm` comes before")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func line(_ item: ChangeReport.Item) -> String {
    let sign =
      switch item.kind {
      case .added: "+"
      case .changed: "~"
      case .removed: "-"
      }
    var words = [sign]
    if let service = item.service { words.append("service \(service)") }
    if let server = item.server { words.append("server \(server)") }
    if let key = item.key { words.append(key) }
    if item.kind == .changed { words.append("\(item.from ?? "none") -> \(item.to ?? "none")") }
    return words.joined(separator: " ") + (item.effect.map { "; \($0)" } ?? "")
  }
}
