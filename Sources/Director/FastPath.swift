// Fence: reads and writes the bytes of frames through pointers.
//
// Memory: that of the `FrameBatch`, of the candidates, and of the tables that lend records.
// Owner: the batch and the tables.
// Soundness: `classify` reads a field only after it has checked the frame's length, and takes a frame
// as a candidate only when Ethernet, IPv4 and the fixed transport header lie inside it;
// `forwardEstablished` touches only those bytes, of candidates only, while the batch stays as it is.

import CLinux
import Frames
import Neighbors
import Wire

/// A frame that may belong to an established flow, as the first pass saw it.
struct Candidate {
  /// The client's side; 0 when the frame is none.
  var key: UInt64 = 0
  /// The other side's endpoint: the virtual service's or the real server's.
  var peerAddress: UInt32 = 0
  var peerPort: UInt16 = 0
  var totalLength: UInt16 = 0
  /// IP and transport header together, in bytes.
  var headerLength: UInt16 = 0
  /// The bucket where the connection is searched first.
  var home: Int = 0
  var isInbound = false
  var isTCP = false
  var flags: UInt8 = 0
}

/// The candidates of one batch.
@safe
struct CandidateBatch: ~Copyable {
  fileprivate let candidates: UnsafeMutablePointer<Candidate>

  init() {
    unsafe candidates = .allocate(capacity: FrameBatch.frameLimit)
    unsafe candidates.initialize(repeating: Candidate(), count: FrameBatch.frameLimit)
  }

  deinit { unsafe candidates.deallocate() }

  subscript(index: Int) -> Candidate {
    @inline(__always) get {
      precondition(index >= 0 && index < FrameBatch.frameLimit)
      return unsafe candidates[index]
    }
    @inline(__always) nonmutating set {
      precondition(index >= 0 && index < FrameBatch.frameLimit)
      unsafe candidates[index] = newValue
    }
  }
}

extension UnsafeMutableRawPointer {
  @inline(__always)
  fileprivate func octet(_ offset: Int) -> UInt8 {
    unsafe load(fromByteOffset: offset, as: UInt8.self)
  }

  @inline(__always)
  fileprivate func network16(_ offset: Int) -> UInt16 {
    unsafe UInt16(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt16.self))
  }

  @inline(__always)
  fileprivate func network32(_ offset: Int) -> UInt32 {
    unsafe UInt32(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  @inline(__always)
  fileprivate func store(_ value: UInt16, _ offset: Int) {
    unsafe storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt16.self)
  }

  @inline(__always)
  fileprivate func store(_ value: UInt32, _ offset: Int) {
    unsafe storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt32.self)
  }

  @inline(__always)
  fileprivate func mac(_ offset: Int) -> UInt64 {
    unsafe UInt64(network16(offset)) << 32 | UInt64(network32(offset &+ 2))
  }

  @inline(__always)
  fileprivate func store(mac: UInt64, _ offset: Int) {
    unsafe store(UInt16(truncatingIfNeeded: mac >> 32), offset)
    unsafe store(UInt32(truncatingIfNeeded: mac), offset &+ 2)
  }
}

/// Where fields lie in a frame whose IP header has no options.
private enum Field {
  static let ethernetSource = 6
  static let etherType = 12
  static let versionAndLength = 14
  static let totalLength = 16
  static let fragment = 20
  static let timeToLiveAndProtocol = 22
  static let ipChecksum = 24
  static let source = 26
  static let destination = 30
  static let sourcePort = 34
  static let destinationPort = 36
  static let udpLength = 38
  static let udpChecksum = 40
  static let tcpDataOffset = 46
  static let tcpFlags = 47
  static let tcpChecksum = 50
  static let transport = 34
}

extension Director {
  /// First pass: finds the frames that may belong to established flows, and starts loading the
  /// buckets of their connections.
  @inline(never)
  mutating func classify(_ batch: inout FrameBatch) {
    for index in 0..<batch.count {
      let slot = batch[index]
      let candidate = unsafe candidate(
        batch.base(at: index), length: slot.length,
        mac: ports[slot.port.index].macAddress.rawValue)
      if candidate.key != 0 { connections.prefetch(candidate.home) }
      candidates[index] = candidate
    }
  }

