import Frames
import TestSupport
import Testing
import Wire

@testable import Director

/// How many ICMP errors may be sent.
@Suite struct ErrorLimitTests {
  private static let start = Instant(nanoseconds: 5_000_000_000)
  private static let errors: [ICMPError] = [
    .hostUnreachable, .portUnreachable, .timeExceeded, .reassemblyTimeExceeded,
  ]
  private static let needed = ICMPError.fragmentationNeeded(mtu: 1400)

  /// Addresses that share no bucket.
  private static func destination(_ number: Int) -> IPv4Address {
    IPv4Address(rawValue: 0x0a00_0000 + UInt32(number))
  }

  /// How many of `count` attempts at once succeed.
  private func allowed(
    _ count: Int, _ limits: inout ErrorLimits, of error: ICMPError = .portUnreachable,
    to destination: IPv4Address, after duration: Duration = .zero
  ) -> Int {
    let now = Self.start.advanced(by: duration)
    return (0..<count).count { _ in limits.allows(error, to: destination, at: now) }
  }

  /// The same to as many destinations.
  private func allowed(
    _ count: Int, _ limits: inout ErrorLimits, from first: Int, after duration: Duration
  ) -> Int {
    let now = Self.start.advanced(by: duration)
    return (first..<first + count).count {
      limits.allows(.portUnreachable, to: Self.destination($0), at: now)
    }
  }

  @Test(arguments: errors)
  func oneDestinationGetsSixAndThenOneASecond(error: ICMPError) {
    var limits = ErrorLimits(at: Self.start)
    let client = Self.destination(1)
    let rows: [(after: Duration, count: Int)] = [
      (.zero, 6), (.zero, 0), (.milliseconds(999), 0), (.seconds(1), 1),
      (.milliseconds(1999), 0), (.milliseconds(2500), 1), (.milliseconds(2999), 0),
      (.seconds(3), 1), (.seconds(6), 3), (.seconds(12), 6), (.seconds(3600), 6),
      (.seconds(3601), 1),
    ]
    for row in rows {
      let count = allowed(100, &limits, of: error, to: client, after: row.after)
      #expect(count == row.count, "after \(row.after)")
    }
  }

  @Test func allDestinationsGetFiftyAndThenOneAMillisecond() {
    var limits = ErrorLimits(at: Self.start)
    let rows: [(after: Duration, count: Int)] = [
      (.zero, 50), (.microseconds(999), 0), (.milliseconds(1), 1), (.milliseconds(11), 10),
      (.milliseconds(61), 50), (.seconds(3600), 50),
    ]
    for (place, row) in rows.enumerated() {
      let count = allowed(60, &limits, from: place * 60, after: row.after)
      #expect(count == row.count, "after \(row.after)")
    }
  }

  @Test func whoGetsNoMoreTakesNothingFromOthers() {
    var limits = ErrorLimits(at: Self.start)
    #expect(allowed(1000, &limits, to: Self.destination(500)) == 6)
    #expect(allowed(60, &limits, from: 0, after: .zero) == 44)
  }

  /// Path MTU discovery goes on in a flood, and a flood of it takes nothing from other errors.
  @Test func errorsAboutTheMTUAreApart() {
    var limits = ErrorLimits(at: Self.start)
    let client = Self.destination(500)
    #expect(allowed(100, &limits, to: client) == 6)
    #expect(allowed(100, &limits, from: 0, after: .zero) == 44)
    #expect(allowed(100, &limits, of: Self.needed, to: client) == 50)
    #expect(allowed(100, &limits, of: Self.needed, to: client, after: .milliseconds(5)) == 5)
    var others = ErrorLimits(at: Self.start)
    #expect(allowed(100, &others, of: Self.needed, to: client) == 50)
    #expect(allowed(100, &others, to: client) == 6)
  }

  /// Addresses 512 apart share a place: the newcomer has all of its own.
  @Test func aNewcomerBeginsWithAFullBucket() {
    var limits = ErrorLimits(at: Self.start)
    #expect(allowed(10, &limits, to: Self.destination(1)) == 6)
    #expect(allowed(10, &limits, to: Self.destination(513)) == 6)
    #expect(allowed(10, &limits, to: Self.destination(513)) == 0)
  }

  @Test func aDirectorCountsWhatItDoesNotSend() {
    let usual = UsualDirector()
    let frame = query(to: Endpoint(ExampleNetwork.virtual, 9)).frame()
    let sent = usual.receive([Sent](repeating: Sent(port: .wan, frame: frame), count: 20))
    #expect(sent.outcomes.allSatisfy { $0.verdict == .drop(.noService) })
    #expect(sent.originated.count == 6)
    #expect(usual.director.counters.errorsSent == 6)
    #expect(usual.director.counters.errorsSuppressed == 14)
    usual.advance(by: .seconds(1))
    #expect(usual.receive([Sent(port: .wan, frame: frame)]).originated.count == 1)
    #expect(usual.receive([Sent(port: .wan, frame: frame)]).originated.isEmpty)
    #expect(usual.director.counters.errorsSuppressed == 15)
  }

  @Test func aFloodFromEverywhereGetsFifty() {
    let usual = UsualDirector()
    let frames = (0..<60).map { number in
      let client = Endpoint(IPv4Address(rawValue: 0x0808_0000 + UInt32(number)), 40000)
      return Sent(
        port: .wan, frame: query(from: client, to: Endpoint(ExampleNetwork.virtual, 9)).frame())
    }
    #expect(usual.receive(frames).originated.count == 50)
    #expect(usual.director.counters.errorsSuppressed == 10)
    // Errors about the MTU still go out.
    let narrow = UsualDirector(.limited(insideMTU: 1000))
    narrow.receive(request(.syn))
    #expect(narrow.receive(frames).originated.count == 50)
    let large = Sent(port: .wan, frame: request(.ack).payload(count: 1400).frame())
    #expect(narrow.receive([Sent](repeating: large, count: 60)).originated.count == 50)
    narrow.advance(by: .milliseconds(50))
    #expect(narrow.receive([large]).originated.count == 1)
  }

  /// Resets are answers of a host, not errors.
  @Test func resetsHaveNoLimit() {
    let usual = UsualDirector()
    let frame = request(.syn, to: Endpoint(ExampleNetwork.virtual, 9)).frame()
    for _ in 0..<5 {
      let sent = usual.receive([Sent](repeating: Sent(port: .wan, frame: frame), count: 60))
      #expect(sent.outcomes.allSatisfy { $0.verdict == .transmit(.wan) })
    }
    #expect(usual.director.counters.resetsSent == 300)
    #expect(usual.director.counters.errorsSuppressed == 0)
  }
}
