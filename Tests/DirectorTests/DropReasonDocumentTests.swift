import Foundation
import Frames
import Testing

/// The article on drop reasons tells of every reason, once, in their order.
@Suite struct DropReasonDocumentTests {
  @Test func everyReasonIsDocumented() throws {
    let article = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Sources/Director/Director.docc/DropReasons.md")
    let text = try String(contentsOf: article, encoding: .utf8)
    let documented = text.split(separator: "\n").compactMap { line -> String? in
      let cells = line.split(separator: "|")
      guard let name = cells.first?.split(separator: "`").dropFirst().first,
        line.hasPrefix("| `")
      else { return nil }
      #expect(cells.count == 3, "\(line)")
      return String(name)
    }
    #expect(documented == DropReason.allCases.map(\.name))
  }
}