  /// What the frame at `frame` may be: plain TCP without SYN, or plain UDP; no IP options, no
  /// fragment, time to live above 1, and every length and the header checksum as they must be.
  @inline(__always)
  private func candidate(
    _ frame: UnsafeMutableRawPointer, length: Int, mac: UInt64
  ) -> Candidate {
    let none = Candidate()
    guard length >= Field.transport &+ UDPDatagram.headerLength else { return none }
    let source = unsafe MACAddress(rawValue: frame.mac(Field.ethernetSource))
    guard unsafe frame.mac(0) == mac, source.rawValue != mac, source.isStation,
      unsafe frame.network16(Field.etherType) == EtherType.ipv4.rawValue,
      unsafe frame.octet(Field.versionAndLength) == 0x45,
      unsafe frame.network16(Field.fragment) & 0x3fff == 0,
      unsafe frame.octet(Field.timeToLiveAndProtocol) > 1
    else { return none }
    let total = unsafe Int(frame.network16(Field.totalLength))
    guard total <= length &- EthernetFrame.headerLength, unsafe hasValidChecksum(frame)
    else { return none }
    var result = none
    switch unsafe frame.octet(Field.timeToLiveAndProtocol &+ 1) {
    case IPProtocol.tcp.rawValue:
      guard total >= 40 else { return none }
      let headerLength = unsafe Int(frame.octet(Field.tcpDataOffset) >> 4) &* 4
      result.flags = unsafe frame.octet(Field.tcpFlags)
      guard headerLength >= 20, headerLength <= total &- 20,
        result.flags & TCPFlags.syn.rawValue == 0
      else { return none }
      result.isTCP = true
      result.headerLength = UInt16(truncatingIfNeeded: headerLength &+ 20)
    case IPProtocol.udp.rawValue:
      guard total >= 28 else { return none }
      let udpLength = unsafe Int(frame.network16(Field.udpLength))
      guard udpLength >= UDPDatagram.headerLength, udpLength <= total &- 20 else { return none }
      result.headerLength = 28
    default:
      return none
    }
    let sourceAddress = unsafe IPv4Address(rawValue: frame.network32(Field.source))
    let destination = unsafe IPv4Address(rawValue: frame.network32(Field.destination))
    let sourcePort = unsafe frame.network16(Field.sourcePort)
    let destinationPort = unsafe frame.network16(Field.destinationPort)
    let `protocol`: IPProtocol = result.isTCP ? .tcp : .udp
    result.totalLength = UInt16(truncatingIfNeeded: total)
    result.isInbound = ownAddresses.contains(destination)
    let key: ConnectionKey
    if result.isInbound {
      key = ConnectionKey(sourceAddress, sourcePort, `protocol`)
      result.peerAddress = destination.rawValue
      result.peerPort = destinationPort
    } else {
      key = ConnectionKey(destination, destinationPort, `protocol`)
      result.peerAddress = sourceAddress.rawValue
      result.peerPort = sourcePort
    }
    result.key = key.rawValue
    result.home = connections.home(of: key)
    return result
  }

  /// Whether the ten words of the IP header add up.
  @inline(__always)
  private func hasValidChecksum(_ frame: UnsafeMutableRawPointer) -> Bool {
    var sum = unsafe UInt64(frame.network32(14)) &+ UInt64(frame.network32(18))
    sum &+= unsafe UInt64(frame.network32(22)) &+ UInt64(frame.network32(26))
    sum &+= unsafe UInt64(frame.network32(30))
    return InternetChecksum.fold(sum) == 0xffff
  }

  /// Second pass: rewrites the frame at `index` if it belongs to an established flow whose next hop is
  /// known and takes it; `nil` leaves it untouched to the slow path.
  @inline(__always)
  mutating func forwardEstablished(
    _ index: Int, of batch: inout FrameBatch, at now: Instant
  ) -> Verdict? {
    let candidate = candidates[index]
    guard candidate.key != 0 else { return nil }
    let isInbound = candidate.isInbound
    let peer = Endpoint(IPv4Address(rawValue: candidate.peerAddress), candidate.peerPort)
    guard
      let connection = connections.find(
        ConnectionKey(rawValue: candidate.key), home: candidate.home,
        accepting: { (record: UInt16) -> Bool in
          isInbound ? forwarding[record].virtual == peer : forwarding[record].real == peer
        })
    else { return nil }
    let record = connections[connection].destination
    let port: PortIndex
    let neighbor: Int
    let mtu: Int
    if isInbound {
      port = forwarding[record].nextHop.port
      neighbor = forwarding[record].neighbor
      mtu = forwarding[record].nextHop.mtu
    } else {
      let client = IPv4Address(rawValue: UInt32(truncatingIfNeeded: candidate.key >> 24))
      guard let nextHop = routes.nextHop(to: client),
        let place = nextHop.neighbor ?? arp.neighbors.index(of: client, port: nextHop.port)
      else { return nil }
      port = nextHop.port
      neighbor = place
      mtu = nextHop.mtu
    }
    guard neighbor >= 0 else { return nil }
    let mac = arp.neighbors.adjacencies[neighbor].mac.rawValue
    guard mac != 0, fits(candidate, batch[index].offload, mtu) else { return nil }
    arp.neighbors.adjacencies.markUsed(neighbor)
    advance(connection, candidate, at: now)
    unsafe rewrite(
      batch.base(at: index), candidate, record,
      batch[index].offload.transportChecksum(at: Field.transport))
    unsafe batch.base(at: index).store(mac: mac, 0)
    unsafe batch.base(at: index).store(
      mac: ports[port.index].macAddress.rawValue, Field.ethernetSource)
    batch[index].length = EthernetFrame.headerLength &+ Int(candidate.totalLength)
    batch[index].offload.flags.formIntersection(.needsChecksum)
    return .transmit(port)
  }

