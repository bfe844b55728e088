import Glibc
import Netlink

/// A process, told from others that have had or will have its number.
package struct ProcessIdentity: Codable, Equatable, Sendable {
  package let number: Int32
  /// When it began, in the kernel's ticks since boot.
  package let startTime: UInt64

  package init(number: Int32, startTime: UInt64) {
    self.number = number
    self.startTime = startTime
  }

  /// The process that has `number` now; `nil` if none has, or it has ended and waits for its parent.
  init?(running number: Int32) {
    let path = "/proc/\(number)/stat"
    guard let bytes = try? SmallFile.read(path),
      let (state, startTime) = Self.fields(String(decoding: bytes, as: UTF8.self)),
      state != "Z", state != "X"
    else { return nil }
    self.init(number: number, startTime: startTime)
  }

  /// State and start time in the text of `/proc/PID/stat`, where the name, which may contain anything,
  /// stands in parentheses before them.
  static func fields(_ text: String) -> (state: Substring, startTime: UInt64)? {
    guard let end = text.lastIndex(of: ")") else { return nil }
    let fields = text[text.index(after: end)...].split(whereSeparator: { $0 == " " || $0 == "\n" })
    guard fields.count > 19, let startTime = UInt64(fields[19]) else { return nil }
    return (fields[0], startTime)
  }

  /// Whether it has not ended.
  package var isRunning: Bool { Self(running: number) == self }
}
