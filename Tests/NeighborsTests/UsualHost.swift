import Frames
import Neighbors
import TestSupport
import Wire

extension PortIndex {
  static let wan = PortIndex(0)
  static let lan = PortIndex(1)
}

/// A frame that the host sends, and where.
struct Sent: Equatable {
  var port: PortIndex
  var frame: TestFrame
}

/// What became of one frame.
struct Outcome {
  var verdict: Verdict
  /// The frame as it is sent; `nil` when it is not.
  var frame: TestFrame?
  /// What the host sends besides.
  var others: [Sent]
}

/// The host of the tests: the two ports of `ExampleNetwork`, the VIP on the outer one.
final class UsualHost {
  var host: ARPHost
  var drops = DropCounters()
  var clock = ManualClock()
  private var batch = FrameBatch()
  private var outbox = FrameBatch()

  static let ports = [
    ARPHost.Port(
      macAddress: ExampleNetwork.outsideMAC,
      addresses: [IPv4InterfaceAddress(ExampleNetwork.outside, length: 24)],
      virtualAddresses: [ExampleNetwork.virtual]),
    ARPHost.Port(
      macAddress: ExampleNetwork.insideMAC,
      addresses: [IPv4InterfaceAddress(ExampleNetwork.inside, length: 24)], virtualAddresses: []),
  ]

  init(ports: [ARPHost.Port] = UsualHost.ports) {
    host = ARPHost(ports: ports)
  }

  /// Gives the host an ARP frame.
  func receive(_ frame: TestFrame, port: PortIndex = .wan) -> Outcome {
    batch.removeAll()
    guard batch.append(frame, port: port) else { preconditionFailure("frame too long") }
    let verdict = host.receive(0, of: &batch, outbox: &outbox, drops: &drops, at: clock.now)
    return outcome(verdict)
  }

  /// Gives the host a frame for `nextHop`.
  func use(
    _ nextHop: IPv4Address, port: PortIndex = .lan, frame: TestFrame = packet(1)
  ) -> Outcome {
    batch.removeAll()
    guard batch.append(frame, port: port) else { preconditionFailure("frame too long") }
    let verdict = host.use(
      nextHop, port: port, index: 0, of: &batch, outbox: &outbox, drops: &drops, at: clock.now)
    return outcome(verdict)
  }

  /// Moves the clock, and gives what the host sends by then.
  @discardableResult
  func advance(by duration: Duration) -> [Sent] {
    host.advance(to: clock.advance(by: duration), outbox: &outbox, drops: &drops)
    return takeOutbox()
  }

  /// Fills the outbox but for `room` frames.
  func fillOutbox(leaving room: Int = 0) {
    while outbox.count < FrameBatch.frameLimit - room {
      outbox.append(length: 60, port: .wan)
    }
  }

  /// What the host sends, which is then sent.
  func takeOutbox() -> [Sent] {
    defer { outbox.removeAll() }
    return (0..<outbox.count).compactMap { index in
      guard case .transmit(let port) = outbox[index].verdict else { return nil }
      return Sent(port: port, frame: TestFrame(copying: outbox, at: index))
    }
  }

  /// The state of a neighbour; `nil` when it is not known.
  func state(_ address: IPv4Address, port: PortIndex = .lan) -> NeighborState? {
    host.neighbors.index(of: address, port: port).map { host.neighbors[$0].state }
  }

  /// The link address of a neighbour; `nil` when it is not known.
  func mac(_ address: IPv4Address, port: PortIndex = .lan) -> MACAddress? {
    host.neighbors.index(of: address, port: port).map { host.neighbors[$0].mac }
  }

  private func outcome(_ verdict: Verdict) -> Outcome {
    var frame: TestFrame?
    if case .transmit = verdict { frame = TestFrame(copying: batch, at: 0) }
    return Outcome(verdict: verdict, frame: frame, others: takeOutbox())
  }
}

/// An ARP frame; the Ethernet header follows from the ARP fields unless it is told.
func arp(
  _ operation: ARPOperation, from senderMAC: MACAddress, _ sender: IPv4Address,
  to targetMAC: MACAddress = .zero, _ target: IPv4Address, source: MACAddress? = nil,
  destination: MACAddress? = nil
) -> TestFrame {
  FrameBuilder.ethernet(
    from: source ?? senderMAC,
    to: destination ?? (operation == .request ? .broadcast : targetMAC)
  )
  .arp(
    ARPFields(
      operation: operation, senderMAC: senderMAC, senderAddress: sender, targetMAC: targetMAC,
      targetAddress: target)
  )
  .frame()
}

/// A packet to a server, told apart by `number`, without link addresses.
func packet(_ number: UInt16, payload: Int = 10) -> TestFrame {
  FrameBuilder.ethernet(from: .zero, to: .zero)
    .ipv4(from: ExampleNetwork.client, to: ExampleNetwork.server1)
    .udp(from: number, to: 53).payload(count: payload).frame()
}

extension TestFrame {
  /// The frame with the link addresses that it gets on its way.
  func addressed(from source: MACAddress, to destination: MACAddress) -> TestFrame {
    let header = FrameBuilder.ethernet(from: source, to: destination).frame().bytes
    return TestFrame(Array(header.prefix(12) + bytes.dropFirst(12)), offload: offload)
  }
}
