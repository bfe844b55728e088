import TestSupport
import Testing
import Wire

@Suite struct VirtioNetHeaderTests {
  /// NEEDS_CSUM, TCPv4 with ECN, headers of 54 bytes, segments of 1448, checksum at 34 + 16.
  private let bytes = hexadecimal("01 81 3600 a805 2200 1000").inNativeOrder

  private func accepts(_ bytes: [UInt8]) -> Bool { VirtioNetHeader(bytes.rawSpan) != nil }

  @Test func deconstructs() throws {
    guard let header = VirtioNetHeader(bytes.rawSpan) else { throw Refused() }
    #expect(header.flags == .needsChecksum)
    #expect(header.gsoType.rawValue == 0x81)
    #expect(header.gsoType.withoutECN == .tcpIPv4)
    #expect(header.headerLength == 54)
    #expect(header.gsoSize == 1448)
    #expect(header.checksumStart == 34)
    #expect(header.checksumOffset == 16)
    #expect(header.isGSO)
    #expect(header.transportChecksum == .partial)
  }

  @Test func constructs() throws {
    var buffer = [UInt8](repeating: filler, count: 12)
    guard let header = VirtioNetHeader(bytes.rawSpan) else { throw Refused() }
    buffer.withMutableRawSpan { (span: consuming MutableRawSpan) in header.store(into: &span) }
    #expect(buffer == bytes + [filler, filler])
    buffer = [UInt8](repeating: filler, count: 10)
    buffer.withMutableRawSpan { (span: consuming MutableRawSpan) in
      VirtioNetHeader().store(into: &span)
    }
    #expect(buffer == [UInt8](repeating: 0, count: 10))
  }

  @Test func refusesEveryTruncation() {
    for length in 0..<VirtioNetHeader.length {
      #expect(!accepts(Array(bytes.prefix(length))), "\(length) bytes")
    }
    #expect(accepts(bytes + [0, 0]))
  }

  /// The same in UDP over IPv4: checksums at 66 + 16 and outside, the outer UDP header at 34 and the
  /// inner IP header at 46.
  private let tunnel =
    hexadecimal("09 a1 5600 a805 4200 1000").inNativeOrder
    + hexadecimal("0000 0000 0000 0000 0000 2200 2e00")

  @Test func deconstructsSegmentsInATunnel() throws {
    guard let header = VirtioNetHeader(tunnel.rawSpan) else { throw Refused() }
    #expect(header.flags == [.needsChecksum, .tunnelChecksum])
    #expect(header.gsoType.isInUDPTunnel)
    #expect(header.gsoType == VirtioNetHeader.GSOType(rawValue: 0x81).inUDPTunnel)
    #expect(header.isGSO)
    #expect(header.checksumStart == 66)
    #expect(header.outerTransportStart == 34)
    #expect(header.innerNetworkStart == 46)
  }

  @Test func constructsTheLongForm() throws {
    var buffer = [UInt8](repeating: filler, count: 26)
    guard let header = VirtioNetHeader(tunnel.rawSpan) else { throw Refused() }
    buffer.withMutableRawSpan { (span: consuming MutableRawSpan) in
      header.storeWithTunnel(into: &span)
    }
    #expect(buffer == tunnel + [filler, filler])
    guard let plain = VirtioNetHeader(bytes.rawSpan) else { throw Refused() }
    buffer.withMutableRawSpan { (span: consuming MutableRawSpan) in
      plain.storeWithTunnel(into: &span)
    }
    #expect(buffer == bytes + [UInt8](repeating: 0, count: 14) + [filler, filler])
  }

  /// What stands behind the short form means nothing unless the type says that it does.
  @Test func theLongFormIsReadOnlyForTunnels() {
    for length in 0..<VirtioNetHeader.tunnelLength {
      #expect(!accepts(Array(tunnel.prefix(length))), "\(length) bytes")
    }
    var plain = tunnel
    plain[1] = 0x81
    let header = VirtioNetHeader(plain.rawSpan)
    #expect(header?.outerTransportStart == 0)
    #expect(header?.innerNetworkStart == 0)
  }

  @Test(arguments: [(1, false), (0x81, false), (5, false), (0x21, true), (0x41, true)])
  func tellsTunnels(type: UInt8, isInTunnel: Bool) {
    #expect(VirtioNetHeader.GSOType(rawValue: type).isInUDPTunnel == isInTunnel)
  }

  @Test(arguments: [(0, false), (1, true), (4, true), (5, true), (0x80, false), (0x84, true)])
  func tellsSeveralSegmentsFromOne(type: UInt8, isGSO: Bool) {
    var header = VirtioNetHeader()
    header.gsoType = VirtioNetHeader.GSOType(rawValue: type)
    #expect(header.isGSO == isGSO)
  }

  @Test func aVerifiedChecksumIsComplete() {
    var header = VirtioNetHeader()
    #expect(header.transportChecksum == .complete)
    header.flags = .dataValid
    #expect(header.transportChecksum == .complete)
  }
}

extension [UInt8] {
  /// A header written down in little-endian order, in the order of this machine.
  fileprivate var inNativeOrder: [UInt8] {
    guard UInt16(1).bigEndian == 1 else { return self }
    return self[..<2]
      + stride(from: 2, to: count, by: 2).flatMap { [self[$0 + 1], self[$0]] }
  }
}
