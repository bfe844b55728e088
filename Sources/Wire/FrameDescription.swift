/// Every field of a frame in the order in which they stand, as text for people.
///
/// It never refuses: what is missing or impossible is said in the field's value. Not for the data
/// path. Cost: the frame's length, for the checksums, and a string for each field.
package struct FrameDescription: Equatable, Sendable {
  /// One field.
  package struct Field: Equatable, Sendable {
    /// The header that it belongs to, such as `ipv4` or `quoted tcp`.
    package var layer: String
    /// What it is called, unique in its layer.
    package var name: String
    package var value: String
    /// Its bytes from the start of the frame; empty for fields of the virtio-net header.
    package var range: Range<Int>
  }

  package private(set) var fields: [Field] = []

  /// Describes `frame`, an Ethernet frame without its frame check sequence.
  ///
  /// With `offload`, the virtio-net header comes first and tells whether the transport checksum is
  /// partial.
  package init(_ frame: RawSpan, offload: VirtioNetHeader? = nil) {
    if let offload { describe(offload) }
    describeEthernet(frame, offload?.transportChecksum ?? .complete)
  }
}

extension FrameDescription: CustomStringConvertible {
  /// One line a field.
  package var description: String {
    fields.map { Self.padded("\($0.layer) \($0.name)", to: 30) + $0.value }
      .joined(separator: "\n")
  }
}

// MARK: - Layers

extension FrameDescription {
  private mutating func describe(_ offload: VirtioNetHeader) {
    let values: [(String, String)] = [
      ("flags", Self.hex(offload.flags.rawValue)),
      ("GSO type", Self.hex(offload.gsoType.rawValue)),
      ("header length", String(offload.headerLength)),
      ("GSO size", String(offload.gsoSize)),
      ("checksum start", String(offload.checksumStart)),
      ("checksum offset", String(offload.checksumOffset)),
    ]
    for (name, value) in values { add("vnet", name, value, 0..<0) }
  }

  private mutating func describeEthernet(_ frame: RawSpan, _ kind: TransportChecksum) {
    guard frame.byteCount >= EthernetFrame.headerLength else {
      add("ethernet", "truncated", Self.bytesText(frame), 0..<frame.byteCount)
      return
    }
    add("ethernet", "destination", MACAddress(frame, at: 0).description, 0..<6)
    add("ethernet", "source", MACAddress(frame, at: 6).description, 6..<12)
    var offset = 12
    var type = EtherType(rawValue: frame.networkUInt16(at: offset))
    if type.isVLANTag, frame.byteCount >= 18 {
      add("ethernet", "VLAN tag", Self.hex(frame.networkUInt32(at: 12)), 12..<16)
      offset = 16
      type = EtherType(rawValue: frame.networkUInt16(at: offset))
    }
    add("ethernet", "type", Self.hex(type.rawValue), offset..<offset + 2)
    switch type {
    case .arp: describeARP(frame, at: offset + 2)
    case .ipv4: describeIPv4(frame, at: offset + 2, kind, quoted: false)
    default: describePayload(frame, offset + 2..<frame.byteCount)
    }
  }

  private mutating func describeARP(_ frame: RawSpan, at start: Int) {
    guard frame.byteCount >= start + ARPPacket.length else {
      addTruncated("arp", frame, from: start)
      return
    }
    add("arp", "hardware type", String(frame.networkUInt16(at: start)), start..<start + 2)
    add("arp", "protocol type", Self.hex(frame.networkUInt16(at: start + 2)), start + 2..<start + 4)
    let lengths = "\(frame.octet(at: start + 4)) \(frame.octet(at: start + 5))"
    add("arp", "address lengths", lengths, start + 4..<start + 6)
    let code = frame.networkUInt16(at: start + 6)
    let operation = ARPOperation(rawValue: code).map { "\(code) (\($0))" } ?? String(code)
    add("arp", "operation", operation, start + 6..<start + 8)
    for (name, at) in [("sender", start + 8), ("target", start + 18)] {
      add("arp", "\(name) MAC", MACAddress(frame, at: at).description, at..<at + 6)
      add("arp", "\(name) address", IPv4Address(frame, at: at + 6).description, at + 6..<at + 10)
    }
    describePadding(frame, from: start + ARPPacket.length)
  }

