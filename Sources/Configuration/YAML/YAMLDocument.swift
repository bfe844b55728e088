import Yams

/// Reads one YAML document into nodes with positions.
///
/// Yams stops at the first mapping that has a key twice, and it hashes keys, which for a key made of
/// nested aliases takes for ever. So a text is first composed with its aliases hidden: keys are then
/// known to be plain text. Then it is composed as it stands, and each time a key is found twice the
/// earlier one is given another name, until all are found.
struct YAMLDocument {
  /// The deepest nesting: a configuration needs 6.
  static let depthLimit = 32

  /// The most nodes, aliases expanded: more than 1000 services with 100 servers each need.
  static let nodeLimit = 1 << 20

  let root: YAMLNode

  /// Keys given more than once: all places but the first.
  let duplicates: [DuplicateKey]

  /// Reads `text`, whose characters `SourceText` has checked.
  init(_ text: String) throws(YAMLProblem) {
    if text.utf8.contains(UInt8(ascii: "*")) {
      var masked = RenamedKeys(text: SourceText.hidingAliases(in: text))
      _ = try YAMLNodeReader.read(Self.compose(&masked), renamed: masked)
    }
    var renamed = RenamedKeys(text: text)
    let node = try Self.compose(&renamed)
    (root, duplicates) = try YAMLNodeReader.read(node, renamed: renamed)
  }

  /// Composes the text of `renamed`, and renames in it each key that comes again.
  private static func compose(_ renamed: inout RenamedKeys) throws(YAMLProblem) -> Node {
    while true {
      do {
        let parser = try Parser(yaml: renamed.text, resolver: .basic, encoding: .utf8)
        if let node = try parser.singleRoot() { return node }
      } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
        try renamed.rename(keys, at: Position(context.mark))
        continue
      } catch {
        throw YAMLProblem(error)
      }
      throw YAMLProblem(
        position: .start, found: "the file is empty", wanted: "`version: 1` and `ports` are wanted")
    }
  }
}

extension Position {
  init(_ mark: Mark) {
    self.init(line: mark.line, column: mark.column)
  }
}
