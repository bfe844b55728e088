import TestSupport
import Testing
import Wire

@testable import Director

@Suite struct ReplyIndexTests {
  private static let locals = [
    IPv4Address(rawValue: 0x0a00_02c8), IPv4Address(rawValue: 0x0a00_02c9),
  ]

  private struct Reply: Hashable {
    let local: Endpoint
    let real: Endpoint
    let `protocol`: IPProtocol
  }

  private func reply(_ random: inout SplitMix64, realCount: UInt32) -> Reply {
    Reply(
      local: Endpoint(
        Self.locals[Int.random(in: 0...1, using: &random)],
        UInt16.random(in: 1020...1045, using: &random)),
      real: Endpoint(
        IPv4Address(rawValue: 0x0a00_0001 + UInt32.random(in: 0..<realCount, using: &random)), 80),
      protocol: Bool.random(using: &random) ? .tcp : .udp)
  }

  private func position(_ index: borrowing ReplyIndex, _ reply: Reply) -> Int? {
    index.position(
      of: ConnectionKey(reply.local.address, reply.local.port, reply.protocol),
      from: RawEndpoint(reply.real))
  }

  /// Against a dictionary, with pools added while others are in use, so that both memories grow.
  @Test(arguments: [UInt32(1), 2, 40], UInt64(0)..<6)
  func behavesAsADictionary(realCount: UInt32, seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var index = try ReplyIndex(positionCount: 0)
    var model: [Reply: Int] = [:]
    var pools: Set<Endpoint> = []
    let ports: ClosedRange<UInt16> = 1024...1040
    for step in 0..<3000 {
      let reply = reply(&random, realCount: realCount)
      if !pools.contains(reply.real) {
        let unknown = position(index, reply)
        #expect(unknown == nil)
        pools.insert(reply.real)
        for local in Self.locals {
          for `protocol` in [IPProtocol.tcp, .udp] {
            let pool = LocalPorts.PoolKey(local: local, real: reply.real, protocol: `protocol`)
            let added = index.add(ports, of: pool)
            let again = index.add(ports, of: pool)
            #expect(added && again)
          }
        }
      }
      let position = position(index, reply)
      #expect((position != nil) == ports.contains(reply.local.port))
      guard let position else { continue }
      let place = index[position]
      #expect(place == model[reply])
      model[reply] = Bool.random(using: &random) ? step : nil
      if let place = model[reply] {
        index.set(position, to: place, shift: ~UInt32(place))
      } else {
        index.clear(position)
      }
    }
    for (reply, place) in model {
      let known = position(index, reply)
      let position = try #require(known)
      let found = index[position]
      let shift = index.shift(at: position)
      #expect(found == place && shift == ~UInt32(place))
    }
  }

  @Test func knowsNoOtherPool() throws {
    var index = try ReplyIndex(positionCount: 4)
    let real = Endpoint(ExampleNetwork.server1, 80)
    let added = index.add(
      7...7, of: LocalPorts.PoolKey(local: Self.locals[0], real: real, protocol: .tcp))
    #expect(added)
    let right = Reply(local: Endpoint(Self.locals[0], 7), real: real, protocol: .tcp)
    let first = position(index, right)
    #expect(first == 0)
    let others = [
      Reply(local: Endpoint(Self.locals[1], 7), real: real, protocol: .tcp),
      Reply(local: Endpoint(Self.locals[0], 6), real: real, protocol: .tcp),
      Reply(local: Endpoint(Self.locals[0], 8), real: real, protocol: .tcp),
      Reply(local: right.local, real: Endpoint(real.address, 81), protocol: .tcp),
      Reply(local: right.local, real: Endpoint(ExampleNetwork.server2, 80), protocol: .tcp),
      Reply(local: right.local, real: real, protocol: .udp),
    ]
    for other in others {
      let found = position(index, other)
      #expect(found == nil, "\(other)")
    }
  }
}
