/// Rows under headings, aligned with spaces.
struct TextTable {
  /// A heading, and how what is under it stands.
  struct Column {
    let title: String
    let isNumber: Bool
    /// The least width, for tables that are printed before all rows are known.
    let width: Int

    /// Text, from the left.
    static func text(_ title: String, width: Int = 0) -> Self {
      Self(title: title, isNumber: false, width: width)
    }

    /// Numbers, from the right.
    static func number(_ title: String, width: Int = 0) -> Self {
      Self(title: title, isNumber: true, width: width)
    }
  }

  private let columns: [Column]
  private var rows: [[String]] = []

  init(_ columns: [Column]) {
    self.columns = columns
  }

  /// Adds a row; cells that lack are empty.
  mutating func add(_ cells: [String]) {
    rows.append(cells)
  }

  var isEmpty: Bool { rows.isEmpty }

  /// All lines, each with a line feed.
  var text: String { header + body }

  /// The headings.
  var header: String { line(columns.map(\.title), widths) }

  /// The rows.
  var body: String {
    let widths = widths
    return rows.map { line($0, widths) }.joined()
  }

  private func line(_ cells: [String], _ widths: [Int]) -> String {
    let padded = zip(columns, widths).enumerated().map { index, column in
      let cell = index < cells.count ? cells[index] : ""
      let space = String(repeating: " ", count: max(0, column.1 - cell.count))
      return column.0.isNumber ? space + cell : cell + space
    }
    var text = padded.joined(separator: "  ")
    while text.last == " " { text.removeLast() }
    return text + "\n"
  }

  /// How wide each column is; cost: a look at every cell.
  private var widths: [Int] {
    columns.enumerated().map { index, column in
      let cells = rows.lazy.map { index < $0.count ? $0[index].count : 0 }
      return max(column.width, column.title.count, cells.max() ?? 0)
    }
  }
}
