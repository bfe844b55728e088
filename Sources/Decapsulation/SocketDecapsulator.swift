package import BPF
import LinkIO
package import Netlink
import Wire

/// Takes packets out of their tunnels with sockets and a TUN device: all of them, or, beside the eBPF
/// program, those that it leaves alone, such as outer packets in fragments.
package final class SocketDecapsulator {
  /// The longest IPv4 packet.
  private static let longest = 65_535
  /// Where packets are received: the header of the device has to fit before what is inside, even
  /// where that begins after four bytes.
  private static let begin = 16
  /// The most packets of one socket before the others have their turn.
  private static let turn = 64
  private static let stopToken: Poller.Token = .max

  private let policy: TunnelPolicy
  private let sockets: [TunnelSocket]
  private let device: TunnelDevice
  private let poller: Poller
  private var front = [UInt8](repeating: 0, count: VirtioNetHeader.length)
  private var counts = [UInt64](repeating: 0, count: DecapsulationEvent.allCases.count)

  /// Opens sockets and device in the namespace `namespace`, which the caller is in.
  package init(_ policy: TunnelPolicy, in namespace: NetworkNamespace) throws(LinkError) {
    self.policy = policy
    do throws(SystemError) {
      poller = try Poller()
    } catch {
      throw LinkError(.system, "nothing to wait with: \(error)")
    }
    var sockets: [TunnelSocket] = []
    for encapsulation in Encapsulation.allCases
    where policy.rules.encapsulations.contains(encapsulation) {
      sockets.append(try TunnelSocket(encapsulation, port: policy.rules.port))
    }
    self.sockets = sockets
    device = try TunnelDevice()
    try device.configure(
      policy.addresses.sorted { $0.rawValue < $1.rawValue }, in: LinkTable(ofCurrent: namespace))
  }

  /// How often `event` happened.
  package subscript(event: DecapsulationEvent) -> UInt64 { counts[event.rawValue] }

  /// Works until `stop` can be read.
  package func run(until stop: Int32) throws(SystemError) {
    try poller.add(stop, token: Self.stopToken)
    for (index, socket) in sockets.enumerated() {
      try poller.add(socket.descriptor, token: Poller.Token(index))
    }
    var bytes = [UInt8](repeating: 0, count: Self.begin + Self.longest)
    while true {
      for index in 0..<poller.wait(timeout: nil) {
        let token = poller[index].token
        if token == Self.stopToken { return }
        serve(sockets[Int(token)], &bytes)
      }
    }
  }

  private func serve(_ socket: TunnelSocket, _ bytes: inout [UInt8]) {
    for _ in 0..<Self.turn {
      guard let arrival = socket.receive(into: &bytes, at: Self.begin) else { return }
      let judgement = judge(bytes, arrival, of: socket.encapsulation)
      guard judgement.event == .taken else {
        counts[judgement.event.rawValue] += 1
        continue
      }
      let isWritten = pass(judgement, &bytes)
      counts[(isWritten ? DecapsulationEvent.taken : .impossible).rawValue] += 1
    }
  }

  private func judge(
    _ bytes: [UInt8], _ arrival: TunnelSocket.Arrival, of encapsulation: Encapsulation
  ) -> TunnelJudgement {
    let range = Self.begin..<(Self.begin + arrival.length)
    guard encapsulation == .gue else {
      return policy.judge(outer: bytes.rawSpan.extracting(range))
    }
    return policy.judge(
      datagram: bytes.rawSpan.extracting(range), from: arrival.source,
      typeOfService: arrival.typeOfService)
  }

  /// Hands the kernel what is inside; whether it took it.
  private func pass(_ judgement: TunnelJudgement, _ bytes: inout [UInt8]) -> Bool {
    let begin = Self.begin + judgement.inside.lowerBound
    let end = Self.begin + judgement.inside.upperBound
    let header = InnerPacket.header(for: bytes.rawSpan.extracting(begin..<end))
    let first = begin - VirtioNetHeader.length
    front.withMutableRawSpan { span in
      var span = span
      header.store(into: &span)
    }
    bytes.replaceSubrange(first..<begin, with: front)
    if judgement.needsMark {
      bytes.withMutableRawSpan { span in
        var span = span
        InnerPacket.mark(&span, at: begin)
      }
    }
    return device.write(bytes, first..<end)
  }
}