  private mutating func describeIPv4(
    _ frame: RawSpan, at start: Int, _ kind: TransportChecksum, quoted: Bool
  ) {
    let layer = quoted ? "quoted ipv4" : "ipv4"
    guard frame.byteCount >= start + IPv4Packet.minimumHeaderLength else {
      addTruncated(layer, frame, from: start)
      return
    }
    let first = frame.octet(at: start)
    let headerLength = Int(first & 0xf) * 4
    let totalLength = Int(frame.networkUInt16(at: start + 2))
    add(layer, "version", String(first >> 4), start..<start + 1)
    add(layer, "header length", String(headerLength), start..<start + 1)
    let service = frame.octet(at: start + 1)
    add(layer, "type of service", Self.hex(service), start + 1..<start + 2)
    add(layer, "total length", String(totalLength), start + 2..<start + 4)
    let identification = frame.networkUInt16(at: start + 4)
    add(layer, "identification", Self.hex(identification), start + 4..<start + 6)
    let fragment = frame.networkUInt16(at: start + 6)
    add(layer, "flags", Self.fragmentFlags(fragment), start + 6..<start + 8)
    add(layer, "fragment offset", String(Int(fragment & 0x1fff) * 8), start + 6..<start + 8)
    add(layer, "time to live", String(frame.octet(at: start + 8)), start + 8..<start + 9)
    let carried = IPProtocol(rawValue: frame.octet(at: start + 9))
    add(layer, "protocol", "\(carried.rawValue) (\(carried))", start + 9..<start + 10)
    let headerEnd = start + headerLength
    let isWhole = headerLength >= 20 && headerEnd <= frame.byteCount
    let right = isWhole ? Self.checksum(frame, start..<headerEnd, field: start + 10) : nil
    let checksum = Self.checksumText(frame.networkUInt16(at: start + 10), right: right)
    add(layer, "checksum", checksum, start + 10..<start + 12)
    add(layer, "source", IPv4Address(frame, at: start + 12).description, start + 12..<start + 16)
    add(
      layer, "destination", IPv4Address(frame, at: start + 16).description, start + 16..<start + 20)
    guard isWhole, totalLength >= headerLength else { return }
    if headerLength > 20 {
      let options = frame.extracting(start + 20..<headerEnd)
      add(layer, "options", Self.bytesText(options), start + 20..<headerEnd)
    }
    let end = min(start + totalLength, frame.byteCount)
    let isComplete = fragment & 0x3fff == 0 && start + totalLength <= frame.byteCount && !quoted
    let pseudo: UInt16? =
      isComplete
      ? InternetChecksum.pseudoHeaderSum(
        source: IPv4Address(frame, at: start + 12),
        destination: IPv4Address(frame, at: start + 16), protocol: carried,
        length: end - headerEnd) : nil
    let transport = Transport(range: headerEnd..<end, pseudo: pseudo, kind: kind, quoted: quoted)
    switch carried {
    case _ where fragment & 0x1fff != 0: describePayload(frame, transport.range)
    case .tcp: describeTCP(frame, transport)
    case .udp: describeUDP(frame, transport)
    case .icmp: describeICMP(frame, transport)
    default: describePayload(frame, transport.range)
    }
    if !quoted { describePadding(frame, from: end) }
  }
}

// MARK: - Transport

extension FrameDescription {
  /// Where a segment lies and how its checksum is to be judged.
  private struct Transport {
    var range: Range<Int>
    /// The pseudo-header's sum, or `nil` when the segment is not whole.
    var pseudo: UInt16?
    var kind: TransportChecksum
    var quoted: Bool

    func layer(_ name: String) -> String { quoted ? "quoted " + name : name }
  }

  private mutating func describePorts(_ frame: RawSpan, _ layer: String, at start: Int) {
    let (source, destination) = (frame.networkUInt16(at: start), frame.networkUInt16(at: start + 2))
    add(layer, "source port", String(source), start..<start + 2)
    add(layer, "destination port", String(destination), start + 2..<start + 4)
  }

  private mutating func describeTCP(_ frame: RawSpan, _ transport: Transport) {
    let layer = transport.layer("tcp")
    let (start, end) = (transport.range.lowerBound, transport.range.upperBound)
    guard end - start >= (transport.quoted ? 8 : TCPSegment.minimumHeaderLength) else {
      addTruncated(layer, frame, from: start)
      return
    }
    describePorts(frame, layer, at: start)
    add(layer, "sequence", Self.hex(frame.networkUInt32(at: start + 4)), start + 4..<start + 8)
    guard end - start >= TCPSegment.minimumHeaderLength else { return }
    let acknowledgment = frame.networkUInt32(at: start + 8)
    add(layer, "acknowledgment", Self.hex(acknowledgment), start + 8..<start + 12)
    let headerLength = Int(frame.octet(at: start + 12) >> 4) * 4
    add(layer, "header length", String(headerLength), start + 12..<start + 13)
    let flags = TCPFlags(rawValue: frame.octet(at: start + 13))
    add(layer, "flags", flags.description, start + 13..<start + 14)
    add(layer, "window", String(frame.networkUInt16(at: start + 14)), start + 14..<start + 16)
    let text = transportChecksumText(frame, transport, field: start + TCPSegment.checksumOffset)
    add(layer, "checksum", text, start + 16..<start + 18)
    add(layer, "urgent", String(frame.networkUInt16(at: start + 18)), start + 18..<start + 20)
    guard headerLength >= TCPSegment.minimumHeaderLength, start + headerLength <= end
    else { return }
    if headerLength > TCPSegment.minimumHeaderLength {
      let options = start + 20..<start + headerLength
      add(layer, "options", Self.bytesText(frame.extracting(options)), options)
    }
    describePayload(frame, start + headerLength..<end)
  }

