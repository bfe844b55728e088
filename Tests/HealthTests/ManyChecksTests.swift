import Director
import Frames
import TestSupport
import Testing
import Wire

@testable import Health

/// A thousand services with a hundred servers each.
@Suite struct ManyChecksTests {
  private static func configuration(
    weight: Int = 1, servers: Int = 100
  ) -> HealthConfiguration {
    let settings = CheckSettings.quick.with { $0.interval = .seconds(10) }
    let checks = [HealthConfiguration.Check("tcp", settings)]
    return HealthConfiguration(
      services: (0..<1000).map { service in
        let address = IPv4Address(192, 0, UInt8(service >> 8), UInt8(service & 0xff))
        return HealthConfiguration.Service(
          ServiceName(.tcp, Endpoint(address, 80)),
          servers: (0..<servers).map {
            HealthConfiguration.Server(
              Endpoint(IPv4Address(10, UInt8(service >> 8), UInt8(service & 0xff), UInt8($0)), 80),
              weight: weight, checks: checks)
          })
      })
  }

  private static func finish(
    _ monitor: inout HealthMonitor, _ update: HealthUpdate, at now: Instant
  ) -> Int {
    var count = 0
    for case .start(let start) in update.orders {
      _ = monitor.note(.success, of: start.run, at: now)
      count += 1
    }
    return count
  }

  /// Each is started once an interval, in even portions; a reload takes none of them out of step.
  @Test func areAllDoneInEvenPortions() {
    var clock = ManualClock()
    var monitor = HealthMonitor()
    let first = monitor.apply(Self.configuration(), at: clock.now)
    #expect(first.changes.count == 100_000)
    #expect(monitor.checkCount == 100_000)
    var portions: [Int] = []
    for step in 0..<1000 {
      let now = clock.advance(by: .milliseconds(10))
      let update = monitor.advance(to: now)
      portions.append(Self.finish(&monitor, update, at: now))
      guard step == 500 else { continue }
      let again = monitor.apply(Self.configuration(), at: now)
      #expect(again == HealthUpdate())
      let weights = monitor.apply(Self.configuration(weight: 2), at: now)
      #expect(weights.changes.count == 100_000)
      #expect(weights.events.count == 100_000)
    }
    #expect(portions.reduce(0, +) == 100_000)
    #expect(portions.allSatisfy { (90...110).contains($0) }, "100 on average")
    let fewer = monitor.apply(Self.configuration(weight: 2, servers: 50), at: clock.now)
    #expect(fewer == HealthUpdate())
    #expect(monitor.checkCount == 50_000)
  }
}
