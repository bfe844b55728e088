import Yams

/// Turns the nodes of Yams into ours, bounded in depth and number.
struct YAMLNodeReader {
  /// The tag of `!!str`.
  private static let textTag = "tag:yaml.org,2002:str"

  private let renamed: RenamedKeys
  private var count = 0
  private var duplicates: [DuplicateKey] = []

  /// Reads `node`, composed from the text of `renamed`.
  static func read(
    _ node: Node, renamed: RenamedKeys
  ) throws(YAMLProblem) -> (root: YAMLNode, duplicates: [DuplicateKey]) {
    var reader = Self(renamed: renamed)
    let root = try reader.read(node, depth: 1)
    return (root, reader.duplicates)
  }

  private init(renamed: RenamedKeys) {
    self.renamed = renamed
  }

  private mutating func read(_ node: Node, depth: Int) throws(YAMLProblem) -> YAMLNode {
    let position = node.mark.map(Position.init) ?? .start
    try checkBounds(at: position, depth: depth)
    switch node {
    case .scalar(let scalar):
      let isQuoted = scalar.style != .plain
      try checkTag(scalar.tag, of: isQuoted ? Self.textTag : "", at: position)
      return YAMLNode(position: position, content: .scalar(scalar.string, isQuoted: isQuoted))
    case .sequence(let sequence):
      try checkTag(sequence.tag, of: "", at: position)
      var elements: [YAMLNode] = []
      for element in sequence { elements.append(try read(element, depth: depth + 1)) }
      return YAMLNode(position: position, content: .sequence(elements))
    case .mapping(let mapping):
      try checkTag(mapping.tag, of: "", at: position)
      return YAMLNode(position: position, content: .mapping(try entries(of: mapping, depth: depth)))
    case .alias:
      throw YAMLProblem(
        position: position, found: "an alias without its anchor", wanted: "a value is wanted")
    }
  }

  /// The pairs of `mapping`; of a key given more than once, the last, and a duplicate for each but
  /// the first.
  private mutating func entries(
    of mapping: Node.Mapping, depth: Int
  ) throws(YAMLProblem) -> [YAMLNode.Entry] {
    var entries: [YAMLNode.Entry] = []
    var places: [String: [Position]] = [:]
    for (keyNode, valueNode) in mapping {
      let (name, position) = try readKey(keyNode)
      let value = try read(valueNode, depth: depth + 1)
      let original = renamed.originalName(of: name)
      places[original ?? name, default: []].append(position)
      if original == nil {
        entries.append(.init(key: name, keyPosition: position, value: value))
      }
    }
    for (key, positions) in places where positions.count > 1 {
      for position in positions.dropFirst() {
        duplicates.append(.init(key: key, position: position, first: positions[0]))
      }
    }
    return entries
  }

  /// A key, which is plain text: Yams has given it that tag when it compared it with others.
  private func readKey(_ node: Node) throws(YAMLProblem) -> (name: String, position: Position) {
    let position = node.mark.map(Position.init) ?? .start
    guard case .scalar(let scalar) = node,
      !scalar.string.unicodeScalars.contains(SourceText.aliasSign)
    else {
      throw YAMLProblem(
        position: position, found: "a key that is no plain text",
        wanted: "a key is a word without `*`, brackets and braces")
    }
    if !scalar.tag.description.isEmpty { try checkTag(scalar.tag, of: Self.textTag, at: position) }
    return (scalar.string, position)
  }

  private mutating func checkBounds(at position: Position, depth: Int) throws(YAMLProblem) {
    guard depth <= YAMLDocument.depthLimit else {
      throw YAMLProblem(
        position: position, found: "more than \(YAMLDocument.depthLimit) levels of nesting",
        wanted: "a configuration needs 6")
    }
    count += 1
    guard count <= YAMLDocument.nodeLimit else {
      throw YAMLProblem(
        position: position,
        found: "aliases that expand to more than \(YAMLDocument.nodeLimit) values",
        wanted: "fewer aliases are wanted")
    }
  }

  /// Refuses a `tag` written in the file; `standard` is what Yams gives to a node without one.
  private func checkTag(
    _ tag: Tag, of standard: String, at position: Position
  ) throws(YAMLProblem) {
    guard tag.description == standard else {
      throw YAMLProblem(
        position: position, found: "the tag `\(abbreviated(tag.description))`",
        wanted: "a value without a tag is wanted")
    }
  }
}