  private mutating func describeUDP(_ frame: RawSpan, _ transport: Transport) {
    let layer = transport.layer("udp")
    let (start, end) = (transport.range.lowerBound, transport.range.upperBound)
    guard end - start >= UDPDatagram.headerLength else {
      addTruncated(layer, frame, from: start)
      return
    }
    describePorts(frame, layer, at: start)
    add(layer, "length", String(frame.networkUInt16(at: start + 4)), start + 4..<start + 6)
    let field = start + UDPDatagram.checksumOffset
    let isAbsent = transport.kind == .complete && frame.networkUInt16(at: field) == 0
    let text = isAbsent ? "0x0000 (none)" : transportChecksumText(frame, transport, field: field)
    add(layer, "checksum", text, field..<field + 2)
    describePayload(frame, start + UDPDatagram.headerLength..<end)
  }

  private mutating func describeICMP(_ frame: RawSpan, _ transport: Transport) {
    let layer = transport.layer("icmp")
    let (start, end) = (transport.range.lowerBound, transport.range.upperBound)
    guard end - start >= ICMPv4Message.headerLength else {
      addTruncated(layer, frame, from: start)
      return
    }
    let type = ICMPv4Type(rawValue: frame.octet(at: start))
    add(layer, "type", String(type.rawValue), start..<start + 1)
    add(layer, "code", String(frame.octet(at: start + 1)), start + 1..<start + 2)
    let right =
      transport.pseudo == nil ? nil : Self.checksum(frame, start..<end, field: start + 2)
    let text = Self.checksumText(frame.networkUInt16(at: start + 2), right: right)
    add(layer, "checksum", text, start + 2..<start + 4)
    add(
      layer, "rest of header", Self.hex(frame.networkUInt32(at: start + 4)), start + 4..<start + 8)
    if type.isError, !transport.quoted {
      describeIPv4(frame, at: start + 8, .complete, quoted: true)
    } else {
      describePayload(frame, start + 8..<end)
    }
  }

  /// The checksum at `field` and whether it is right for what the frame says it holds.
  private func transportChecksumText(
    _ frame: RawSpan, _ transport: Transport, field: Int
  ) -> String {
    let found = frame.networkUInt16(at: field)
    guard let pseudo = transport.pseudo else { return Self.checksumText(found, right: nil) }
    switch transport.kind {
    case .partial:
      return Self.checksumText(found, right: pseudo) + " partial"
    case .complete:
      let right = Self.checksum(frame, transport.range, field: field, initial: pseudo)
      let stored = right == 0 && field == transport.range.lowerBound + 6 ? 0xffff : right
      return Self.checksumText(found, right: stored)
    }
  }
}

// MARK: - Text

extension FrameDescription {
  private mutating func add(_ layer: String, _ name: String, _ value: String, _ range: Range<Int>) {
    fields.append(Field(layer: layer, name: name, value: value, range: range))
  }

  private mutating func addTruncated(_ layer: String, _ frame: RawSpan, from start: Int) {
    let start = min(start, frame.byteCount)
    let rest = frame.extracting(start..<frame.byteCount)
    add(layer, "truncated", Self.bytesText(rest), start..<frame.byteCount)
  }

  private mutating func describePayload(_ frame: RawSpan, _ range: Range<Int>) {
    guard !range.isEmpty else { return }
    add("payload", "bytes", Self.bytesText(frame.extracting(range)), range)
  }

  private mutating func describePadding(_ frame: RawSpan, from start: Int) {
    guard start < frame.byteCount else { return }
    let padding = start..<frame.byteCount
    add("padding", "bytes", Self.bytesText(frame.extracting(padding)), padding)
  }

  /// The checksum that `range` should have in its field at `field`.
  private static func checksum(
    _ frame: RawSpan, _ range: Range<Int>, field: Int, initial: UInt16 = 0
  ) -> UInt16 {
    let before = InternetChecksum.sum(
      frame.extracting(range.lowerBound..<field), initial: initial)
    return ~InternetChecksum.sum(frame.extracting(field + 2..<range.upperBound), initial: before)
  }

  private static func checksumText(_ found: UInt16, right: UInt16?) -> String {
    guard let right else { return "\(hex(found)) (not checked)" }
    return found == right
      ? "\(hex(found)) (right)" : "\(hex(found)) (wrong, right is \(hex(right)))"
  }

  private static func fragmentFlags(_ word: UInt16) -> String {
    let names = [(0x8000, "reserved"), (0x4000, "DF"), (0x2000, "MF")] as [(UInt16, String)]
    let set = names.filter { word & $0.0 != 0 }.map(\.1)
    return set.isEmpty ? "none" : set.joined(separator: " ")
  }

  /// The number of bytes and the first of them in hexadecimal.
  private static func bytesText(_ bytes: RawSpan) -> String {
    var text = "\(bytes.byteCount):"
    for offset in 0..<min(bytes.byteCount, 16) {
      text += (offset % 4 == 0 ? " " : "") + digits(bytes.octet(at: offset))
    }
    return bytes.byteCount > 16 ? text + "..." : text
  }

  static func hex(_ value: some FixedWidthInteger) -> String { "0x" + digits(value) }

  static func digits(_ value: some FixedWidthInteger) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: value.bitWidth / 4 - text.count) + text
  }

  static func padded(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }
}
