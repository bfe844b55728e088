import Foundation

@testable import conformance

/// `Tests/Recordings/nat`: what a kernel's director did, and the list of it.
struct CarriedRecordings {
  let folder: RecordingFolder

  init() throws {
    folder = try RecordingFolder(path: Self.path())
  }

  static func path(from source: String = #filePath) -> String {
    URL(fileURLWithPath: source).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Recordings/nat").path
  }

  /// The names of those that are replayed.
  static let names: [String] = (try? CarriedRecordings().folder.replayed.map(\.name)) ?? []

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
