import Checkers
import Health

/// Who runs checks.
protocol CheckRunning: AnyObject {
  /// Readable while results wait; negative for one that is asked instead.
  var descriptor: Int32 { get }
  func setProbes(_ probes: [String: CheckProbe])
  func run(_ orders: [CheckOrder])
  func takeResults() -> [(run: CheckRun, result: CheckResult)]
  func stop()
}

extension CheckRunner: CheckRunning {}
