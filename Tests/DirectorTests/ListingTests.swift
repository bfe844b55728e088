import Director
import Frames
import Neighbors
import TestSupport
import Testing
import Wire

/// What a director tells of itself.
@Suite struct ListingTests {
  private func opened(_ count: Int) -> UsualDirector {
    let usual = UsualDirector(.usual(limit: 500))
    for number in 0..<count {
      usual.receive(request(.syn, from: Endpoint(ExampleNetwork.client, 1000 + UInt16(number))))
    }
    return usual
  }

  /// The connections in pieces, each looked for in `span` places.
  private func pieces(_ usual: UsualDirector, limit: Int, span: Int) -> [[ConnectionSnapshot]] {
    var pieces: [[ConnectionSnapshot]] = []
    var cursor: Int? = 0
    while let place = cursor, pieces.count < 10_000 {
      let (found, next) = usual.director.connectionSnapshots(
        from: place, limit: limit, span: span, at: usual.clock.now)
      pieces.append(found)
      if let next { #expect(next > place && next <= place + span) }
      cursor = next
    }
    return pieces
  }

  @Test(arguments: [1, 7, 1000], [1, 10, 100_000])
  func connectionsAreToldOnceEachInPieces(limit: Int, span: Int) {
    let usual = opened(400)
    let pieces = pieces(usual, limit: limit, span: span)
    #expect(pieces.allSatisfy { $0.count <= limit && $0.count <= span })
    let ports = pieces.flatMap { $0.map(\.client.port) }
    #expect(ports.sorted() == (1000..<1400).map { UInt16($0) })
  }

  @Test func aCursorPastTheEndFindsNothing() {
    let usual = opened(3)
    let end = usual.director.connectionSnapshots(
      from: 1 << 40, limit: 10, span: 10, at: usual.clock.now)
    #expect(end.connections.isEmpty)
    #expect(end.next == nil)
    let before = usual.director.connectionSnapshots(
      from: -5, limit: 10, span: 100_000, at: usual.clock.now)
    #expect(before.connections.count == 3)
  }

  @Test func aConnectionTellsItsPartsAndTimes() {
    let usual = opened(0)
    usual.receive(request(.syn))
    usual.advance(by: .seconds(10))
    #expect(
      usual.connections == [
        ConnectionSnapshot(
          protocol: .tcp, client: .client, virtual: .virtual, destination: .real,
          state: .synReceived, timeout: .seconds(60), remaining: .seconds(50))
      ])
    #expect(usual.connection?.isActive == true)
    #expect(usual.connection(from: Endpoint(ExampleNetwork.client, 1)) == nil)
    #expect(usual.connection(.udp, from: .client) == nil)
  }

  @Test func onlyConnectionsOfKnownServersAreTakenOver() {
    let usual = opened(0)
    var connection = ConnectionSnapshot(
      protocol: .tcp, client: .client, virtual: .virtual, destination: .real, state: .established)
    connection.destination.port += 1
    let hasServer = usual.director.installConnection(connection, at: usual.clock.now)
    #expect(!hasServer)
    connection.destination = .real
    connection.protocol = .udp
    let hasService = usual.director.installConnection(connection, at: usual.clock.now)
    #expect(!hasService)
    #expect(usual.director.connectionCount == 0)
  }

  @Test func neighborsAreToldByPortAndAddress() {
    let usual = UsualDirector(knowsNeighbors: false)
    #expect(
      usual.director.neighborSnapshots.map(\.address) == [
        ExampleNetwork.gateway, ExampleNetwork.server1,
      ])
    #expect(usual.director.neighborSnapshots.map(\.state) == [.idle, .idle])
    #expect(usual.director.neighborSnapshots.allSatisfy { $0.mac == nil })
    usual.learnNeighbors()
    let server = usual.director.neighbor(ExampleNetwork.server1, port: .lan)
    #expect(server?.state == .reachable)
    #expect(server?.mac == ExampleNetwork.server1MAC)
    #expect(usual.director.neighbor(ExampleNetwork.server1, port: .wan) == nil)
  }

  @Test(arguments: [true, false])
  func serversCountPacketsAndBytes(isFast: Bool) {
    let usual = UsualDirector()
    usual.director.isFastPathEnabled = isFast
    usual.receive(request(.syn))
    usual.receiveReply(reply([.syn, .ack]))
    usual.receive(request(.ack).payload(count: 100).with(\.minimumLength, 400))
    usual.receiveReply(reply(.ack).payload(count: 3000).segmented(1448))
    let server = usual.director.serviceSnapshots[0].destinations[0]
    #expect(server.inbound.packets == 2)
    #expect(server.inbound.bytes == 40 + 140, "IP lengths, without padding")
    #expect(server.outbound.packets == 2, "a GSO frame is one")
    #expect(server.outbound.bytes == 40 + 3040)
  }
}
