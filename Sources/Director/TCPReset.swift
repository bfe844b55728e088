import Wire

/// The reset that answers a segment of no connection (RFC 9293 section 3.5.2).
struct TCPReset {
  /// A TCP header without options, checksum included.
  let segment: [UInt8]

  /// The answer to the segment of `packet` in `frame`; `nil` when its checksum is wrong.
  init?(answering frame: RawSpan, _ packet: Packet) {
    guard packet.hasRightTransportChecksum(in: frame),
      let offender = TCPSegment(frame.extracting(packet.transportOffset..<packet.frameLength))
    else { return nil }
    var reset = [UInt8](repeating: 0, count: TCPSegment.minimumHeaderLength)
    reset.withMutableRawSpan { bytes in
      var bytes = bytes
      bytes.storeNetwork(offender.destinationPort, at: 0)
      bytes.storeNetwork(offender.sourcePort, at: 2)
      if offender.flags.contains(.ack) {
        bytes.storeNetwork(offender.acknowledgmentNumber, at: 4)
        bytes.storeOctet(TCPFlags.rst.rawValue, at: 13)
      } else {
        bytes.storeNetwork(offender.sequenceNumber &+ offender.sequenceLength, at: 8)
        bytes.storeOctet(TCPFlags([.rst, .ack]).rawValue, at: 13)
      }
      bytes.storeOctet(0x50, at: 12)
      let pseudo = InternetChecksum.pseudoHeaderSum(
        source: packet.destination, destination: packet.source, protocol: .tcp,
        length: bytes.byteCount)
      bytes.storeNetwork(
        ~InternetChecksum.sum(bytes.bytes, initial: pseudo), at: TCPSegment.checksumOffset)
    }
    segment = reset
  }
}

extension TCPSegment {
  /// How many sequence numbers the segment takes: its payload, SYN and FIN.
  fileprivate var sequenceLength: UInt32 {
    UInt32(truncatingIfNeeded: payload.byteCount) &+ (flags.contains(.syn) ? 1 : 0)
      &+ (flags.contains(.fin) ? 1 : 0)
  }
}
