import Frames
import Wire

/// How many ICMP errors may be sent (RFC 1812 section 4.3.2.8), as `net/ipv4/icmp.c` does by default.
///
/// All together: a bucket of 50 that fills with 1000 a second. To one destination: one a second, up
/// to 6 saved. Errors that tell an MTU have a bucket of their own and no limit by destination: path
/// MTU discovery must not starve beside a flood.
/// Memory: 24 KiB. Destinations share buckets by their lower bits; a newcomer begins with a full one.
struct ErrorLimits: Sendable {
  private struct Bucket: Sendable {
    var tokens: Int
    var filled: Instant

    /// Takes a token, if there is one; one grows every `interval`, up to `limit`.
    mutating func take(every interval: Duration, limit: Int, at now: Instant) -> Bool {
      let grown = filled.duration(to: now).wholeNanoseconds / interval.wholeNanoseconds
      if grown >= Int64(limit) {
        tokens = limit
        filled = now
      } else if grown > 0 {
        tokens = min(limit, tokens + Int(grown))
        filled = filled.advanced(by: interval * Int(grown))
      }
      guard tokens > 0 else { return false }
      tokens -= 1
      return true
    }
  }

  private struct Destination: Sendable {
    var address: IPv4Address
    var bucket: Bucket
  }

  static let overallInterval = Duration.milliseconds(1)
  static let overallBurst = 50
  static let destinationInterval = Duration.seconds(1)
  static let destinationBurst = 6
  private static let destinationCount = 512

  private var overall: Bucket
  private var overallForMTU: Bucket
  private var destinations: [Destination?]

  init(at now: Instant) {
    overall = Bucket(tokens: Self.overallBurst, filled: now)
    overallForMTU = overall
    destinations = Array(repeating: nil, count: Self.destinationCount)
  }

  /// Whether `error` may be sent to `destination` now; if so, it is counted as sent.
  mutating func allows(_ error: ICMPError, to destination: IPv4Address, at now: Instant) -> Bool {
    if case .fragmentationNeeded = error {
      return overallForMTU.take(
        every: Self.overallInterval, limit: Self.overallBurst, at: now)
    }
    let place = Int(destination.rawValue ^ destination.rawValue >> 16) % Self.destinationCount
    var entry =
      destinations[place]
      ?? Destination(
        address: destination, bucket: Bucket(tokens: Self.destinationBurst, filled: now))
    if entry.address != destination {
      entry = Destination(
        address: destination, bucket: Bucket(tokens: Self.destinationBurst, filled: now))
    }
    let isAllowed = entry.bucket.take(
      every: Self.destinationInterval, limit: Self.destinationBurst, at: now)
    destinations[place] = entry
    return isAllowed
      && overall.take(every: Self.overallInterval, limit: Self.overallBurst, at: now)
  }
}
