import Frames
import Testing

@testable import Control

/// Listings of connections come in pieces, and no piece is made before it is wanted.
@Suite struct ListingTests {
  @Test func aHundredThousandConnectionsArriveInOrder() throws {
    let bench = try ServerBench(connectionCount: 100_000)
    let client = try bench.accepted()
    client.send("{\"command\":\"connections\"}\n")
    var next = 0
    var isLast = false
    while !isLast, next < 200_000 {
      let asked = bench.provider.cursors.count
      bench.service()
      #expect(bench.provider.cursors.count - asked <= 1)
      client.receive()
      for line in client.takeLines(.max) {
        let response = try #require(ControlCoding.response(Array(line.utf8)))
        let connections = try #require(response.connections)
        #expect(connections.count <= ControlServer.chunkLimit)
        #expect(connections.first == .numbered(next))
        next += connections.count
        isLast = response.more != true
      }
    }
    #expect(next == 100_000)
    #expect(bench.provider.limits == [ControlServer.chunkLimit])
    #expect(bench.provider.cursors == Array(stride(from: 0, to: 100_000, by: 128)))
  }

  /// The request's own words, the numbers of those expected.
  @Test(arguments: [
    ("", Array(0..<1000)),
    (",\"limit\":5", Array(0..<5)),
    (",\"limit\":130", Array(0..<130)),
    (",\"limit\":0", []),
    (",\"limit\":-1", []),
    (",\"protocol\":\"udp\",\"limit\":3", [1, 3, 5]),
    (",\"protocol\":\"sctp\"", []),
    (",\"client\":\"10.0.0.1\"", [1, 201, 401, 601, 801]),
    (",\"client\":\"10.0.0.1\",\"limit\":2", [1, 201]),
    (",\"client\":\"10.0.0\"", []),
  ]) func filtersHold(_ words: String, _ numbers: [Int]) throws {
    let bench = try ServerBench(connectionCount: 1000)
    let client = try bench.accepted()
    client.send("{\"command\":\"connections\"\(words)}\n")
    var found: [Int] = []
    for _ in 0..<20 {
      guard let line = bench.lines(1, for: client).first,
        let response = ControlCoding.response(Array(line.utf8))
      else { break }
      found += (response.connections ?? []).map(\.expires)
      if response.more != true { break }
    }
    #expect(found == numbers)
    #expect(bench.server.clientCount == 1)
  }

  @Test(arguments: [0, 1, 3], [true, false])
  func aPieceIsWhatTheEncoderMakesOfIt(_ count: Int, _ more: Bool) {
    var connections = (0..<count).map(ConnectionReport.numbered)
    if count == 3 {
      connections[1].state = "\"\\/\u{e4}\u{1f600}"
      connections[2].expires = -1
    }
    let response = ControlResponse(connections: connections, more: more ? true : nil)
    #expect(ConnectionLine(connections, more: more).bytes == ControlCoding.line(response))
  }

  @Test func controlCharactersAreEscaped() throws {
    var connection = ConnectionReport.numbered(1)
    connection.state = String(
      String.UnicodeScalarView((0..<0x21).compactMap { Unicode.Scalar($0) }))
    let line = ConnectionLine([connection], more: false).bytes
    #expect(line.allSatisfy { $0 >= 0x20 || $0 == 0x0a })
    #expect(ControlCoding.response(line)?.connections == [connection])
  }

  @Test func anEmptyTableIsOneEmptyPiece() throws {
    let bench = try ServerBench(connectionCount: 0)
    let client = try bench.accepted()
    client.send("{\"command\":\"connections\"}\n")
    #expect(bench.lines(1, for: client) == ["{\"connections\":[],\"ok\":true}"])
  }

  @Test func aClientThatLeavesEndsItsListing() throws {
    let bench = try ServerBench(connectionCount: 100_000)
    do {
      let client = try bench.accepted()
      client.send("{\"command\":\"connections\"}\n")
      bench.service()
      #expect(bench.server.clientCount == 1)
    }
    #expect(bench.services { bench.server.clientCount == 0 })
  }

  @Test func listingsOfSeveralClientsGoOnSideBySide() throws {
    let bench = try ServerBench(connectionCount: 10_000)
    let clients = try (0..<8).map { _ in try bench.accepted() }
    for client in clients { client.send("{\"command\":\"connections\"}\n") }
    for _ in 0..<8 {
      let asked = bench.provider.cursors.count
      bench.service()
      // Four clients a turn, however many are ready.
      #expect(bench.provider.cursors.count - asked <= 4)
    }
    for client in clients { client.receive() }
    #expect(clients.allSatisfy { !$0.lines.isEmpty })
  }
}
