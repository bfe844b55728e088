import TestSupport
import Wire

// The header views of Wire: whatever the bytes, a view refuses them or stays inside of them, and
// what is written through a mutable view is read back with a checksum that is as right as before.

extension FuzzTarget {
  static let ethernet = FuzzTarget("ethernet", seeds: SeedFrame.all.map(\.frame.bytes)) {
    input throws(Violation) in
    guard let frame = EthernetFrame(input.rawSpan) else {
      try expect(input.count < EthernetFrame.headerLength, "a whole header was refused")
      return false
    }
    try expect(frame.payload.byteCount == input.count - EthernetFrame.headerLength, "payload")
    var copy = input
    copy.withMutableRawSpan { bytes in
      guard var swapped = MutableEthernetFrame(bytes) else { return }
      (swapped.destination, swapped.source) = (swapped.source, swapped.destination)
      swapped.etherType = EtherType(rawValue: ~swapped.etherType.rawValue)
    }
    guard let swapped = EthernetFrame(copy.rawSpan) else { throw Violation("no longer a frame") }
    try expect(
      swapped.destination == frame.source && swapped.source == frame.destination
        && swapped.etherType.rawValue == ~frame.etherType.rawValue, "addresses swapped")
    try expect(copy.dropFirst(14) == input.dropFirst(14), "the payload changed")
    return true
  }

  static let arp = FuzzTarget("arp", seeds: SeedFrame.payloads(of: .arp)) {
    input throws(Violation) in
    guard let packet = ARPPacket(input.rawSpan) else { return false }
    let fields = ARPFields(
      operation: packet.operation, senderMAC: packet.senderMAC,
      senderAddress: packet.senderAddress, targetMAC: packet.targetMAC,
      targetAddress: packet.targetAddress)
    try expect(
      packet.isGratuitous == (fields.senderAddress == fields.targetAddress), "gratuitous")
    var written = [UInt8](repeating: 0, count: ARPPacket.length)
    written.withMutableRawSpan { bytes in
      var bytes = bytes
      fields.store(into: &bytes)
    }
    // The hardware type may be that of IEEE 802.
    try expect(written.dropFirst(2) == input[2..<ARPPacket.length], "written otherwise than read")
    return true
  }

  static let ipv4 = FuzzTarget("ipv4", seeds: SeedFrame.payloads(of: .ipv4)) {
    input throws(Violation) in
    let isWhole = try checkIPv4(input)
    let isMendedWhole = try checkIPv4(FrameMending.mendingIPv4(input))
    return isWhole || isMendedWhole
  }

  private static func checkIPv4(_ input: [UInt8]) throws(Violation) -> Bool {
    let isMalformed = IPv4Packet.malformation(of: input.rawSpan) != nil
    guard let packet = IPv4Packet(input.rawSpan) else {
      try expect(isMalformed, "refused without a reason")
      return false
    }
    try expect(!isMalformed, "taken though malformed")
    try expect(packet.totalLength <= input.count, "longer than its bytes")
    try expect(
      packet.payload.byteCount == packet.totalLength - packet.headerLength, "payload length")
    try expect(packet.isFragment == (packet.moreFragments || packet.fragmentOffset > 0), "fragment")
    var copy = input
    copy.withMutableRawSpan { bytes in
      guard var header = MutableIPv4Packet(bytes) else { return }
      header.source = ExampleNetwork.virtual
      header.destination = ExampleNetwork.server1
      header.timeToLive &-= 1
    }
    guard let rewritten = IPv4Packet(copy.rawSpan) else { throw Violation("no checksum kept") }
    try expect(
      rewritten.source == ExampleNetwork.virtual
        && rewritten.destination == ExampleNetwork.server1
        && rewritten.timeToLive == packet.timeToLive &- 1
        && rewritten.totalLength == packet.totalLength, "rewritten otherwise")
    return true
  }

  static let icmp = FuzzTarget("icmp", seeds: SeedFrame.segments(of: .icmp)) {
    input throws(Violation) in
    guard let message = ICMPv4Message(input.rawSpan) else {
      try expect(input.count < ICMPv4Message.headerLength, "a whole header was refused")
      return false
    }
    try expect(message.payload.byteCount == input.count - 8, "payload")
    var copy = input
    copy.withMutableRawSpan { bytes in
      guard var answer = MutableICMPv4Message(bytes) else { return }
      answer.type = .echoReply
    }
    guard let answer = ICMPv4Message(copy.rawSpan) else { throw Violation("no longer a message") }
    // A message of zeros sums up to 0, which no valid one does.
    if message.hasValidChecksum {
      try expect(answer.hasValidChecksum || copy.allSatisfy { $0 == 0 }, "no checksum kept")
    }
    return true
  }
}
