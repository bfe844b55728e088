import TestSupport
import Testing
import Wire

/// Rewriting a packet through the mutable views gives, bit for bit, the packet that is built from
/// nothing with the fields it then has.
@Suite struct RewriteTests {
  private static let source = MACAddress(rawValue: 0x0200_0000_0001)
  private static let destination = MACAddress(rawValue: 0x0200_0000_0002)

  private func address(_ random: inout SplitMix64) -> IPv4Address {
    IPv4Address(rawValue: UInt32.random(in: .min ... .max, using: &random))
  }

  private func packet(_ random: inout SplitMix64) -> FrameBuilder {
    let ports = (
      UInt16.random(in: .min ... .max, using: &random),
      UInt16.random(in: .min ... .max, using: &random)
    )
    var builder = FrameBuilder.ethernet(from: Self.source, to: Self.destination)
      .ipv4(from: address(&random), to: address(&random))
      .payload(random.bytes(Int.random(in: 0...64, using: &random)))
    builder =
      Bool.random(using: &random)
      ? builder.tcp(from: ports.0, to: ports.1, .ack) : builder.udp(from: ports.0, to: ports.1)
    builder.ip.timeToLive = UInt8.random(in: .min ... .max, using: &random)
    builder.ip.options = random.bytes(Int.random(in: 0...10, using: &random) * 4)
    builder.tcp.options = random.bytes(Int.random(in: 0...10, using: &random) * 4)
    if Bool.random(using: &random) { builder.checksum = .partial }
    return builder
  }

  /// A change of addresses, time to live and ports, as translation makes it.
  private struct Change {
    var source: IPv4Address
    var destination: IPv4Address
    var timeToLive: UInt8
    var sourcePort: UInt16
    var destinationPort: UInt16
  }

  private func change(_ random: inout SplitMix64) -> Change {
    Change(
      source: address(&random), destination: address(&random),
      timeToLive: UInt8.random(in: .min ... .max, using: &random),
      sourcePort: UInt16.random(in: .min ... .max, using: &random),
      destinationPort: UInt16.random(in: .min ... .max, using: &random))
  }

  private func apply(_ change: Change, to builder: inout FrameBuilder) {
    (builder.ip.source, builder.ip.destination) = (change.source, change.destination)
    builder.ip.timeToLive = change.timeToLive
    (builder.tcp.source, builder.tcp.destination) = (change.sourcePort, change.destinationPort)
    (builder.udp.source, builder.udp.destination) = (change.sourcePort, change.destinationPort)
  }

  private func apply(_ change: Change, to frame: inout TestFrame, _ kind: TransportChecksum) {
    let start = 14 + Int(frame.bytes[14] & 15) * 4
    let isTCP = frame.bytes[23] == IPProtocol.tcp.rawValue
    let before = frame.bytes
    let old = before.rawSpan
    let addresses =
      InternetChecksum.change(from: IPv4Address(old, at: 26), to: change.source)
      &+ InternetChecksum.change(from: IPv4Address(old, at: 30), to: change.destination)
    let ports =
      InternetChecksum.change(from: old.networkUInt16(at: start), to: change.sourcePort)
      &+ InternetChecksum.change(from: old.networkUInt16(at: start + 2), to: change.destinationPort)
    var packet = Array(frame.bytes[14..<start])
    packet.withMutableRawSpan { bytes in
      guard var header = MutableIPv4Packet(bytes) else { return }
      header.source = change.source
      header.destination = change.destination
      header.timeToLive = change.timeToLive
    }
    var transport = Array(frame.bytes[start...])
    transport.withMutableRawSpan { bytes in
      if isTCP {
        guard var segment = MutableTCPSegment(bytes) else { return }
        segment.sourcePort = change.sourcePort
        segment.destinationPort = change.destinationPort
        segment.adjustChecksum(kind, addresses: addresses, ports: ports)
      } else {
        guard var datagram = MutableUDPDatagram(bytes) else { return }
        datagram.sourcePort = change.sourcePort
        datagram.destinationPort = change.destinationPort
        datagram.adjustChecksum(kind, addresses: addresses, ports: ports)
      }
    }
    frame.bytes = Array(before.prefix(14)) + packet + transport
  }

  @Test(arguments: UInt64(1)...8)
  func incrementalEqualsFull(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    for round in 0..<300 {
      var builder = packet(&random)
      var frame = builder.frame()
      // Errors would add up.
      for _ in 0..<4 {
        let change = change(&random)
        apply(change, to: &builder)
        apply(change, to: &frame, builder.checksum)
      }
      let expected = builder.frame()
      #expect(frame.bytes == expected.bytes, "seed \(seed), round \(round)")
      if frame.bytes != expected.bytes { expectFrame(frame, is: expected) }
    }
  }
}
