import Frames
import TestSupport
import Testing

@Suite struct InstantTests {
  @Test func advancesAndMeasures() {
    let start = Instant(nanoseconds: 5_000_000_000)
    let later = start.advanced(by: .milliseconds(1500))
    #expect(later == Instant(nanoseconds: 6_500_000_000))
    #expect(start.duration(to: later) == .milliseconds(1500))
    #expect(later.duration(to: start) == .milliseconds(-1500))
    #expect(later.advanced(by: .milliseconds(-1500)) == start)
    #expect(start < later)
    #expect(!(later < start))
  }

  @Test func staysAtTheBeginning() {
    #expect(Instant(nanoseconds: 5).advanced(by: .seconds(-1)) == .zero)
    #expect(Instant.zero.advanced(by: .nanoseconds(-1)) == .zero)
    #expect(Instant.zero.advanced(by: .zero) == .zero)
  }

  @Test(arguments: [
    (UInt64(0), UInt32(0)), (999_999, 0), (1_000_000, 1), (900_000_000_000, 900_000),
    (4_294_967_296_000_000, 0), (4_294_967_297_999_999, 1),
  ])
  func stampsInMilliseconds(nanoseconds: UInt64, stamp: UInt32) {
    #expect(Instant(nanoseconds: nanoseconds).milliseconds == stamp)
  }

  @Test func countsWholeNanoseconds() {
    #expect(Duration.seconds(900).wholeNanoseconds == 900_000_000_000)
    #expect(Duration.nanoseconds(-3).wholeNanoseconds == -3)
    let half = Duration(secondsComponent: 0, attosecondsComponent: 500_000_000)
    #expect(half.wholeNanoseconds == 0)
    #expect((Duration.zero - half).wholeNanoseconds == 0)
    #expect(Duration.seconds(10_000_000_000).wholeNanoseconds == .max)
    #expect(Duration.seconds(-10_000_000_000).wholeNanoseconds == .min)
  }

  @Test func aManualClockStandsStill() {
    var clock = ManualClock()
    let start = clock.now
    #expect(clock.now == start)
    let later = clock.advance(by: .seconds(900))
    #expect(start.duration(to: later) == .seconds(900))
    #expect(clock.now == later)
  }
}

@Suite struct SplitMix64Tests {
  /// The first numbers from seed 1234567, as published with the algorithm.
  @Test func repeatsThePublishedNumbers() {
    var random = SplitMix64(seed: 1_234_567)
    let numbers = (0..<3).map { _ in random.next() }
    #expect(
      numbers == [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423])
  }
}
