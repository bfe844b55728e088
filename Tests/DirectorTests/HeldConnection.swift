import Director
import TestSupport
import Testing
import Wire

/// A segment that the director sent: parsed, with every length and checksum right.
struct SentSegment {
  let source: Endpoint
  let destination: Endpoint
  let flags: TCPFlags
  let sequence: UInt32
  let acknowledgment: UInt32
  let timestamp: UInt32?

  /// `nil` unless `frame` is a sound TCP packet.
  init?(_ frame: TestFrame) {
    guard let ethernet = EthernetFrame(frame.bytes.rawSpan), ethernet.etherType == .ipv4,
      IPv4Packet.malformation(of: ethernet.payload) == nil,
      let packet = IPv4Packet(ethernet.payload), packet.protocol == .tcp,
      let segment = TCPSegment(packet.payload)
    else { return nil }
    let pseudo = InternetChecksum.pseudoHeaderSum(
      source: packet.source, destination: packet.destination, protocol: .tcp,
      length: packet.payload.byteCount)
    guard InternetChecksum.sum(packet.payload, initial: pseudo) == 0xffff else { return nil }
    source = Endpoint(packet.source, segment.sourcePort)
    destination = Endpoint(packet.destination, segment.destinationPort)
    flags = segment.flags
    sequence = segment.sequenceNumber
    acknowledgment = segment.acknowledgmentNumber
    var options = segment.options
    var found: UInt32?
    while let option = options.next() {
      guard option.kind == .timestamps, option.length == 10 else { continue }
      found = packet.payload.networkUInt32(
        at: TCPSegment.minimumHeaderLength + option.offset + 2)
    }
    timestamp = found
  }
}

/// One end of a TCP connection that sends nothing of its own, as RFC 9293 section 3.10.7.4 and RFC 5961
/// section 3.2 have it answer.
struct TCPEnd {
  /// Its own endpoint and what it takes for its peer's.
  let own: Endpoint
  let peer: Endpoint
  /// The next number that it sends, and the next that it expects.
  let next: UInt32
  let expected: UInt32
  var window: UInt32 = 65_535
  /// Whether it has been reset, or never had the connection.
  var isClosed = false

  /// The numbers and flags of the answer to `segment`; `nil` for none.
  mutating func answer(
    _ segment: SentSegment
  ) -> (flags: TCPFlags, sequence: UInt32, acknowledgment: UInt32)? {
    let isReset = segment.flags.contains(.rst)
    if isClosed { return isReset ? nil : (.rst, segment.acknowledgment, 0) }
    let isInside = segment.sequence &- expected < window
    if isReset {
      if segment.sequence == expected { isClosed = true }
      return isInside && !isClosed ? (.ack, next, expected) : nil
    }
    // Inside of the window the acknowledgment number gives it away.
    return segment.sequence == expected && segment.acknowledgment == next
      ? nil : (.ack, next, expected)
  }
}
