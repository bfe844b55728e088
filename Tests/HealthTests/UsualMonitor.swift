import Director
import Frames
import TestSupport
import Testing
import Wire

@testable import Health

/// A monitor with a clock, whose checks run as the test says.
final class UsualMonitor {
  var monitor = HealthMonitor()
  var clock = ManualClock()
  /// The director's lists, as the changes make them; what was removed is not there.
  private(set) var lists: [ServiceName: [Endpoint: Int]] = [:]
  /// The runs that wait for results.
  private(set) var runs: [CheckStart] = []

  static let web = ServiceName(.tcp, Endpoint(ExampleNetwork.virtual, 80))

  static func server(_ number: UInt8, port: UInt16 = 8080) -> Endpoint {
    Endpoint(IPv4Address(10, 0, 0, number), port)
  }

  init(_ services: [HealthConfiguration.Service] = []) {
    apply(services)
  }

  /// The list of the usual service.
  var list: [Endpoint: Int] { lists[Self.web] ?? [:] }

  /// The kinds of the events of `update`.
  @discardableResult
  func take(_ update: HealthUpdate) -> [HealthEvent.Kind] {
    for change in update.changes {
      switch change.use {
      case .weight(let weight): lists[change.service, default: [:]][change.server] = weight
      case .removed: lists[change.service, default: [:]][change.server] = nil
      }
    }
    for order in update.orders {
      switch order {
      case .start(let start):
        #expect(!runs.contains { $0.run.place == start.run.place }, "a check runs twice")
        runs.append(start)
      case .shorten: break
      case .cancel(let run): runs.removeAll { $0.run == run }
      }
    }
    return update.events.map(\.kind)
  }

  @discardableResult
  func apply(_ services: [HealthConfiguration.Service]) -> HealthUpdate {
    let update = monitor.apply(HealthConfiguration(services: services), at: clock.now)
    take(update)
    return update
  }

  /// Starts what is due `duration` later.
  @discardableResult
  func advance(by duration: Duration = .zero) -> HealthUpdate {
    clock.advance(by: duration)
    let update = monitor.advance(to: clock.now)
    take(update)
    return update
  }

  /// Tells the result of all runs of `server`.
  @discardableResult
  func finish(_ server: Endpoint, _ result: CheckResult) -> HealthUpdate {
    var all = HealthUpdate()
    for start in runs where start.server == server {
      all += monitor.note(result, of: start.run, at: clock.now)
    }
    runs.removeAll { $0.server == server }
    take(all)
    return all
  }

  /// Lets time pass in steps of 10 ms, in which each check that starts gets its result at once from
  /// `results`, by the server, or else passes.
  @discardableResult
  func run(
    for duration: Duration, _ results: [Endpoint: CheckResult] = [:]
  ) -> [HealthEvent.Kind] {
    var kinds: [HealthEvent.Kind] = []
    let end = clock.now.advanced(by: duration)
    while clock.now < end {
      kinds += advance(by: .milliseconds(10)).events.map(\.kind)
      for server in Set(runs.map(\.server)) {
        kinds += finish(server, results[server] ?? .success).events.map(\.kind)
      }
    }
    return kinds
  }

  /// Brings a server down, and leaves down those that are.
  @discardableResult
  func fail(_ server: Endpoint, _ failure: CheckFailure = .refused) -> [HealthEvent.Kind] {
    var kinds: [HealthEvent.Kind] = []
    let servers = monitor.service(Self.web)?.servers ?? []
    var results: [Endpoint: CheckResult] = [server: .failure(failure)]
    for other in servers where !other.isAlive {
      results[other.definition.endpoint] = .failure(failure)
    }
    for _ in 0..<1000 where monitor.server(server, of: Self.web)?.isAlive == true {
      kinds += run(for: .milliseconds(100), results)
    }
    return kinds
  }
}

extension CheckSettings {
  /// One result decides, every second.
  static var quick: Self {
    var settings = Self()
    settings.interval = .seconds(1)
    settings.rise = 1
    settings.fall = 1
    return settings
  }

  func with(_ change: (inout Self) -> Void) -> Self {
    var settings = self
    change(&settings)
    return settings
  }
}

extension HealthConfiguration.Service {
  /// The usual service with `weights.count` servers, 10.0.0.2 and on, each with one check.
  static func web(
    _ weights: [Int], _ settings: CheckSettings = .quick, _ change: (inout Self) -> Void = { _ in }
  ) -> Self {
    let checks = [HealthConfiguration.Check("tcp", settings)]
    var service = Self(
      UsualMonitor.web,
      servers: weights.enumerated().map {
        HealthConfiguration.Server(
          UsualMonitor.server(UInt8(2 + $0)), weight: $1, checks: checks)
      })
    change(&service)
    return service
  }
}
