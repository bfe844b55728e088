import Control

/// How far a drain has come, for people.
enum DrainText {
  static func text(_ report: DrainReport) -> String {
    var table = TextTable([.text("SERVICE"), .text("SERVER"), .number("LEFT")])
    for server in report.servers {
      table.add([server.service, server.server, "\(server.left)"])
    }
    return table.text
  }
}
