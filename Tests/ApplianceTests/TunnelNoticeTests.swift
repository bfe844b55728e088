import Control
import Director
import LinkIO
import TestSupport
import Testing
import Wire

@testable import Appliance

private typealias Net = ExampleNetwork

/// What an operator hears of a real server that knows no tunnels.
@Suite struct TunnelNoticeTests {
  private static let server = IPv4Address(203, 0, 113, 21)

  private var services: [DirectorConfiguration.Service] {
    [
      .init(
        address: Net.virtual, port: 80, scheduler: .roundRobin,
        servers: [.init(address: Self.server, port: 80, method: .tunnel)])
    ]
  }

  /// What the server says of `packet`: that it does not know the protocol.
  private func refusal(of packet: [UInt8]) -> InMemoryLink.Frame {
    InMemoryLink.Frame(
      FrameBuilder.ethernet(from: Net.gatewayMAC, to: Net.outsideMAC)
        .ipv4(from: Self.server, to: Net.outside).icmp(.destinationUnreachable, code: 2)
        .payload(packet).frame().bytes)
  }

  @Test func aRefusingServerIsSaidOnceAMinute() throws {
    let bench = try Bench("refusing", services: services)
    let outer = IPv4Fields(
      dontFragment: true, timeToLive: 63, protocol: .ipip, source: Net.outside,
      destination: Self.server
    ).header(payloadLength: 60)
    let refusal = refusal(of: outer + [UInt8](repeating: 0, count: 8))
    for _ in 0..<3 {
      bench.outside.link?.put(refusal)
      try bench.turn()
    }
    let line =
      "warning: real server \(Self.server) takes nothing out of its ipip tunnel: it answers "
      + "protocol unreachable"
    #expect(bench.log.lines.filter { $0.contains("tunnel") } == [line])
    #expect(bench.loop.status().counters.answers.tunnelsRefused == 3)
    bench.time.clock.advance(by: .seconds(60))
    bench.outside.link?.put(refusal)
    try bench.turn()
    #expect(
      bench.log.lines.filter { $0.contains("tunnel") }
        == [line, "\(line), 3 times since the last line"])
  }
}
