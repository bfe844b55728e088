import Frames
import TestSupport
import Wire

/// What a frame that is sent on has in common with the one that came in.
struct TranslationCheck {
  private let before: Content?
  private let isWritable: Bool
  private let wasSound: Bool

  /// Notes what matters of `frame` before it is given to a director.
  init(_ frame: TestFrame) {
    before = Content(frame)
    // A virtio-net header that speaks of padding, or of another header, is none that a kernel writes.
    isWritable = FrameCheck.isWritable(before.map { frame.prefix($0.frameLength) } ?? frame)
    wasSound =
      !frame.offload.flags.contains(.needsChecksum)
      || before.map {
        Int(frame.offload.checksumStart) == $0.transportStart
          && Int(frame.offload.checksumOffset) == $0.checksumOffset
      } == true
  }

  /// Throws unless `frame` may stand for the one noted: no byte of the payload changed, but for a PROXY
  /// header before it; a right checksum stayed right and a wrong one wrong, and a device takes it if it
  /// would have taken that.
  func expectKept(by frame: TestFrame) throws(Violation) {
    guard let before, let after = Content(frame.unwrapped ?? frame),
      before.protocol == after.protocol
    else { return }
    if before.source == after.destination && before.destination == after.source {
      // A reset in its place.
      try expect(after.isRight && after.payload.isEmpty, "no right reset:\n\(frame)")
      return
    }
    let added = after.payload.count - before.payload.count
    let isProxied = added == 28 && after.payload.starts(with: Self.proxySignature)
    try expect(
      before.payload[...] == after.payload.dropFirst(isProxied ? added : 0),
      "the payload changed:\n\(frame)")
    try expect(
      before.isRight == after.isRight,
      "a checksum that was \(before.isRight ? "right" : "wrong") is not:\n\(frame)")
    if isWritable && wasSound {
      try expect(FrameCheck.isWritable(frame), "no device takes it:\n\(frame)")
    }
  }

  /// How a PROXY header of version 2 begins.
  private static let proxySignature: [UInt8] = [
    0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a,
  ]

  /// A TCP or UDP packet that is no fragment.
  private struct Content {
    let `protocol`: IPProtocol
    let source: IPv4Address
    let destination: IPv4Address
    let payload: [UInt8]
    /// The length in bytes without padding.
    let frameLength: Int
    let transportStart: Int
    let checksumOffset: Int
    /// Whether the checksum is what the virtio-net header says that it is.
    let isRight: Bool

    init?(_ frame: TestFrame) {
      guard let ethernet = EthernetFrame(frame.bytes.rawSpan), ethernet.etherType == .ipv4,
        let packet = IPv4Packet(ethernet.payload), !packet.isFragment
      else { return nil }
      let bytes = packet.payload
      let length: Int
      let field: UInt16
      switch packet.protocol {
      case .tcp:
        guard let segment = TCPSegment(bytes) else { return nil }
        (length, field) = (bytes.byteCount, segment.checksum)
        checksumOffset = TCPSegment.checksumOffset
        payload = segment.payload.octets
      case .udp:
        guard let datagram = UDPDatagram(bytes) else { return nil }
        (length, field) = (datagram.length, datagram.checksum)
        checksumOffset = UDPDatagram.checksumOffset
        payload = bytes.extracting(8..<bytes.byteCount).octets
      default:
        return nil
      }
      `protocol` = packet.protocol
      (source, destination) = (packet.source, packet.destination)
      frameLength = EthernetFrame.headerLength + packet.totalLength
      transportStart = EthernetFrame.headerLength + packet.headerLength
      let pseudo = InternetChecksum.pseudoHeaderSum(
        source: packet.source, destination: packet.destination, protocol: packet.protocol,
        length: length)
      if frame.offload.flags.contains(.needsChecksum),
        Int(frame.offload.checksumStart) == transportStart
      {
        // 0 and 0xffff are the same number.
        isRight = field == pseudo || (field % 0xffff == 0 && pseudo % 0xffff == 0)
      } else {
        let sum = InternetChecksum.sum(bytes.extracting(first: length), initial: pseudo)
        isRight = sum == 0xffff || (packet.protocol == .udp && field == 0)
      }
    }
  }
}
