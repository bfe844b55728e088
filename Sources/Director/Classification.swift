// Fence: reads the bytes of frames through pointers.
//
// Memory: that of the `FrameBatch`.
// Owner: the batch.
// Soundness: a field is read only after the frame's length was checked; a frame becomes a candidate
// only when Ethernet, IPv4 and the fixed transport header lie inside it.

import Frames
import Wire

extension Director {
  /// First pass: finds the frames that may belong to established flows, and starts loading the
  /// buckets of their connections.
  @inline(never)
  mutating func classify(_ batch: inout FrameBatch) {
    for index in 0..<batch.count {
      let slot = batch[index]
      candidates[index].key = 0
      candidates[index].isToLocal = false
      // What is in a tunnel already, which no device hands out, is the slow path's.
      if slot.offload.gsoType.isInUDPTunnel { continue }
      let mac = ports[slot.port.index].rawMAC
      unsafe classify(batch.base(at: index), length: slot.length, mac: mac, as: index)
    }
  }

  /// Makes the frame at `frame` candidate `index` if it is plain TCP or UDP to `mac`: no IP options, no
  /// fragment, time to live above 1, and every length and the header checksum as they must be.
  @inline(__always)
  private mutating func classify(
    _ frame: UnsafeMutableRawPointer, length: Int, mac: UInt64, as index: Int
  ) {
    guard length >= Field.transport &+ UDPDatagram.headerLength else { return }
    let source = unsafe frame.raw64(Field.ethernetSource) & Self.macMask
    let begin = unsafe frame.raw64(Field.etherType)
    let middle = unsafe frame.raw64(Field.fragment)
    // Ethernet type 0x0800, version 4, five words of header.
    guard unsafe frame.raw64(0) & Self.macMask == mac, source != mac, source != 0, source & 1 == 0,
      begin & 0xff_ffff == 0x45_0008, middle & 0xff3f == 0, middle & 0xff_0000 > 0x01_0000
    else { return }
    let total = Int(UInt16(truncatingIfNeeded: begin >> 32).byteSwapped)
    guard total <= length &- EthernetFrame.headerLength, unsafe hasValidChecksum(frame)
    else { return }
    let isTCP: Bool
    var flags = TCPFlags()
    let headerLength: Int
    switch UInt8(truncatingIfNeeded: middle >> 24) {
    case IPProtocol.tcp.rawValue:
      guard total >= 40 else { return }
      headerLength = unsafe Int(frame.octet(Field.tcpDataOffset) >> 4) &* 4 &+ 20
      guard headerLength >= 40, headerLength <= total else { return }
      flags = unsafe TCPFlags(rawValue: frame.octet(Field.tcpFlags))
      isTCP = true
    case IPProtocol.udp.rawValue:
      let udpLength = unsafe Int(frame.raw16(Field.udpLength).byteSwapped)
      guard total >= 28, udpLength >= UDPDatagram.headerLength, udpLength <= total &- 20
      else { return }
      headerLength = 28
      isTCP = false
    default:
      return
    }
    let sourceAddress = unsafe frame.raw32(Field.source)
    let destination = unsafe frame.raw32(Field.destination)
    let sourcePort = unsafe frame.raw16(Field.sourcePort)
    let destinationPort = unsafe frame.raw16(Field.destinationPort)
    let `protocol`: IPProtocol = isTCP ? .tcp : .udp
    let isInbound = requestAddresses.contains(IPv4Address(rawValue: destination.byteSwapped))
    let key: ConnectionKey
    if isInbound {
      key = ConnectionKey(
        IPv4Address(rawValue: sourceAddress.byteSwapped), sourcePort.byteSwapped, `protocol`)
      candidates[index].peer = RawEndpoint(address: destination, port: destinationPort)
    } else {
      key = ConnectionKey(
        IPv4Address(rawValue: destination.byteSwapped), destinationPort.byteSwapped, `protocol`)
      candidates[index].peer = RawEndpoint(address: sourceAddress, port: sourcePort)
    }
    if !isInbound, hasLocalAddresses,
      localAddresses.contains(IPv4Address(rawValue: destination.byteSwapped))
    {
      let position = replies.position(of: key, from: candidates[index].peer)
      if let position { replies.prefetch(position) }
      candidates[index].isToLocal = true
      candidates[index].home = position ?? -1
    } else {
      let home = connections.home(of: key)
      connections.prefetch(home)
      translations.prefetch(home)
      // Timestamps are among the options.
      if headerLength > 40 { translations.prefetchDetails(home) }
      if flags.contains(.syn) { timers.prefetch(home) }
      candidates[index].home = home
    }
    candidates[index].key = key.rawValue
    candidates[index].totalLength = UInt16(truncatingIfNeeded: total)
    candidates[index].headerLength = UInt16(truncatingIfNeeded: headerLength)
    candidates[index].isInbound = isInbound
    candidates[index].isTCP = isTCP
    candidates[index].flags = flags
  }

  private static var macMask: UInt64 { 0xffff_ffff_ffff }

  /// Whether the words of the IP header add up: to a multiple of 0xffff, as they are never all 0.
  @inline(__always)
  private func hasValidChecksum(_ frame: UnsafeMutableRawPointer) -> Bool {
    var sum = unsafe UInt64(frame.raw32(14)) &+ UInt64(frame.raw32(18))
    sum &+= unsafe UInt64(frame.raw32(22)) &+ UInt64(frame.raw32(26))
    sum &+= unsafe UInt64(frame.raw32(30))
    return sum % 0xffff == 0
  }
}
