import ArgumentParser
import Foundation

/// `bench`: the engine in memory against one in C, and its methods of forwarding beside each other.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measures the engine in memory, without I/O, against a small one in C.",
    discussion: """
      Both engines get the same frames in the same process, turn about; a figure is the median over \
      the repetitions, and so is the ratio of both. Flows come in random order, which is the worst \
      there is for caches. Then directors of all forwarding methods get the same flows, turn about; \
      ratios are to NAT. Figures do not decide over the exit code.
      """)

  @Option(help: "Numbers of flows, each up to 16000000; rounded up to whole batches of 64.")
  var flows = FlowCounts([1_000, 100_000, 1_000_000])

  @Option(help: "The number of flows when methods are compared.")
  var methodFlows = FlowCounts([100_000])

  @Option(help: "engines or methods: what alone is compared.")
  var only: Comparison?

  @Option(help: "Repetitions of each measurement, 1 to 1000.")
  var repetitions = 15

  @Option(name: .shortAndLong, help: "table or json.")
  var output = Output.table

  enum Comparison: String, ExpressibleByArgument, CaseIterable {
    case engines
    case methods
  }

  enum Output: String, ExpressibleByArgument, CaseIterable {
    case table
    case json
  }

  func validate() throws {
    guard 1...1000 ~= repetitions else {
      throw ValidationError("--repetitions is \(repetitions); wanted: 1 to 1000")
    }
    guard methodFlows.counts.count == 1 else {
      throw ValidationError("--method-flows is \(methodFlows); wanted: one number")
    }
  }

  mutating func run() throws {
    var progress = Progress()
    var report = Report(repetitions: repetitions)
    if only != .methods {
      progress.note("memory of \(ResidentMemory.connectionCount) connections")
      report.bytesPerConnection = try ResidentMemory.bytesPerConnection()
      for count in flows.counts {
        try measure(count, into: &report, &progress)
      }
    }
    if only != .engines {
      report.methods = try methods(methodFlows.counts[0], &progress)
    }
    print(output == .json ? report.json : report.text)
  }

  private func measure(
    _ flowCount: Int, into report: inout Report, _ progress: inout Progress
  ) throws {
    progress.note("\(flowCount) flows: opened in both engines")
    var session = Session(flowCount: flowCount, try Workbench(limit: flowCount))
    try session.open()
    try session.establish()
    for (name, frames) in [
      ("established in", Session.Flow.requests), ("established out", .replies),
    ] {
      var samples: [Sample] = []
      for repetition in 1...repetitions {
        progress.note("\(flowCount) flows: \(name), repetition \(repetition) of \(repetitions)")
        samples.append(session.measureEstablished(frames))
      }
      report.rows.append(.init(name, flows: flowCount, samples, target: 1.5))
    }
    session.close()
    var openings: [Sample] = []
    var expiries: [Sample] = []
    for repetition in 1...repetitions {
      progress.note("\(flowCount) flows: new flow, repetition \(repetition) of \(repetitions)")
      let (opening, expiry) = try session.measureOpening()
      openings.append(opening)
      expiries.append(expiry)
    }
    report.rows.append(.init("new flow", flows: flowCount, openings, target: 2))
    report.rows.append(.init("expiry", flows: flowCount, expiries))
    report.comparedFrames += session.comparedCount
  }
}

extension BenchCommand {
  private func methods(
    _ flowCount: Int, _ progress: inout Progress
  ) throws -> MethodReport {
    progress.note("\(flowCount) flows: opened with all methods")
    var session = try MethodSession(flowCount: flowCount)
    try session.open()
    var measured: [MethodSession.Repetition] = []
    for repetition in 1...repetitions {
      progress.note("\(flowCount) flows: methods, repetition \(repetition) of \(repetitions)")
      measured.append(session.measureEstablished())
    }
    session.close()
    for repetition in 1...repetitions {
      progress.note("\(flowCount) flows: openings, repetition \(repetition) of \(repetitions)")
      measured.append(try session.measureOpening())
    }
    return MethodReport(flows: flowCount, measured, checkedFrames: session.checkedCount)
  }
}

/// The argument of `--flows`.
struct FlowCounts: ExpressibleByArgument, CustomStringConvertible {
  /// Multiples of 64.
  let counts: [Int]

  init(_ counts: [Int]) {
    self.counts = counts.map { ($0 + 63) / 64 * 64 }
  }

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    let counts = parts.compactMap { Int($0) }.filter { 1...16_000_000 ~= $0 }
    guard counts.count == parts.count else { return nil }
    self.init(counts)
  }

  var description: String { counts.map { "\($0)" }.joined(separator: ",") }
}

/// Says what is being done, no more often than every two seconds.
struct Progress {
  private var last = ContinuousClock.now

  mutating func note(_ text: String) {
    guard ContinuousClock.now - last > .seconds(2) else { return }
    last = .now
    FileHandle.standardError.write(Data("bench: \(text)\n".utf8))
  }
}
