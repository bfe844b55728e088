import Foundation

@testable import conformance

/// A folder of `Tests/Recordings`: what a kernel's director did, and the list of it.
struct CarriedRecordings {
  let folder: RecordingFolder

  /// The folders, one for each forwarding method.
  static let folders = ["nat", "dr", "tun"]

  /// The folder `name`.
  init(_ name: String = "nat") throws {
    folder = try RecordingFolder(path: Self.path(of: name))
  }

  private static func path(of name: String, from source: String = #filePath) -> String {
    URL(fileURLWithPath: source).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Recordings").appendingPathComponent(name).path
  }

  /// Each that is replayed, as in `nat/tcp-fin`.
  static let names: [String] = folders.flatMap { folder in
    ((try? CarriedRecordings(folder).folder.replayed.map(\.name)) ?? []).map { "\(folder)/\($0)" }
  }

  /// The recording of a folder and name, as in `nat/tcp-fin`.
  static func recording(at path: String) throws -> Recording {
    let parts = path.split(separator: "/").map(String.init)
    return try CarriedRecordings(parts[0]).recording(parts[1])
  }

  func recording(_ name: String) throws -> Recording {
    guard let notes = folder.replayed.first(where: { $0.name == name })?.notes else {
      throw SelectionError("no recording '\(name)'")
    }
    return try folder.recording(name, notes)
  }

  /// The text of a recording: the set-up commands, and what came of them.
  func text(of name: String) throws -> (setUp: String, rest: String) {
    let whole = try String(contentsOfFile: "\(folder.path)/\(name).ipvsadm", encoding: .utf8)
    guard let end = whole.range(of: "## their output")?.lowerBound else {
      throw SelectionError("no set-up in '\(name)'")
    }
    return (String(whole[..<end]), String(whole[end...]))
  }
}
