// Fence: writes headers in front of packets through a pointer.
//
// Memory: that of a `FrameBatch`.
// Owner: the batch.
// Soundness: `write` is called with the frame that `FrameBatch.prepend` made longer by `length`, and
// with a packet whose header and length were checked.

import Frames
import Wire

/// What is put before a packet to wrap it for one real server, computed once
/// (`ip_vs_xmit.c`, `ip_vs_tunnel_xmit`).
///
/// ```
///  14          34                              14 + length
/// +-----------+-------------------------------+-----------
/// |outer IPv4 |nothing | GRE 4, 8 | UDP 8 GUE 4|packet
/// +-----------+-------------------------------+-----------
/// ```
struct OuterHeader: Sendable {
  /// What is left for a packet must be no less (RFC 791 section 3.2).
  static let leastRoom = 68

  let encapsulation: Tunnel.Encapsulation
  let hasChecksum: Bool
  /// The length in bytes of everything before the packet; 0 when there is no tunnel.
  let length: Int
  /// Fields as they stand in the frame.
  private let rawAddresses: UInt64
  private let rawProtocol: UInt64
  private let rawPort: UInt64
  private let rawDontFragment: UInt64
  /// The sum of the words of the outer IP header that are the same for all packets.
  private let fixedSum: UInt64

  /// No header.
  init() {
    encapsulation = .ipip
    hasChecksum = false
    length = 0
    rawAddresses = 0
    rawProtocol = 0
    rawPort = 0
    rawDontFragment = 0
    fixedSum = 0
  }

  init(
    _ tunnel: Tunnel, from source: IPv4Address, to destination: IPv4Address,
    copiesDontFragment: Bool
  ) {
    encapsulation = tunnel.encapsulation
    hasChecksum = tunnel.hasChecksum && tunnel.encapsulation != .ipip
    length = tunnel.overhead
    let rawSource = UInt64(source.rawValue.byteSwapped)
    let rawDestination = UInt64(destination.rawValue.byteSwapped)
    rawAddresses = rawSource | rawDestination << 32
    rawProtocol = UInt64(tunnel.encapsulation.protocol.rawValue) << 8
    rawPort = UInt64(tunnel.port.byteSwapped)
    rawDontFragment = copiesDontFragment ? 0x40 : 0
    fixedSum = UInt64(InternetChecksum.fold(rawSource + rawDestination + rawProtocol + 0x45))
  }

  @inline(__always) var isPresent: Bool { length > 0 }

  /// The packets' source and destination.
  var source: IPv4Address {
    IPv4Address(rawValue: UInt32(truncatingIfNeeded: rawAddresses).byteSwapped)
  }
  var destination: IPv4Address {
    IPv4Address(rawValue: UInt32(truncatingIfNeeded: rawAddresses >> 32).byteSwapped)
  }
  var port: UInt16 { UInt16(truncatingIfNeeded: rawPort).byteSwapped }

  /// Whether a packet whose flags begin with `octet` must not be fragmented outside either.
  @inline(__always)
  func forbidsFragments(_ octet: UInt8) -> Bool { UInt64(octet) & rawDontFragment != 0 }

  /// Whether a single frame can be wrapped as it is: a checksum outside cannot cover a partial one
  /// inside. (Of frames that stand for several: `Superframe.swift`.)
  @inline(__always)
  func canWrap(_ offload: VirtioNetHeader) -> Bool {
    !offload.isGSO && !(hasChecksum && offload.flags.contains(.needsChecksum))
  }

