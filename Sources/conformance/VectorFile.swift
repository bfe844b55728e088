import Foundation

/// A file of vectors, read so far that they can be chosen; each is read in full when it is run.
struct VectorFile {
  /// One vector, not yet checked.
  struct Entry {
    var id: String
    var title: String
    var area: String
    var mode: String
    var content: JSONValue
  }

  let topology: Topology
  let entries: [Entry]

  /// What may stand beside the vectors; the tables of schedulers and states have tests of their own.
  private static let keys: Set<String> = [
    "format", "note", "topology", "vectors", "schedulers", "hashes", "tcp_state_machine",
  ]

  /// Reads the file at `path`.
  init(path: String) throws(SelectionError) {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw SelectionError("\(path): cannot be read")
    }
    guard let document = try? JSONDecoder().decode(JSONValue.self, from: data) else {
      throw SelectionError("\(path): is not JSON")
    }
    do throws(VectorError) {
      let file = try JSONObject(document, at: "")
      try file.check(known: Self.keys)
      let format = try file.required("format", Read.integer)
      guard format == 1 else { throw VectorError.malformed("format \(format), wanted 1") }
      topology = try file.required("topology") { value, path throws(VectorError) in
        try Topology(JSONObject(value, at: path))
      }
      entries = try file.required("vectors", Read.list(Self.entry))
    } catch {
      throw SelectionError("\(path): \(error)")
    }
  }

  private static func entry(_ value: JSONValue, _ path: String) throws(VectorError) -> Entry {
    let vector = try JSONObject(value, at: path)
    return Entry(
      id: try vector.required("id", Read.string),
      title: try vector.optional("title", Read.string) ?? "",
      area: try vector.required("area", Read.string),
      mode: try vector.required("mode", Read.string),
      content: value)
  }

  /// The vectors to run, in the order of the file; `nil` chooses all areas or modes.
  ///
  /// Throws for names that the file does not have and when nothing is left.
  func select(
    areas: [String]?, modes: [String]?, except: [String]
  ) throws(SelectionError) -> [Entry] {
    try Self.refuseUnknown(areas, among: entries.map(\.area), "area")
    try Self.refuseUnknown(modes, among: entries.map(\.mode), "mode")
    try Self.refuseUnknown(except, among: entries.map(\.id), "vector")
    let selection = entries.filter { entry in
      areas?.contains(entry.area) != false && modes?.contains(entry.mode) != false
        && !except.contains(entry.id)
    }
    if selection.isEmpty { throw SelectionError("the selection has no vectors") }
    return selection
  }

  private static func refuseUnknown(
    _ wanted: [String]?, among present: [String], _ kind: String
  ) throws(SelectionError) {
    let names = Set(present)
    for name in wanted ?? [] where !names.contains(name) {
      let known = kind == "vector" ? "" : "; the file has \(names.sorted().joined(separator: ", "))"
      throw SelectionError("unknown \(kind) '\(name)'\(known)")
    }
  }
}

/// A file that is no file of vectors, or a choice that leaves nothing to run.
struct SelectionError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}
