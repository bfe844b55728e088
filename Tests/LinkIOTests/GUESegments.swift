import TestSupport
import Testing
import Wire

/// TCP segments in GUE: as one frame, and as the frames that it has to be cut into.
struct GUESegments: Sendable, CustomTestStringConvertible {
  var payloadCount = 3000
  var segmentSize = 1400
  var flags: TCPFlags = [.ack, .psh]
  var options: [UInt8] = []
  var dontFragment = false
  var hasChecksum = false

  private static let client = IPv4Address(10, 0, 0, 2)
  private static let virtual = IPv4Address(115, 205, 4, 214)
  private static let director = IPv4Address(115, 205, 4, 215)
  private static let server = IPv4Address(172, 16, 2, 2)
  private static let station = MACAddress(rawValue: 0x0276_7300_0202)
  private static let identification: UInt16 = 0xfffe

  var testDescription: String {
    "\(payloadCount) bytes, \(flags), \(options.count) of options, "
      + "\(dontFragment ? "not to be" : "to be") fragmented\(hasChecksum ? ", checksum" : "")"
  }

  /// Whether `frame` is one of these, whole or cut: others pass a bridge, too.
  static func isOne(_ frame: TestFrame) -> Bool {
    guard let ethernet = EthernetFrame(frame.bytes.rawSpan), ethernet.destination == station,
      let packet = IPv4Packet(ethernet.payload)
    else { return false }
    return packet.protocol == .udp && packet.destination == server
  }

  /// The frame of all segments, with the header that stands before it.
  var superframe: TestFrame {
    let inner = inner(0, 0..<payloadCount, isLast: true).partialChecksum()
    var builder = outer(Array(inner.frame().bytes.dropFirst(14)), 0)
    if hasChecksum {
      builder.udp.checksum = InternetChecksum.pseudoHeaderSum(
        source: Self.director, destination: Self.server, protocol: .udp,
        length: 8 + builder.payload.count)
    }
    var frame = builder.frame()
    frame.offload.flags = hasChecksum ? [.needsChecksum, .tunnelChecksum] : .needsChecksum
    frame.offload.gsoType = VirtioNetHeader.GSOType(rawValue: flags.contains(.cwr) ? 0xa1 : 0x21)
    frame.offload.headerLength = UInt16(86 + options.count)
    frame.offload.gsoSize = UInt16(segmentSize)
    frame.offload.checksumStart = 66
    frame.offload.checksumOffset = 16
    frame.offload.outerTransportStart = 34
    frame.offload.innerNetworkStart = 46
    return frame
  }

  /// What it has to be cut into.
  var segments: [TestFrame] {
    stride(from: 0, to: payloadCount, by: segmentSize).enumerated().map { number, start in
      let end = min(start + segmentSize, payloadCount)
      let inner = inner(number, start..<end, isLast: end == payloadCount)
      return outer(Array(inner.frame().bytes.dropFirst(14)), number).frame()
    }
  }

  private func inner(_ number: Int, _ range: Range<Int>, isLast: Bool) -> FrameBuilder {
    var flags = flags
    if !isLast { flags.subtract([.fin, .psh]) }
    if number > 0 { flags.remove(.cwr) }
    var builder = FrameBuilder.ethernet(from: .zero, to: .zero)
      .ipv4(from: Self.client, to: Self.virtual).tcp(from: 40_000, to: 80, flags)
      .with(\.tcp.options, options).payload(Array(Superframe.pattern(payloadCount)[range]))
    builder.ip.identification = 0x1c46 &+ UInt16(number)
    builder.ip.dontFragment = dontFragment
    builder.tcp.sequence = 0xffff_f000 &+ UInt32(range.lowerBound)
    return builder
  }

  private func outer(_ packet: [UInt8], _ number: Int) -> FrameBuilder {
    var builder = FrameBuilder.ethernet(
      from: MACAddress(rawValue: 0x0200_0000_0009), to: Self.station
    )
    .ipv4(from: Self.director, to: Self.server).udp(from: 0xc001, to: 6080)
    .payload([0, 4, 0, 0] + packet)
    builder.ip.identification = Self.identification &+ UInt16(number)
    builder.ip.dontFragment = dontFragment
    builder.udp.checksum = hasChecksum ? nil : 0
    return builder
  }
}
