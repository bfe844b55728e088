import Frames

/// A duration as configuration files have it: a whole number and its unit, as in `90s`.
package enum DurationText {
  /// The units, smallest first.
  private enum Unit: String, CaseIterable {
    case milliseconds = "ms"
    case seconds = "s"
    case minutes = "m"
    case hours = "h"

    /// The unit's length in milliseconds.
    var length: Int64 {
      switch self {
      case .milliseconds: 1
      case .seconds: 1000
      case .minutes: 60_000
      case .hours: 3_600_000
      }
    }
  }

  /// The duration that `text` is; `nil` if it is none, or has more than 12 digits.
  package static func parse(_ text: String) -> Duration? {
    let digits = text.prefix { ("0"..."9").contains($0) }
    guard let unit = Unit(rawValue: String(text[digits.endIndex...])),
      digits.count <= 12, digits == "0" || digits.first != "0", let count = Int64(digits)
    else { return nil }
    return .milliseconds(count * unit.length)
  }

  /// `duration` in the largest unit of which it is a whole number; what is less than a millisecond
  /// is left out.
  package static func text(_ duration: Duration) -> String {
    let milliseconds = duration.wholeNanoseconds / 1_000_000
    let unit = Unit.allCases.last { milliseconds % $0.length == 0 } ?? .milliseconds
    return "\(milliseconds / unit.length)\(unit.rawValue)"
  }
}