  /// Whether the packet, or each of its segments, is no longer than `mtu`.
  @inline(__always)
  private func fits(
    _ candidate: Candidate, _ offload: VirtioNetHeader, _ mtu: Int
  ) -> Bool {
    if Int(candidate.totalLength) <= mtu { return true }
    return offload.isGSO && Int(offload.gsoSize) &+ Int(candidate.headerLength) <= mtu
  }

  /// Notes a packet of the connection: its time begins anew, and TCP moves on.
  @inline(__always)
  private mutating func advance(_ connection: Int, _ candidate: Candidate, at now: Instant) {
    connections[connection].stamp = now.milliseconds
    guard candidate.isTCP else { return }
    let state = connections[connection].state
    let next = transitions.next(
      state, on: TCPEvent(TCPFlags(rawValue: candidate.flags)),
      candidate.isInbound ? .inbound : .outbound)
    if next != state { change(connection, to: next, at: now) }
  }

  /// One address, one port, the time to live and both checksums.
  @inline(__always)
  private mutating func rewrite(
    _ frame: UnsafeMutableRawPointer, _ candidate: Candidate, _ record: UInt16,
    _ kind: TransportChecksum
  ) {
    let addresses: UInt64
    let ports: UInt64
    if candidate.isInbound {
      addresses = forwarding[record].inboundAddresses
      ports = forwarding[record].inboundPorts
      unsafe frame.store(forwarding[record].real.address.rawValue, Field.destination)
      unsafe frame.store(forwarding[record].real.port, Field.destinationPort)
      forwarding[record].inbound.add(Int(candidate.totalLength))
    } else {
      addresses = forwarding[record].outboundAddresses
      ports = forwarding[record].outboundPorts
      unsafe frame.store(forwarding[record].virtual.address.rawValue, Field.source)
      unsafe frame.store(forwarding[record].virtual.port, Field.sourcePort)
      forwarding[record].outbound.add(Int(candidate.totalLength))
    }
    // One less in the upper byte of a word: ~old + new is 0xffff - 0x0100, whatever the word.
    let timeToLive = unsafe frame.octet(Field.timeToLiveAndProtocol)
    unsafe frame.storeBytes(
      of: timeToLive &- 1, toByteOffset: Field.timeToLiveAndProtocol, as: UInt8.self)
    let ipChecksum = unsafe InternetChecksum.updated(
      frame.network16(Field.ipChecksum), by: addresses &+ 0xfeff)
    unsafe frame.store(ipChecksum, Field.ipChecksum)
    if candidate.isTCP {
      let checksum = unsafe InternetChecksum.updated(
        frame.network16(Field.tcpChecksum), kind, addresses: addresses, ports: ports)
      unsafe frame.store(checksum, Field.tcpChecksum)
    } else {
      unsafe rewriteUDPChecksum(frame, kind, addresses: addresses, ports: ports)
    }
  }

  /// The checksum of a datagram whose addresses and ports have been rewritten; one that the sender
  /// did not compute is computed, as on the slow path.
  @inline(__always)
  private func rewriteUDPChecksum(
    _ frame: UnsafeMutableRawPointer, _ kind: TransportChecksum, addresses: UInt64, ports: UInt64
  ) {
    let old = unsafe frame.network16(Field.udpChecksum)
    let new: UInt16
    if old == 0 && kind == .complete {
      let length = unsafe Int(frame.network16(Field.udpLength))
      let pseudo = unsafe InternetChecksum.pseudoHeaderSum(
        source: IPv4Address(rawValue: frame.network32(Field.source)),
        destination: IPv4Address(rawValue: frame.network32(Field.destination)),
        protocol: .udp, length: length)
      let datagram = unsafe RawSpan(
        _unsafeStart: frame.advanced(by: Field.transport), byteCount: length)
      new = ~InternetChecksum.sum(datagram, initial: pseudo)
    } else {
      new = InternetChecksum.updated(old, kind, addresses: addresses, ports: ports)
    }
    unsafe frame.store(new == 0 && kind == .complete ? 0xffff : new, Field.udpChecksum)
  }
}
