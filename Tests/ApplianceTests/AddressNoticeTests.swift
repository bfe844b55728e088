import Control
import LinkIO
import TestSupport
import Testing
import Wire

@testable import Appliance

private typealias Net = ExampleNetwork

/// What an operator sees of addresses: on the log, and in the status.
@Suite struct AddressNoticeTests {
  private static let thief = MACAddress(rawValue: 0x0200_0000_0666)

  /// An ARP request of `sender` about `target`.
  private func request(
    _ mac: MACAddress, _ sender: IPv4Address, _ target: IPv4Address
  ) -> InMemoryLink.Frame {
    let fields = ARPFields(
      operation: .request, senderMAC: mac, senderAddress: sender, targetMAC: .zero,
      targetAddress: target)
    return InMemoryLink.Frame(
      FrameBuilder.ethernet(from: mac, to: .broadcast).arp(fields).frame().bytes)
  }

  @Test func aClaimOfTheVIPIsSaidAndReported() throws {
    let bench = try Bench("claim")
    #expect(bench.loop.status().conflicts == [])
    let claim = request(Self.thief, Net.virtual, Net.virtual)
    bench.outside.link?.put(claim)
    try bench.turn()
    #expect(bench.outside.link?.takeTransmitted().count == 1)
    for _ in 0..<3 { bench.outside.link?.put(claim) }
    try bench.turn()
    #expect(bench.outside.link?.takeTransmitted().isEmpty == true)
    bench.time.clock.advance(by: .seconds(2))
    try bench.turn()
    let line = "warning: port ext: our address \(Net.virtual) is claimed by \(Self.thief)"
    #expect(bench.log.lines.filter { $0.contains("claimed") } == [line])
    #expect(
      bench.loop.status().conflicts == [
        ConflictReport(
          address: "\(Net.virtual)", mac: "\(Self.thief)", port: "ext", count: 4,
          lastSeenSeconds: 2)
      ])

    _ = bench.outside.link?.takeTransmitted()
    bench.time.clock.advance(by: .seconds(8))
    try bench.turn()
    #expect(
      bench.log.lines.filter { $0.contains("claimed") }
        == [line, "\(line), 3 times since the last line"])
    #expect(bench.outside.link?.takeTransmitted().count == 1, "the last word is ours")
  }

  @Test func aServerThatMovedIsSaid() throws {
    let bench = try Bench("moved")
    for mac in [Net.server1MAC, Net.server2MAC] {
      bench.inside.link?.put(request(mac, Net.server1, Net.inside))
      try bench.turn()
      bench.time.clock.advance(by: .seconds(2))
    }
    #expect(
      bench.log.lines.filter { $0.contains("moved") } == [
        "notice: port int: neighbour \(Net.server1) moved from \(Net.server1MAC) to "
          + "\(Net.server2MAC)"
      ])
  }
}
