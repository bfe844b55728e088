import Yams

/// Why a text is no YAML document, or none that a configuration can be.
struct YAMLProblem: Error {
  let position: Position
  let found: String
  let wanted: String
}

extension YAMLProblem {
  /// What Yams says of a text, in our words as far as they go.
  init(_ error: any Error) {
    switch error {
    case YamlError.parser(_, let problem, let mark, _) where problem.contains("nesting"):
      self.init(
        position: Position(mark), found: "more than 1000 levels of nesting",
        wanted: "a configuration needs 6")
    case YamlError.scanner(let context, let problem, let mark, _),
      YamlError.parser(let context, let problem, let mark, _):
      let place = context.map { " (\($0.text) from \(Position($0.mark)))" } ?? ""
      self.init(
        position: Position(mark), found: "not YAML: \(problem)\(place)",
        wanted: "look at the indentation, colons, brackets and quotes up to here")
    case YamlError.composer(_, let problem, let mark, _) where problem.contains("document"):
      self.init(
        position: Position(mark), found: "a second document", wanted: "one document is wanted")
    case YamlError.composer(_, let problem, let mark, _):
      self.init(
        position: Position(mark), found: problem,
        wanted: "an alias needs an anchor (`&name`) before it")
    default:
      self.init(position: .start, found: "not YAML: \(error)", wanted: "a YAML mapping is wanted")
    }
  }
}
