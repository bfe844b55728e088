import Director
import Frames
import Wire

/// A director with one forwarding method, at a batch of 64 frames.
///
/// A class, since a list of them is wanted and a director cannot be copied.
final class MethodBench {
  let choice: MethodChoice
  private var director: Director
  private var batch = FrameBatch()
  private var outbox = FrameBatch.outbox()
  private var now = Instant(nanoseconds: 1_000_000_000_000)

  /// Room for `limit` connections.
  init(_ choice: MethodChoice, limit: Int) throws(BenchError) {
    self.choice = choice
    let configuration = Site.configuration(limit: limit, choice.method, choice.tunnel)
    do {
      director = try Director(configuration: configuration, seed: 0x5eed, at: now)
    } catch {
      throw .memory("\(error)")
    }
    learnNeighbors()
  }

  var connectionCount: Int { director.connectionCount }

  /// Decides all templates of `pool`, received by `port`: nanoseconds for each, copying included.
  func pass(_ pool: borrowing TemplatePool, by port: PortIndex) -> Double {
    let began = ThreadClock.nanoseconds
    for first in stride(from: 0, to: pool.count, by: FrameBatch.frameLimit) {
      pool.fill(&batch, from: first, port: port)
      director.process(&batch, outbox: &outbox, at: now)
    }
    return Double(ThreadClock.nanoseconds - began) / Double(pool.count)
  }

  /// Copies all templates of `pool` as `pass` does, and no more.
  func copy(_ pool: borrowing TemplatePool) -> Double {
    let began = ThreadClock.nanoseconds
    for first in stride(from: 0, to: pool.count, by: FrameBatch.frameLimit) {
      pool.fill(&batch, from: first, port: Site.outside)
    }
    return Double(ThreadClock.nanoseconds - began) / Double(pool.count)
  }

  /// Decides the 64 templates from `first` on and says what became of each; all must be sent on, and
  /// with the headers of the method.
  func decide(
    _ pool: borrowing TemplatePool, from first: Int, by port: PortIndex
  ) throws(BenchError) -> [Rewritten] {
    pool.fill(&batch, from: first, port: port)
    director.process(&batch, outbox: &outbox, at: now)
    var seen: [Rewritten] = []
    for index in 0..<FrameBatch.frameLimit {
      guard case .transmit(let out) = batch[index].verdict else {
        throw .disagreement("\(choice): frame \(first + index) is not sent on")
      }
      let rewritten = Rewritten(batch.readBytes(at: index), by: out)
      guard rewritten.isRight(choice, receivedBy: port) else {
        throw .disagreement("\(choice): frame \(first + index) is sent on as \(rewritten)")
      }
      seen.append(rewritten)
    }
    return seen
  }

  /// Ends all connections.
  func close() {
    // What is due of ARP does not belong to the connections.
    for _ in 0..<2 {
      now = now.advanced(by: .seconds(500))
      repeat {
        director.advance(to: now, outbox: &outbox)
        outbox.removeAll()
      } while director.nextDeadline(after: now) == now
      learnNeighbors()
    }
  }

  private func learnNeighbors() {
    director.installNeighbor(Site.router, mac: Site.routerMAC, port: Site.outside, at: now)
    for service in 0..<Site.serviceCount {
      for place in 0..<Site.serverCount {
        director.installNeighbor(
          Site.server(service, place), mac: Site.serverMAC(service, place), port: Site.inside,
          at: now)
      }
    }
  }
}
