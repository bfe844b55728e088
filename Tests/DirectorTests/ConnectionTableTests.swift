import Frames
import TestSupport
import Testing
import Wire

@testable import Director

/// The table against a dictionary, with tables so small that buckets overflow and wrap around.
@Suite struct ConnectionTableTests {
  /// What tells connections apart; the destination is that of the connection.
  private struct Identity: Hashable {
    var key: ConnectionKey
    var destination: RecordIndex
  }

  private func key(_ random: inout SplitMix64) -> ConnectionKey {
    ConnectionKey(
      IPv4Address(rawValue: 0xc633_6400 + UInt32.random(in: 0..<4, using: &random)),
      UInt16.random(in: 0..<16, using: &random), Bool.random(using: &random) ? .tcp : .udp)
  }

  private func find(_ table: borrowing ConnectionTable, _ identity: Identity) -> Int? {
    table.find(identity.key, home: table.home(of: identity.key)) { $0 == identity.destination }
  }

  @Test(arguments: [1, 2, 3, 5, 8, 16, 40, 100], UInt64(0)..<6)
  func behavesAsADictionary(limit: Int, seed: UInt64) throws {
    var random = SplitMix64(seed: seed &* 1000 &+ UInt64(limit))
    var table = try ConnectionTable(limit: limit, seed: random.next())
    var model: [Identity: Int] = [:]
    for stamp in UInt32(0)..<1500 {
      let identity = Identity(
        key: key(&random), destination: 100_000 * RecordIndex.random(in: 0..<3, using: &random))
      #expect(find(table, identity) == model[identity])
      if let index = model[identity] {
        guard Bool.random(using: &random) else { continue }
        table.remove(at: index)
        model[identity] = nil
      } else {
        let index = table.insert(
          identity.key, state: .established, destination: identity.destination, stamp: stamp)
        #expect((index == nil) == (model.count == limit))
        guard let index else { continue }
        #expect(!model.values.contains(index))
        model[identity] = index
        #expect(table[index].key == identity.key)
        #expect(table[index].state == .established)
        #expect(table[index].stamp == stamp)
      }
      #expect(table.count == model.count)
    }
    for (identity, index) in model { #expect(find(table, identity) == index) }
    let taken = (0..<table.placeCount).filter { !table[$0].isFree }
    #expect(Set(taken) == Set(model.values))
    for index in taken { table.remove(at: index) }
    #expect(table.count == 0)
    let passed = (0..<table.bucketCount).filter { table.isPassed($0) }
    #expect(passed.isEmpty)
  }

  /// One client endpoint, as many services as there is room for: all stand in one chain of buckets.
  @Test func keepsEqualKeysApart() throws {
    var table = try ConnectionTable(limit: 30, seed: 7)
    let key = ConnectionKey(ExampleNetwork.client, 40000, .tcp)
    var indices: [Int] = []
    for destination in RecordIndex(0)..<30 {
      let index = table.insert(key, state: .none, destination: destination, stamp: 0)
      indices.append(try #require(index))
    }
    #expect(Set(indices).count == 30)
    for destination in stride(from: 0, to: 30, by: 3) { table.remove(at: indices[destination]) }
    for (destination, index) in indices.enumerated() {
      let found = find(table, Identity(key: key, destination: RecordIndex(destination)))
      #expect(found == (destination.isMultiple(of: 3) ? nil : index))
    }
  }

  /// More than 255 connections pass one bucket: the count stops there, and nothing is lost.
  @Test func countsNoFurtherThan255Passes() throws {
    var table = try ConnectionTable(limit: 600, seed: 7)
    let key = ConnectionKey(ExampleNetwork.client, 40000, .tcp)
    let home = table.home(of: key)
    var indices: [Int] = []
    for destination in RecordIndex(0)..<600 {
      let index = table.insert(key, state: .none, destination: destination, stamp: 0)
      indices.append(try #require(index))
    }
    let isOver = table.insert(key, state: .none, destination: 600, stamp: 0) == nil
    #expect(isOver)
    #expect(table[home * ConnectionTable.laneCount].passedCount == 255)
    for destination in stride(from: 0, to: 599, by: 1) { table.remove(at: indices[destination]) }
    #expect(find(table, Identity(key: key, destination: 599)) == indices[599])
    #expect(find(table, Identity(key: key, destination: 600)) == nil, "and the search ends")
    #expect(table[home * ConnectionTable.laneCount].passedCount == 255, "it stays")
    #expect(table.count == 1)
  }

  @Test func statesAreKeptBesideTheKey() throws {
    var table = try ConnectionTable(limit: 4, seed: 7)
    let key = ConnectionKey(.broadcast, .max, .udp)
    let inserted = table.insert(key, state: .udp, destination: .max, stamp: .max)
    let index = try #require(inserted)
    for state in ConnectionState.allCases {
      table[index].state = state
      #expect(table[index].state == state)
      #expect(table[index].key == key)
    }
    #expect(key.client == Endpoint(.broadcast, .max))
    #expect(key.protocol == .udp)
  }

  /// The seed decides where a client's connections stand.
  @Test func homesFollowTheSeed() throws {
    let keys = (0..<200).map { ConnectionKey(ExampleNetwork.client, UInt16($0), .tcp) }
    let first = try ConnectionTable(limit: 10_000, seed: 1001)
    let second = try ConnectionTable(limit: 10_000, seed: 1003)
    let same = keys.filter { first.home(of: $0) == second.home(of: $0) }
    #expect(same.count < 20)
    #expect(Set(keys.map { first.home(of: $0) }).count > 150, "and spread")
  }
}

/// What happens when there is no room for a table.
@Suite struct TableMemoryTests {
  @Test func whatCannotBeMappedIsAnErrorThatSaysSo() {
    // 2^56 bytes are more than a process can address.
    let error = #expect(throws: TableMemoryError.self) {
      _ = try ConnectionTable(limit: 1 << 51, seed: 1)
    }
    #expect(error?.description.contains("MiB of address space for the connection table") == true)
    #expect(throws: TableMemoryError.self) {
      _ = try TimerWheel(placeCount: 1 << 53, at: Instant(nanoseconds: 0))
    }
  }
}
