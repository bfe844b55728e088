import Frames
import Wire

/// A TCP or UDP frame of any size up to 64 KiB, and what it looks like when it is cut up.
struct Superframe {
  var isTCP = true
  var payload: [UInt8]
  /// 0 for a frame that is no GSO frame.
  var segmentSize = 0
  var hasPartialChecksum = true
  var carriesECN = false

  static let source = IPv4Address(10, 0, 0, 2)
  static let destination = IPv4Address(115, 205, 4, 214)
  static let sequence: UInt32 = 0xffff_f000
  static let station = MACAddress(rawValue: 0x0276_7300_0202)

  /// Bytes that are nowhere alike.
  static func pattern(_ count: Int) -> [UInt8] {
    var state: UInt32 = 1
    return (0..<count).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return UInt8(truncatingIfNeeded: state >> 24)
    }
  }

  var transportHeaderLength: Int { isTCP ? 20 : 8 }
  var checksumOffset: Int { isTCP ? 16 : 6 }
  var `protocol`: IPProtocol { isTCP ? .tcp : .udp }

  var offload: VirtioNetHeader {
    var offload = VirtioNetHeader()
    guard hasPartialChecksum else { return offload }
    offload.flags = .needsChecksum
    offload.checksumStart = 34
    offload.checksumOffset = UInt16(checksumOffset)
    if segmentSize > 0 {
      offload.gsoType = isTCP ? .tcpIPv4 : .udp
      if carriesECN { offload.gsoType.rawValue |= 0x80 }
      offload.gsoSize = UInt16(segmentSize)
      offload.headerLength = UInt16(34 + transportHeaderLength)
    }
    return offload
  }

  /// The frame from the Ethernet header on.
  var frame: [UInt8] {
    let transportLength = transportHeaderLength + payload.count
    var ethernet: [UInt8] = []
    ethernet.put(UInt16(truncatingIfNeeded: Self.station.rawValue >> 32))
    ethernet.put(UInt32(truncatingIfNeeded: Self.station.rawValue))
    ethernet += [0x02, 0, 0, 0, 0, 0x09, 0x08, 0x00]
    var ip: [UInt8] = [0x45, 0]
    ip.put(UInt16(20 + transportLength))
    ip += [0x12, 0x34, 0x40, 0, 64, `protocol`.rawValue, 0, 0]
    ip.put(Self.source.rawValue)
    ip.put(Self.destination.rawValue)
    ip.replace(at: 10, with: ~ip.onesComplementSum())
    var transport: [UInt8] = []
    transport.put(UInt16(40_000))
    transport.put(UInt16(80))
    if isTCP {
      transport.put(Self.sequence)
      transport.put(UInt32(7))
      transport += [0x50, carriesECN ? 0x90 : 0x10, 0xff, 0xff, 0, 0, 0, 0]
    } else {
      transport.put(UInt16(transportLength))
      transport.put(UInt16(0))
    }
    transport += payload
    let pseudoHeader = Self.pseudoHeaderSum(`protocol`, length: transportLength)
    let checksum =
      hasPartialChecksum ? pseudoHeader : ~transport.onesComplementSum(initial: pseudoHeader)
    transport.replace(at: checksumOffset, with: checksum)
    return ethernet + ip + transport
  }

  static func pseudoHeaderSum(_ protocol: IPProtocol, length: Int) -> UInt16 {
    InternetChecksum.pseudoHeaderSum(
      source: source, destination: destination, protocol: `protocol`, length: length)
  }
}

/// What came out at the other end, put together again.
struct Reassembly {
  private(set) var frameCount = 0
  private(set) var longestFrame = 0
  /// Frames that stand for several segments.
  private(set) var gsoCount = 0
  private(set) var partialCount = 0
  /// What was wrong with a frame.
  private(set) var complaints: [String] = []
  private(set) var payload: [UInt8]
  private var missing: Int

  init(_ sent: Superframe) {
    payload = [UInt8](repeating: 0, count: sent.payload.count)
    missing = sent.payload.count
  }

  var isComplete: Bool { missing <= 0 }

  /// Takes in a frame, if it is one of `Superframe`.
  mutating func add(_ frame: [UInt8], _ offload: VirtioNetHeader, of sent: Superframe) {
    guard frame.count >= 34, Array(frame[0..<6]) == Array(sent.frame.prefix(6)) else { return }
    frameCount += 1
    longestFrame = max(longestFrame, frame.count)
    gsoCount += offload.isGSO ? 1 : 0
    let ip = Array(frame[14..<34])
    if ip.onesComplementSum() != 0xffff { complaints.append("IP checksum") }
    let total = Int(ip[2]) << 8 | Int(ip[3])
    guard total <= frame.count - 14, total >= 20 + sent.transportHeaderLength else {
      complaints.append("total length \(total) in \(frame.count)")
      return
    }
    let transport = Array(frame[34..<(14 + total)])
    check(transport, offload, of: sent)
    let start = sent.isTCP ? transport.sequenceOffset : sent.payload.count - missing
    let part = transport[sent.transportHeaderLength...]
    guard start >= 0, start + part.count <= payload.count else {
      complaints.append("\(part.count) bytes at \(start)")
      return
    }
    payload.replaceSubrange(start..<(start + part.count), with: part)
    missing -= part.count
  }

  private mutating func check(
    _ transport: [UInt8], _ offload: VirtioNetHeader, of sent: Superframe
  ) {
    let pseudoHeader = Superframe.pseudoHeaderSum(sent.protocol, length: transport.count)
    guard offload.flags.contains(.needsChecksum) else {
      if transport.onesComplementSum(initial: pseudoHeader) != 0xffff {
        complaints.append("checksum of \(transport.count) bytes")
      }
      return
    }
    partialCount += 1
    let field =
      UInt16(transport[sent.checksumOffset]) << 8
      | UInt16(transport[sent.checksumOffset + 1])
    if field != pseudoHeader { complaints.append("partial checksum \(field)") }
    if offload.checksumStart != 34 || offload.checksumOffset != sent.checksumOffset {
      complaints.append("checksum at \(offload.checksumStart) + \(offload.checksumOffset)")
    }
  }
}

extension [UInt8] {
  fileprivate mutating func put(_ value: UInt16) {
    self += [UInt8(value >> 8), UInt8(value & 0xff)]
  }

  fileprivate mutating func put(_ value: UInt32) {
    put(UInt16(value >> 16))
    put(UInt16(value & 0xffff))
  }

  fileprivate mutating func replace(at offset: Int, with value: UInt16) {
    self[offset] = UInt8(value >> 8)
    self[offset + 1] = UInt8(value & 0xff)
  }

  /// RFC 1071's sum, written anew so that the tests do not rest on what they test.
  fileprivate func onesComplementSum(initial: UInt16 = 0) -> UInt16 {
    var total = UInt32(initial)
    for (place, octet) in enumerated() {
      total += place % 2 == 0 ? UInt32(octet) << 8 : UInt32(octet)
      total = total & 0xffff + total >> 16
    }
    return UInt16(total)
  }

  /// How far behind the first byte sent the TCP segment begins.
  fileprivate var sequenceOffset: Int {
    let sequence = self[4..<8].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    return Int(sequence &- Superframe.sequence)
  }
}
