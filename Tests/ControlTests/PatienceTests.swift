import Frames
import Testing

@testable import Control

/// Clients that are slow, idle or too many.
@Suite struct PatienceTests {
  private let patience = ControlServer.patience
  private let moment = Duration.nanoseconds(1)

  @Test func aClientThatAsksNothingIsDroppedAtItsDeadline() throws {
    let bench = try ServerBench()
    #expect(bench.server.nextDeadline == nil)
    let client = try bench.accepted()
    let deadline = bench.now.advanced(by: patience)
    #expect(bench.server.nextDeadline == deadline)
    bench.now = deadline.advanced(by: .zero - moment)
    bench.service()
    #expect(bench.server.clientCount == 1)
    bench.now = deadline
    bench.service()
    #expect(bench.server.clientCount == 0)
    #expect(client.seesEnd)
    #expect(bench.server.nextDeadline == nil)
  }

  @Test func aRequestThatTricklesInGainsNoTime() throws {
    let bench = try ServerBench()
    let client = try bench.accepted()
    let deadline = try #require(bench.server.nextDeadline)
    for _ in 0..<4 {
      bench.now = bench.now.advanced(by: .seconds(1))
      client.send("{")
      bench.service()
    }
    #expect(bench.server.nextDeadline == deadline)
    bench.now = deadline
    bench.service()
    #expect(bench.server.clientCount == 0)
  }

  @Test func aClientThatTakesNothingIsDroppedAtItsDeadline() throws {
    let bench = try ServerBench(connectionCount: 1_000_000)
    let client = try bench.accepted()
    client.send("{\"command\":\"connections\"}\n")
    for _ in 0..<300 { bench.service() }
    // The socket is full: no further piece is made, and what waits is one piece.
    let asked = bench.provider.cursors.count
    #expect(asked < 300)
    bench.settle()
    #expect(bench.provider.cursors.count == asked)
    let deadline = bench.now.advanced(by: patience)
    #expect(bench.server.nextDeadline == deadline)
    bench.now = deadline.advanced(by: .zero - moment)
    bench.service()
    #expect(bench.server.clientCount == 1)
    bench.now = deadline
    bench.service()
    #expect(bench.server.clientCount == 0)
  }

  @Test func aClientThatTakesSomethingGainsTime() throws {
    let bench = try ServerBench(connectionCount: 1_000_000)
    let client = try bench.accepted()
    client.send("{\"command\":\"connections\"}\n")
    for _ in 0..<300 { bench.service() }
    for _ in 0..<3 {
      bench.now = bench.now.advanced(by: patience - moment)
      client.receive()
      bench.settle()
      #expect(bench.server.nextDeadline == bench.now.advanced(by: patience))
    }
    #expect(bench.server.clientCount == 1)
  }

  @Test func oneClientTooManyIsToldSo() throws {
    let bench = try ServerBench()
    var clients = try (0..<ControlServer.clientLimit).map { _ in try bench.accepted() }
    #expect(bench.server.clientCount == 16)
    let late = try bench.accepted()
    #expect(
      bench.lines(1, for: late) == [
        "{\"error\":\"16 clients are connected already: try again later\",\"ok\":false}"
      ])
    #expect(late.seesEnd)
    #expect(bench.server.clientCount == 16)
    clients.removeFirst()
    #expect(bench.services { bench.server.clientCount == 15 })
    let next = try bench.accepted()
    next.send("{\"command\":\"status\"}\n")
    #expect(bench.lines(1, for: next).first?.hasPrefix("{\"ok\":true") == true)
    #expect(clients.allSatisfy { !$0.isEnded })
  }
}
