import Control
import Director
import LinkIO
import TestSupport
import Testing
import Wire

@testable import Appliance

private typealias Net = ExampleNetwork

/// The director is told what its ports take of segments in tunnels, whenever that changes.
@Suite struct TunnelSuperframeTests {
  private var services: [DirectorConfiguration.Service] {
    [
      .init(
        address: Net.virtual, port: 80, scheduler: .roundRobin,
        servers: [
          .init(
            address: IPv4Address(203, 0, 113, 21), port: 80, method: .tunnel, tunnel: Tunnel(.gue))
        ])
    ]
  }

  private static let gatewayARP = InMemoryLink.Frame(
    FrameBuilder.ethernet(from: Net.gatewayMAC, to: Net.outsideMAC)
      .arp(
        ARPFields(
          operation: .reply, senderMAC: Net.gatewayMAC, senderAddress: Net.gateway,
          targetMAC: Net.outsideMAC, targetAddress: Net.outside)
      ).frame().bytes)

  /// What kinds of frames leave for one of two segments.
  private func sent(_ bench: Bench) throws -> [VirtioNetHeader.GSOType] {
    _ = bench.outside.link?.takeTransmitted()
    bench.outside.link?.put(Bench.data(0x1111_1112, count: 2800))
    try bench.turn()
    return bench.outside.link?.takeTransmitted().map(\.offload.gsoType) ?? []
  }

  private static let whole = [VirtioNetHeader.GSOType.tcpIPv4.inUDPTunnel]
  private static let segments = [VirtioNetHeader.GSOType.none, .none]

  @Test func aPortThatComesBackMayTakeOthers() throws {
    let bench = try Bench("superframes", services: services, takesTunnelSuperframes: true)
    bench.outside.link?.put(Bench.syn(from: 40000))
    try bench.turn()
    bench.outside.link?.put(Self.gatewayARP)
    try bench.turn()
    #expect(try sent(bench) == Self.whole)
    #expect(bench.loop.status().counters.answers.tunnelSuperframes == 1)

    for (takes, kinds) in [(false, Self.segments), (true, Self.whole)] {
      let lost = try #require(bench.outside.link)
      lost.isGone = true
      bench.outside.link = nil
      try bench.turn()
      bench.outside.link = InMemoryLink()
      bench.outside.takesTunnelSuperframes = takes
      bench.time.clock.advance(by: .seconds(1))
      try bench.turn()
      try bench.turn()
      #expect(try sent(bench) == kinds)
    }
    #expect(bench.loop.status().counters.answers.tunnelSuperframes == 2)
  }
}
