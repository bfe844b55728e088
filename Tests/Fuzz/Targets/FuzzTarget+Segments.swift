import TestSupport
import Wire

// TCP and UDP: the views, the walk over options, and the incremental checksum.

extension FuzzTarget {
  static let tcp = FuzzTarget("tcp", seeds: SeedFrame.segments(of: .tcp)) {
    input throws(Violation) in
    guard let segment = TCPSegment(input.rawSpan) else { return false }
    try expect(
      segment.payload.byteCount == input.count - segment.headerLength, "payload length")
    let room = segment.headerLength - TCPSegment.minimumHeaderLength
    var options = segment.options
    var end = 0
    while let option = options.next() {
      try expect(option.offset == end && option.length > 0, "options are not one after the other")
      end = option.offset + option.length
      try expect(end <= room, "an option past the header")
    }
    var copy = input
    copy.withMutableRawSpan { bytes in
      guard var rewritten = MutableTCPSegment(bytes) else { return }
      let ports = InternetChecksum.change(from: rewritten.destinationPort, to: 8080)
      rewritten.destinationPort = 8080
      rewritten.adjustChecksum(.complete, addresses: Self.addressChange, ports: ports)
    }
    try expectSameSum(input, copy, .tcp, length: input.count)
    return true
  }

  static let udp = FuzzTarget("udp", seeds: SeedFrame.segments(of: .udp)) {
    input throws(Violation) in
    guard let datagram = UDPDatagram(input.rawSpan) else { return false }
    let length = datagram.length
    try expect(length >= 8 && length <= input.count, "length")
    try expect(datagram.payload.byteCount == length - 8, "payload length")
    let isSummed = datagram.checksum != 0
    var copy = input
    copy.withMutableRawSpan { bytes in
      guard var rewritten = MutableUDPDatagram(bytes) else { return }
      let ports = InternetChecksum.change(from: rewritten.destinationPort, to: 5353)
      rewritten.destinationPort = 5353
      if isSummed {
        rewritten.adjustChecksum(.complete, addresses: Self.addressChange, ports: ports)
      } else {
        rewritten.computeChecksum(
          source: ExampleNetwork.client, destination: ExampleNetwork.server1)
      }
    }
    guard let rewritten = UDPDatagram(copy.rawSpan) else { throw Violation("not a datagram") }
    try expect(rewritten.checksum != 0, "a checksum of 0 says that there is none")
    let (before, after) = (Array(input.prefix(length)), Array(copy.prefix(length)))
    if isSummed {
      try expectSameSum(before, after, .udp, length: length)
    } else {
      try expect(sum(after, .udp, to: ExampleNetwork.server1, length) == 0xffff, "not computed")
    }
    return true
  }

  private static let addressChange = InternetChecksum.change(
    from: ExampleNetwork.virtual, to: ExampleNetwork.server1)

  /// A checksum that was right is right, and a wrong one is as wrong as before.
  private static func expectSameSum(
    _ before: [UInt8], _ after: [UInt8], _ protocol: IPProtocol, length: Int
  ) throws(Violation) {
    let old = sum(before, `protocol`, to: ExampleNetwork.virtual, length)
    let new = sum(after, `protocol`, to: ExampleNetwork.server1, length)
    try expect(old == new, "sums up to \(new), before to \(old)")
  }

  /// The sum over pseudo-header and segment; 0 and 0xffff are the same number.
  private static func sum(
    _ segment: [UInt8], _ protocol: IPProtocol, to destination: IPv4Address, _ length: Int
  ) -> UInt16 {
    let pseudo = InternetChecksum.pseudoHeaderSum(
      source: ExampleNetwork.client, destination: destination, protocol: `protocol`,
      length: length)
    let sum = InternetChecksum.sum(segment.rawSpan, initial: pseudo)
    return sum == 0 ? 0xffff : sum
  }
}
