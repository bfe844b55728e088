import Frames
import Wire

extension Director {
  /// The time to live of packets that the director sends as a host.
  private static let hostTimeToLive: UInt8 = 64

  /// Answers a ping to an address of ours in place; refuses other ICMP messages.
  ///
  /// The answer goes back to the station that the request came from. Identification and type of
  /// service are the request's; options are sent back as they came.
  mutating func deliverICMP(
    _ packet: Packet, _ index: Int, of batch: inout FrameBatch
  ) -> Verdict {
    let port = batch[index].port
    switch Self.checkEcho(batch.readBytes(at: index), packet) {
    case .some(let reason): return .drop(reason)
    case nil: break
    }
    guard packet.totalLength <= ports[port.index].mtu else { return .drop(.mtuExceeded) }
    if var message = MutableICMPv4Message(batch.bytes(at: index, from: packet.transportOffset)) {
      message.type = .echoReply
    }
    if var header = MutableIPv4Packet(batch.bytes(at: index, from: EthernetFrame.headerLength)) {
      header.source = packet.destination
      header.destination = packet.source
      header.timeToLive = Self.hostTimeToLive
    }
    if var frame = MutableEthernetFrame(batch.bytes(at: index)) {
      frame.destination = frame.source
      frame.source = ports[port.index].macAddress
    }
    batch[index].offload = VirtioNetHeader()
    return .transmit(port)
  }

  /// Why the ICMP message of `frame` is not answered; `nil` for a sound echo request.
  private static func checkEcho(_ frame: RawSpan, _ packet: Packet) -> DropReason? {
    let bytes = frame.extracting(packet.transportOffset..<packet.frameLength)
    guard let message = ICMPv4Message(bytes) else { return .transportMalformed }
    guard message.hasValidChecksum else { return .icmpChecksumInvalid }
    guard message.type == .echoRequest, message.code == 0 else { return .icmpUnsupported }
    return nil
  }
}
