import Director
import Frames
import Wire

/// A director of each method with the same flows, measured in turn in one process.
struct MethodSession: ~Copyable {
  let flowCount: Int
  private let benches: [MethodBench]
  private let openings: TemplatePool
  private let requests: TemplatePool
  private let replies: TemplatePool
  private let translatedReplies: TemplatePool
  private var order = Random(state: 2)

  /// Frames whose headers were looked at.
  private(set) var checkedCount = 0

  /// Nanoseconds a packet or connection of one repetition.
  struct Repetition {
    var copying = 0.0
    var figures: [MethodFigure: [MethodChoice: Double]] = [:]

    /// Without the copying.
    func net(_ figure: MethodFigure, _ choice: MethodChoice) -> Double? {
      figures[figure]?[choice].map { max(0.01, $0 - copying) }
    }
  }

  /// A session of `flowCount` flows, a multiple of 64, none of them opened.
  init(flowCount: Int) throws(BenchError) {
    self.flowCount = flowCount
    var benches: [MethodBench] = []
    for choice in MethodChoice.allCases {
      benches.append(try MethodBench(choice, limit: flowCount))
    }
    self.benches = benches
    let packetCount = flowCount <= 65_536 ? 65_536 : 1 << 19
    openings = TemplatePool(count: flowCount)
    requests = TemplatePool(count: packetCount)
    replies = TemplatePool(count: packetCount)
    translatedReplies = TemplatePool(count: packetCount)
    for (index, flow) in Traffic.shuffled(flowCount).enumerated() {
      Traffic.writeRequest(openings, at: index, flow: flow, flags: .syn)
    }
    for (index, flow) in Traffic.random(packetCount, below: flowCount).enumerated() {
      Traffic.writeRequest(requests, at: index, flow: flow, flags: .ack)
    }
  }

  /// Opens all flows with each method, and looks at every frame that is sent on.
  mutating func open() throws(BenchError) {
    for bench in benches {
      let opened = try openFlows(bench)
      guard bench.connectionCount == flowCount else {
        throw .disagreement("\(bench.choice): not every flow was opened")
      }
      checkedCount += try Self.look(at: requests, by: Site.outside, bench)
      if bench.choice == .nat {
        writeReplies(replies) { (opened[$0].destination, Site.client($0)) }
        checkedCount += try Self.look(at: replies, by: Site.inside, bench)
      } else if bench.choice == .fullnat {
        writeReplies(translatedReplies) { flow in
          (opened[flow].destination, opened[flow].sourceEndpoint)
        }
        checkedCount += try Self.look(at: translatedReplies, by: Site.inside, bench)
      }
    }
  }

  /// What became of the first packet of each flow, after handshakes as far as the director sees them.
  private mutating func openFlows(_ bench: MethodBench) throws(BenchError) -> [Rewritten] {
    let flows = Traffic.shuffled(flowCount)
    var opened: [Rewritten?] = Array(repeating: nil, count: flowCount)
    let others = TemplatePool(count: FrameBatch.frameLimit)
    for first in stride(from: 0, to: flowCount, by: FrameBatch.frameLimit) {
      let seen = try bench.decide(openings, from: first, by: Site.outside)
      checkedCount += seen.count
      for (index, rewritten) in seen.enumerated() {
        opened[flows[first + index]] = rewritten
        Traffic.writeReply(
          others, at: index, flow: flows[first + index], server: rewritten.destination,
          to: bench.choice == .fullnat ? rewritten.sourceEndpoint : nil, flags: [.syn, .ack])
      }
      if bench.choice.seesReplies {
        checkedCount += try bench.decide(others, from: 0, by: Site.inside).count
      }
      for index in seen.indices {
        Traffic.writeRequest(others, at: index, flow: flows[first + index], flags: .ack)
      }
      checkedCount += try bench.decide(others, from: 0, by: Site.outside).count
    }
    return opened.compactMap { $0 }
  }

  /// Looks at all frames of `pool`: their number.
  private static func look(
    at pool: borrowing TemplatePool, by port: PortIndex, _ bench: MethodBench
  ) throws(BenchError) -> Int {
    var count = 0
    for first in stride(from: 0, to: pool.count, by: FrameBatch.frameLimit) {
      count += try bench.decide(pool, from: first, by: port).count
    }
    return count
  }

  /// Replies of flows in the order of `requests`; `ends` says where each comes from and goes to.
  private func writeReplies(
    _ pool: borrowing TemplatePool, ends: (Int) -> (IPv4Address, Endpoint)
  ) {
    for (index, flow) in Traffic.random(pool.count, below: flowCount).enumerated() {
      let (server, destination) = ends(flow)
      Traffic.writeReply(pool, at: index, flow: flow, server: server, to: destination)
    }
  }

  /// One repetition of established flows, of all methods in an order of chance.
  mutating func measureEstablished() -> Repetition {
    var repetition = Repetition()
    for bench in benches.shuffled(using: &order) {
      repetition.figures[.requests, default: [:]][bench.choice] = bench.pass(
        requests, by: Site.outside)
    }
    repetition.copying = benches[0].copy(requests)
    for bench in benches.shuffled(using: &order) where bench.choice.seesReplies {
      repetition.figures[.replies, default: [:]][bench.choice] =
        bench.choice == .nat
        ? bench.pass(replies, by: Site.inside) : bench.pass(translatedReplies, by: Site.inside)
    }
    return repetition
  }

  /// One repetition of opening all flows, after which there are none.
  mutating func measureOpening() throws(BenchError) -> Repetition {
    var repetition = Repetition()
    let cycles = max(1, 65_536 / flowCount)
    for bench in benches.shuffled(using: &order) {
      var total = 0.0
      for _ in 0..<cycles {
        total += bench.pass(openings, by: Site.outside)
        guard bench.connectionCount == flowCount else {
          throw .disagreement("\(bench.choice): not every flow was opened")
        }
        bench.close()
        guard bench.connectionCount == 0 else {
          throw .disagreement("\(bench.choice): not every flow was ended")
        }
      }
      repetition.figures[.openings, default: [:]][bench.choice] = total / Double(cycles)
    }
    repetition.copying = benches[0].copy(openings)
    return repetition
  }

  /// Ends all flows.
  func close() {
    for bench in benches { bench.close() }
  }
}
