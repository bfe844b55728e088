import Frames
import Wire

/// Both engines with the same flows, measured in turn in one process.
struct Session: ~Copyable {
  let flowCount: Int
  private var bench: Workbench
  private let requests: TemplatePool
  private let replies: TemplatePool
  private let openings: TemplatePool
  /// Packets of a pass: enough for a millisecond.
  private let packetCount: Int
  private var order = Random(state: 1)

  /// Frames compared byte by byte.
  var comparedCount: Int { bench.comparedCount }

  /// A session of `flowCount` flows, a multiple of 64, none of them opened.
  init(flowCount: Int, _ bench: consuming Workbench) {
    self.flowCount = flowCount
    self.bench = bench
    packetCount = flowCount <= 65_536 ? 65_536 : 1 << 19
    openings = TemplatePool(count: flowCount)
    requests = TemplatePool(count: packetCount)
    replies = TemplatePool(count: packetCount)
  }

  /// Opens all flows in both engines, compares what they send, and writes the templates.
  mutating func open() throws(BenchError) {
    for (index, flow) in Traffic.shuffled(flowCount).enumerated() {
      Traffic.writeRequest(openings, at: index, flow: flow, flags: .syn)
    }
    let servers = try openFlows()
    for (index, flow) in Traffic.random(packetCount, below: flowCount).enumerated() {
      Traffic.writeRequest(requests, at: index, flow: flow, flags: .ack)
      Traffic.writeReply(replies, at: index, flow: flow, server: servers[flow])
    }
  }

  /// The server that each flow was given.
  private mutating func openFlows() throws(BenchError) -> [IPv4Address] {
    var servers = [IPv4Address](repeating: .unspecified, count: flowCount)
    let flows = Traffic.shuffled(flowCount)
    for first in stride(from: 0, to: flowCount, by: FrameBatch.frameLimit) {
      try bench.compare(openings, from: first)
      for index in 0..<FrameBatch.frameLimit {
        servers[flows[first + index]] = bench.destination(at: index)
      }
    }
    return servers
  }

  /// Sends a request and a reply of all flows through both engines, and compares what they send.
  mutating func establish() throws(BenchError) {
    let established = TemplatePool(count: FrameBatch.frameLimit)
    for first in stride(from: 0, to: flowCount, by: FrameBatch.frameLimit) {
      for index in 0..<FrameBatch.frameLimit {
        Traffic.writeRequest(established, at: index, flow: first + index, flags: .ack)
      }
      try bench.compare(established, from: 0)
    }
    for first in stride(from: 0, to: packetCount, by: FrameBatch.frameLimit) {
      bench.receive(by: Site.outside)
      try bench.compare(requests, from: first)
      bench.receive(by: Site.inside)
      try bench.compare(replies, from: first)
    }
    bench.receive(by: Site.outside)
  }

  /// One repetition of established flows in one direction.
  mutating func measureEstablished(_ direction: Flow) -> Sample {
    var sample = Sample()
    bench.receive(by: direction == .requests ? Site.outside : Site.inside)
    for worker in Workbench.Worker.allCases.shuffled(using: &order) {
      sample[worker] =
        direction == .requests ? bench.pass(worker, requests) : bench.pass(worker, replies)
    }
    bench.receive(by: Site.outside)
    return sample
  }

  /// Which frames of established flows.
  enum Flow {
    case requests
    case replies
  }

  /// One repetition of opening all flows and ending them again.
  mutating func measureOpening() throws(BenchError) -> (opening: Sample, expiry: Sample) {
    var opening = Sample()
    var expiry = Sample()
    let cycles = max(1, 65_536 / flowCount)
    for worker in Workbench.Worker.allCases.shuffled(using: &order) {
      for _ in 0..<cycles {
        opening[worker] += bench.pass(worker, openings) / Double(cycles)
        guard worker == .nobody || bench.connectionCount(worker) == flowCount else {
          throw .disagreement("\(worker): not every flow was opened")
        }
        // What is due of ARP does not belong to the connections.
        bench.wait(.seconds(55))
        bench.expire(worker)
        bench.learnNeighbors()
        bench.wait(.seconds(15))
        let began = ThreadClock.nanoseconds
        bench.expire(worker)
        let elapsed = Double(ThreadClock.nanoseconds - began)
        expiry[worker] += elapsed / Double(cycles) / Double(flowCount)
        guard bench.connectionCount(worker) == 0 else {
          throw .disagreement("\(worker): not every flow was ended")
        }
        bench.learnNeighbors()
      }
    }
    expiry.copying = 0
    return (opening, expiry)
  }

  /// Opens all flows again after `measureOpening`.

  /// Ends all flows of both engines.
  mutating func close() {
    bench.wait(.seconds(1000))
    bench.expire(.engineInC)
    bench.expire(.director)
    bench.learnNeighbors()
  }
}
