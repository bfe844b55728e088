import Configuration
import Control
import Director
import Frames
import Health
import LinkIO
import Logging
import Netlink
import TestSupport
import Wire

@testable import Appliance

/// An event loop over two links in memory, on a clock that stands still.
final class Bench {
  /// Time that the loop sees; a class since the loop's clock shares it.
  final class Time {
    var clock = ManualClock()
  }

  /// A device source that gives out one link, or none while it is missing.
  final class Source: DeviceSource {
    var link: InMemoryLink? = InMemoryLink()
    var openedCount = 0
    var takesTunnelSuperframes = false
    let description: String

    init(_ description: String) {
      self.description = description
    }

    func open(patience: Duration) throws(LinkError) -> OpenDevice {
      guard let link else { throw LinkError(.linkMissing, "no link \(description)") }
      openedCount += 1
      return OpenDevice(device: link, takesTunnelSuperframes: takesTunnelSuperframes)
    }
  }

  let time = Time()
  let outside = Source("outside")
  let inside = Source("inside")
  let log = RecordedLog()
  let loop: EventLoop

  static let service = DirectorConfiguration.Service(
    address: ExampleNetwork.virtual, port: 80, scheduler: .roundRobin,
    servers: [.init(address: ExampleNetwork.server1, port: 8080)])

  init(
    _ name: String, services: [DirectorConfiguration.Service] = [Bench.service],
    takesTunnelSuperframes: Bool = false, health hasHealth: Bool = false,
    checks: [HealthConfiguration.Check] = [], runner: FakeRunner? = nil
  ) throws {
    outside.takesTunnelSuperframes = takesTunnelSuperframes
    let configuration = DirectorConfiguration(
      ports: [
        .init(
          name: "ext", macAddress: ExampleNetwork.outsideMAC,
          addresses: [.init(ExampleNetwork.outside, length: 24)], gateway: ExampleNetwork.gateway),
        .init(
          name: "int", macAddress: ExampleNetwork.insideMAC,
          addresses: [.init(ExampleNetwork.inside, length: 24)]),
      ],
      services: services, connectionLimit: 1000)
    let health = HealthConfiguration(
      services: services.map { service in
        HealthConfiguration.Service(
          ServiceName(service.protocol, Endpoint(service.address, service.port)),
          servers: service.servers.map {
            .init(Endpoint($0.address, $0.port), weight: $0.weight, checks: checks)
          })
      })
    let time = time
    let clock = RetryClock(now: { time.clock.now }, sleep: { _ in })
    let links = [
      PortLink(index: PortIndex(0), name: "ext", source: outside),
      PortLink(index: PortIndex(1), name: "int", source: inside),
    ]
    for link in links { try link.open(patience: .zero) }
    guard let name = ControlName("test-\(name)") else { preconditionFailure("bad name") }
    loop = EventLoop(
      director: try Director(configuration: configuration, seed: 1, at: time.clock.now),
      links: links, poller: try Poller(), alarm: try AlarmDescriptor(), signals: nil,
      control: try ControlServer(name: name),
      invocation: Appliance.Invocation(
        configuration: ApplianceConfiguration(
          director: configuration,
          bindings: [PortBinding(tap: "ext0"), PortBinding(tap: "int0", namespace: "blue")],
          health: hasHealth ? health : HealthConfiguration()),
        file: "test.yaml", name: name, version: "0"),
      clock: clock, logger: log.logger, runner: runner)
    try loop.begin()
    try loop.turn()
    _ = outside.link?.takeTransmitted()
    _ = inside.link?.takeTransmitted()
  }

  /// Lets the loop make one turn at the present time.
  func turn() throws {
    try loop.turn()
  }

  /// A SYN of the example client with source port `port`.
  static func syn(from port: UInt16) -> InMemoryLink.Frame {
    let frame = FrameBuilder.ethernet(
      from: ExampleNetwork.gatewayMAC, to: ExampleNetwork.outsideMAC
    )
    .ipv4(from: ExampleNetwork.client, to: ExampleNetwork.virtual).tcp(from: port, to: 80, .syn)
    .frame()
    return InMemoryLink.Frame(frame.bytes, offload: frame.offload)
  }

  /// A segment of the client with `count` bytes, of which the kernel makes pieces of 1400, with the
  /// sequence number `sequence`.
  static func data(_ sequence: UInt32, count: Int) -> InMemoryLink.Frame {
    var frame = FrameBuilder.ethernet(
      from: ExampleNetwork.gatewayMAC, to: ExampleNetwork.outsideMAC
    )
    .ipv4(from: ExampleNetwork.client, to: ExampleNetwork.virtual).tcp(from: 40000, to: 80, .ack)
    .with(\.tcp.sequence, sequence).payload(count: count)
    if count > 1400 { frame = frame.segmented(1400) }
    let built = frame.frame()
    return InMemoryLink.Frame(built.bytes, offload: built.offload)
  }

  /// The server's answer to the request for its link address.
  static let serverARP = InMemoryLink.Frame(
    FrameBuilder.ethernet(from: ExampleNetwork.server1MAC, to: ExampleNetwork.insideMAC)
      .arp(
        ARPFields(
          operation: .reply, senderMAC: ExampleNetwork.server1MAC,
          senderAddress: ExampleNetwork.server1, targetMAC: ExampleNetwork.insideMAC,
          targetAddress: ExampleNetwork.inside)
      ).frame().bytes)
}
