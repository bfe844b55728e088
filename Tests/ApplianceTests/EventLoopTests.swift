import Control
import Director
import Frames
import LinkIO
import TestSupport
import Testing
import Wire

@testable import Appliance

@Suite struct EventLoopTests {
  @Test func framesCrossFromPortToPort() throws {
    let bench = try Bench("cross")
    bench.outside.link?.put(Bench.syn(from: 40000))
    try bench.turn()
    let request = try #require(bench.inside.link?.takeTransmitted().first)
    #expect(EtherType(rawValue: UInt16(request.bytes[12]) << 8 | UInt16(request.bytes[13])) == .arp)

    bench.inside.link?.put(Bench.serverARP)
    try bench.turn()
    let released = try #require(bench.inside.link?.takeTransmitted())
    #expect(released.count == 1)
    #expect(Array(released[0].bytes[0..<6]) == [2, 0, 0, 0, 1, 2])
    #expect(bench.loop.director.counters.held == 1)
    #expect(bench.loop.director.connectionCount == 1)
  }

  @Test func whatADeviceRefusesIsCounted() throws {
    let bench = try Bench("refused")
    bench.inside.link?.put(Bench.serverARP)
    bench.outside.link?.put(Bench.syn(from: 40000))
    try bench.turn()
    bench.inside.link?.put(Bench.serverARP)
    try bench.turn()
    bench.inside.link?.refusesFrames = true
    bench.outside.link?.put(Bench.syn(from: 40001))
    bench.outside.link?.put(Bench.syn(from: 40002))
    try bench.turn()
    #expect(bench.loop.director.counters[.transmitFailed] == 2)
    #expect(bench.loop.ports().ports[1].transmitErrors == 2)
  }

  @Test func aPortThatWentAwayIsWaitedFor() throws {
    let bench = try Bench("away")
    bench.outside.link?.put(Bench.syn(from: 40000))
    try bench.turn()
    bench.inside.link?.put(Bench.serverARP)
    try bench.turn()

    let lost = try #require(bench.inside.link)
    lost.isGone = true
    bench.inside.link = nil
    try bench.turn()
    #expect(bench.loop.ports().ports.map(\.link) == [.up, .missing])
    bench.outside.link?.put(Bench.syn(from: 40001))
    try bench.turn()
    #expect(bench.loop.director.counters[.portMissing] == 1)

    bench.inside.link = InMemoryLink()
    bench.time.clock.advance(by: .milliseconds(900))
    try bench.turn()
    #expect(bench.inside.openedCount == 1)
    bench.time.clock.advance(by: .milliseconds(100))
    try bench.turn()
    #expect(bench.inside.openedCount == 2)
    #expect(bench.loop.ports().ports.map(\.link) == [.up, .up])

    // The segment is told again who we are, and frames pass again.
    try bench.turn()
    #expect(bench.inside.link?.takeTransmitted().count == 1)
    bench.outside.link?.put(Bench.syn(from: 40002))
    try bench.turn()
    #expect(bench.inside.link?.takeTransmitted().count == 1)
  }

  @Test func moreFramesThanABatchAreAllForwarded() throws {
    let bench = try Bench("many")
    bench.outside.link?.put(Bench.syn(from: 40000))
    try bench.turn()
    bench.inside.link?.put(Bench.serverARP)
    try bench.turn()
    _ = bench.inside.link?.takeTransmitted()
    for port in 0..<200 { bench.outside.link?.put(Bench.syn(from: 41000 + UInt16(port))) }
    for _ in 0..<4 { try bench.turn() }
    #expect(bench.inside.link?.takeTransmitted().count == 200)
    #expect(bench.loop.director.connectionCount == 201)
  }

  /// Segments of a large frame leave in its place, between those that came before and after it.
  @Test func segmentsStayInOrder() throws {
    var service = Bench.service
    service.servers[0].method = .tunnel
    service.servers[0].port = 80
    let bench = try Bench("order", services: [service])
    bench.outside.link?.put(Bench.syn(from: 40000))
    try bench.turn()
    bench.inside.link?.put(Bench.serverARP)
    try bench.turn()
    _ = bench.inside.link?.takeTransmitted()
    // Batches grow from one frame on.
    bench.outside.link?.put(Bench.data(1, count: 1))
    let lengths = [10, 3000, 20, 30, 2500, 4000, 40]
    for (place, length) in lengths.enumerated() {
      bench.outside.link?.put(Bench.data(UInt32(10_000 * (place + 1)), count: length))
    }
    for _ in 0..<4 { try bench.turn() }
    let sent = try #require(bench.inside.link?.takeTransmitted())
    #expect(sent.count == 1 + 4 + 3 + 2 + 3)
    // Ethernet, two IP headers, ports.
    let sequences = sent.map { $0.bytes.rawSpan.networkUInt32(at: 14 + 20 + 20 + 4) }
    #expect(sequences == sequences.sorted(), "\(sequences)")
    #expect(Set(sequences).count == sequences.count)
  }

  @Test func reportsTellWhatIs() throws {
    let bench = try Bench("reports")
    bench.outside.link?.put(Bench.syn(from: 40000))
    try bench.turn()
    bench.inside.link?.put(Bench.serverARP)
    bench.time.clock.advance(by: .seconds(3))
    try bench.turn()

    let status = bench.loop.status()
    #expect(status.uptimeSeconds == 3)
    #expect(status.connections == TableReport(count: 1, limit: 1000))
    #expect(status.timeouts["established"] == "15m")
    #expect(status.natICMPSend == false)
    #expect(status.services.map(\.whenRemoved) == ["reset"])
    #expect(status.services.map(\.connections.active) == [1])
    #expect(status.services[0].traffic?.packetsIn == 1)
    #expect(status.counters.received == 2)
    #expect(status.counters.dropped == 0)

    let (connections, next) = bench.loop.connections(from: 0, limit: 10)
    #expect(next == nil)
    #expect(connections.map(\.client) == ["198.51.100.10:40000"])
    #expect(connections.map(\.destination) == ["10.0.0.2:8080"])
    #expect(connections.map(\.state) == ["SYN_RECV"])
    #expect(connections.map(\.expires) == [57])

    let ports = bench.loop.ports()
    #expect(ports.ports.map(\.tap) == ["ext0", "int0"])
    #expect(ports.ports.map(\.netns) == [nil, "blue"])
    #expect(ports.neighbors.filter { $0.state == "REACHABLE" }.map(\.address) == ["10.0.0.2"])
  }
}
