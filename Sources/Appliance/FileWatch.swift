import Foundation
import Frames

/// A file that is looked at now and then: whether it is another than when it was read last.
///
/// It is looked at rather than watched, since editors and tools replace files in many ways; a file that is
/// being written is left alone until it stays the same from one look to the next.
struct FileWatch {
  private struct Stamp: Equatable {
    var node: UInt64?
    var length: UInt64?
    var time: Date?

    init(_ path: String) {
      let attributes = try? FileManager.default.attributesOfItem(atPath: path)
      node = (attributes?[.systemFileNumber] as? NSNumber)?.uint64Value
      length = (attributes?[.size] as? NSNumber)?.uint64Value
      time = attributes?[.modificationDate] as? Date
    }
  }

  /// Between two looks.
  static let interval = Duration.milliseconds(250)

  private let path: String
  private var known: Stamp
  private var last: Stamp
  /// When it is looked at next.
  private(set) var next: Instant

  /// The file at `path`, which has just been read.
  init(path: String, at now: Instant) {
    self.path = path
    known = Stamp(path)
    last = known
    next = now.advanced(by: Self.interval)
  }

  /// Looks at the file; whether it is to be read.
  mutating func look(at now: Instant) -> Bool {
    next = now.advanced(by: Self.interval)
    let stamp = Stamp(path)
    defer { last = stamp }
    guard stamp != known, stamp == last, stamp.node != nil else { return false }
    known = stamp
    return true
  }
}
