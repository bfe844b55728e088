import LinkIO
import TestSupport
import Testing

@testable import Appliance

/// What an operator sees of a connection table that is full.
@Suite struct FullTableTests {
  @Test func isSaidOnceInTenSeconds() throws {
    let bench = try Bench("full")
    func send(_ ports: ClosedRange<UInt16>) throws {
      for port in ports {
        bench.outside.link?.put(Bench.syn(from: port))
        try bench.turn()
      }
    }
    func said() -> [String] { bench.log.lines.filter { $0.contains("table is full") } }

    try send(1001...2000)
    #expect(said() == [])
    try send(2001...2003)
    let line = "warning: the connection table is full: 1000 connections, "
    let tail = " frames that would have opened others were dropped"
    #expect(said() == [line + "1" + tail])
    bench.time.clock.advance(by: .seconds(10))
    try bench.turn()
    #expect(said() == [line + "1" + tail, line + "2" + tail])
    bench.time.clock.advance(by: .seconds(10))
    try bench.turn()
    #expect(said().count == 2)
  }
}
