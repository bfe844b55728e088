import ArgumentParser
import Configuration

/// A duration as configuration files have it, as in `90s`.
struct DurationArgument: ExpressibleByArgument {
  let duration: Duration

  init?(argument: String) {
    guard let duration = DurationText.parse(argument), duration >= .milliseconds(1) else {
      return nil
    }
    self.duration = duration
  }

  /// Rounded up: less than a second is one.
  var seconds: Int {
    let parts = duration.components
    return Int(parts.seconds) + (parts.attoseconds > 0 ? 1 : 0)
  }
}