  /// Writes what stands before the packet of `packetLength` bytes in the frame at `frame`, but for the
  /// link addresses; the packet's time to live is the one that it leaves with.
  ///
  /// `sourcePort` is that of GUE, in host order like `identification`. The checksum of a superframe is
  /// that of each segment, yet to be made.
  @inline(__always)
  func write(
    _ frame: UnsafeMutableRawPointer, packetLength: Int, identification: UInt16,
    sourcePort: UInt16, isSuperframe: Bool
  ) {
    let outer = unsafe frame.advanced(by: EthernetFrame.headerLength)
    let packet = unsafe outer.advanced(by: length)
    let first = unsafe packet.raw16(0)
    // Congestion that was experienced inside is no news outside (RFC 6040 section 4.1).
    let service = UInt64(first >> 8 & 3 == 3 ? first & 0xfe00 : first & 0xff00)
    let total = UInt64(UInt16(truncatingIfNeeded: packetLength &+ length).byteSwapped)
    let number = UInt64(identification.byteSwapped)
    let flags = unsafe UInt64(packet.octet(6)) & rawDontFragment
    let timeToLive = unsafe UInt64(packet.octet(8))
    let sum = fixedSum &+ service &+ total &+ number &+ flags &+ timeToLive
    let checksum = UInt64(~InternetChecksum.fold(sum))
    unsafe frame.store(raw: 0x0008 as UInt16, Field.etherType)
    unsafe outer.store(raw: 0x45 | service | total << 16 | number << 32 | flags << 48, 0)
    unsafe outer.store(
      raw: UInt32(truncatingIfNeeded: timeToLive | rawProtocol | checksum << 16), 8)
    unsafe outer.store(raw: rawAddresses, 12)
    if encapsulation != .ipip {
      unsafe writeInner(
        outer.advanced(by: 20), packetLength: packetLength, sourcePort, isSuperframe)
    }
  }

  /// The header between the outer IP header and the packet.
  @inline(__always)
  private func writeInner(
    _ header: UnsafeMutableRawPointer, packetLength: Int, _ sourcePort: UInt16,
    _ isSuperframe: Bool
  ) {
    if encapsulation == .gre {
      unsafe header.store(raw: (hasChecksum ? 0x0008_0080 : 0x0008_0000) as UInt32, 0)
      guard hasChecksum else { return }
      unsafe header.store(raw: 0 as UInt32, 4)
      let sum = unsafe Self.sum(header, length: packetLength &+ 8, initial: 0)
      unsafe header.store(raw: (~sum).byteSwapped, 4)
    } else {
      let datagramLength = packetLength &+ 12
      let length = UInt64(UInt16(truncatingIfNeeded: datagramLength).byteSwapped)
      unsafe header.store(
        raw: UInt64(sourcePort.byteSwapped) | rawPort << 16 | length << 32, 0)
      unsafe header.store(raw: 0x0400 as UInt32, 8)
      guard hasChecksum else { return }
      let pseudo = InternetChecksum.pseudoHeaderSum(
        source: source, destination: destination, protocol: .udp, length: datagramLength)
      if isSuperframe { return unsafe header.store(raw: pseudo.byteSwapped, 6) }
      let sum = unsafe Self.sum(header, length: datagramLength, initial: pseudo)
      unsafe header.store(raw: sum == 0xffff ? 0xffff : (~sum).byteSwapped, 6)
    }
  }

  private static func sum(
    _ start: UnsafeMutableRawPointer, length: Int, initial: UInt16
  ) -> UInt16 {
    let bytes = unsafe RawSpan(_unsafeStart: start, byteCount: length)
    return InternetChecksum.sum(bytes, initial: initial)
  }
}

extension Tunnel {
  /// The length in bytes of what wraps a packet.
  var overhead: Int {
    switch encapsulation {
    case .ipip: IPv4Packet.minimumHeaderLength
    case .gre: IPv4Packet.minimumHeaderLength + (hasChecksum ? 8 : 4)
    case .gue: IPv4Packet.minimumHeaderLength + UDPDatagram.headerLength + 4
    }
  }
}

extension Tunnel.Encapsulation {
  /// What the outer IP header says that it carries.
  var `protocol`: IPProtocol {
    switch self {
    case .ipip: .ipip
    case .gre: .gre
    case .gue: .udp
    }
  }
}
