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

  /// The areas and modes that files of vectors speak of, whether or not this one does.
  private static let areas = [
    "nat", "frag", "dr", "tun", "icmp", "nosvc", "fullnat", "synproxy", "gso", "mss", "arp", "ndp",
    "vrrp", "sync", "ipv6", "sctp",
  ]
  private static let modes = [
    "NAT", "LOCAL", "DR", "TUN-IPIP", "TUN-GUE", "TUN-GRE", "FNAT", "FNAT-PP2", "VRRP", "SYNC",
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
      // What else stands beside the vectors, such as tables of schedulers, is not this program's.
      let format = try file.optional("format", Read.integer) ?? 1
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
    try Self.refuseUnknown(areas, among: Self.areas + entries.map(\.area), "area")
    try Self.refuseUnknown(modes, among: Self.modes + entries.map(\.mode), "mode")
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
      let known = kind == "vector" ? "" : "; there are \(names.sorted().joined(separator: ", "))"
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
