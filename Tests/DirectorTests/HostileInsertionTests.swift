import Frames
import TestSupport
import Testing
import Wire

@testable import Director

/// Frames that lie about themselves, into which something is to be inserted.
@Suite struct HostileInsertionTests {
  private static let builders = [
    translatedSegment([.ack, .psh]).payload(count: 40).with(
      \.tcp.options, [1, 1, 5, 10] + [9, 9]),
    translatedSegment(.ack).payload(count: 40).with(\.ip.options, [1, 1, 1, 0]).partialChecksum(),
    translatedSegment(.ack).payload(count: 3000).segmented(1400),
    translatedDatagram().payload(count: 40),
    translatedDatagram().payload(count: 40).with(\.ip.options, [1, 1, 1, 0]).partialChecksum(),
    translatedDatagram().payload(count: 3000).segmented(1400),
  ]

  private func insertion(
    _ number: Int, _ batch: inout FrameBatch, _ index: Int, transport: Int, mtu: Int
  ) -> (answer: Bool, length: Int) {
    let option = AddressOption(kind: 254, port: 1, address: ExampleNetwork.client)
    let datagramOption = DatagramOption(port: 1, address: ExampleNetwork.client)
    let proxy = ProxyHeader(client: .client, virtual: .virtual)
    switch number {
    case 0: return (batch.insert(option, at: index, transport: transport, mtu: mtu), 8)
    case 1: return (batch.insert(proxy, at: index, transport: transport, mtu: mtu), 28)
    case 2:
      return (
        batch.insert(datagramOption, .ipOption, at: index, transport: transport, mtu: mtu), 8
      )
    default:
      return (
        batch.insert(datagramOption, .ownHeader, at: index, transport: transport, mtu: mtu), 12
      )
    }
  }

  /// Nothing traps, what is refused stays as it is, and what is done makes the packet so much longer.
  @Test(arguments: UInt64(1)...4)
  func lengthsAndNeighborsStayRight(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var done = 0
    for _ in 0..<1500 {
      let builder = try #require(Self.builders.randomElement(using: &random))
      var frame = builder.frame()
      for _ in 0..<Int.random(in: 0...3, using: &random) {
        let end = min(frame.bytes.count, 80)
        frame.bytes[Int.random(in: 0..<end, using: &random)] = random.bytes(1)[0]
      }
      if Int.random(in: 0..<4, using: &random) == 0 {
        frame = frame.prefix(Int.random(in: 0...frame.bytes.count, using: &random))
      }
      frame.offload.gsoSize &+= UInt16(random.bytes(1)[0])
      let number = Int.random(in: 0..<4, using: &random)
      let mtu = try #require([68, 600, 1500, 70_000].randomElement(using: &random))
      let result = changed(frame) { batch, index in
        insertion(number, &batch, index, transport: builder.transportStart, mtu: mtu)
      }
      #expect(result.areNeighborsUntouched)
      guard result.answer.answer else {
        #expect(result.frame == frame)
        continue
      }
      done += 1
      #expect(result.frame.bytes.count == frame.bytes.count + result.answer.length)
      #expect(totalLength(result.frame) == totalLength(frame) + result.answer.length)
      #expect(headerError(result.frame) == headerError(frame))
    }
    #expect(done > 300, "most are sound")
  }

  private func totalLength(_ frame: TestFrame) -> Int {
    Int(frame.bytes.rawSpan.networkUInt16(at: 16))
  }

  /// What the IP header sums to, which says how wrong its checksum is.
  private func headerError(_ frame: TestFrame) -> UInt16 {
    InternetChecksum.sum(
      frame.bytes.rawSpan.extracting(14..<14 + Int(frame.bytes[14] & 15) * 4))
  }
}
