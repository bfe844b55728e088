// Fence: reads and writes the bytes of frames through pointers.
//
// Memory: that of the `FrameBatch`.
// Owner: the batch.
// Soundness: as in `FastPath.swift`: only headers of candidates are touched, which `classify` found
// inside of their frames.

import Frames
import Wire

extension Director {
  /// Whether a packet of a translated connection is like most: without options of TCP.
  @inline(__always)
  func takesTranslated(_ candidate: Candidate) -> Bool {
    !candidate.isTCP || candidate.headerLength == 40
  }

  /// A request: from the local endpoint to the real server, with the sequence number shifted.
  @inline(__always)
  func rewriteTranslated(
    _ frame: UnsafeMutableRawPointer, _ candidate: Candidate, _ connection: Int,
    to real: RawEndpoint, _ kind: TransportChecksum
  ) {
    let translation = translations[connection]
    unsafe store(translation.rawEndpoint, real, in: frame)
    let shift = translation.shift
    unsafe finish(
      frame, candidate, translation.change, shifting: Field.tcpSequence, by: shift, kind)
  }

  /// A reply: from the virtual service to the client, with the acknowledgment number shifted back.
  @inline(__always)
  func rewriteTranslated(
    _ frame: UnsafeMutableRawPointer, _ candidate: Candidate, _ connection: Int,
    from virtual: RawEndpoint, _ kind: TransportChecksum
  ) {
    let translation = translations[connection]
    unsafe store(virtual, translation.rawEndpoint, in: frame)
    // Without ACK the number says nothing, and stays.
    let shift = candidate.flags.contains(.ack) ? 0 &- translation.shift : 0
    unsafe finish(
      frame, candidate, translation.change, shifting: Field.tcpAcknowledgment, by: shift, kind)
  }

  @inline(__always)
  private func store(
    _ source: RawEndpoint, _ destination: RawEndpoint, in frame: UnsafeMutableRawPointer
  ) {
    unsafe frame.store(raw: source.address, Field.source)
    unsafe frame.store(raw: destination.address, Field.destination)
    unsafe frame.store(raw: source.port, Field.sourcePort)
    unsafe frame.store(raw: destination.port, Field.destinationPort)
  }

  /// The time to live, one number of TCP, and both checksums.
  @inline(__always)
  private func finish(
    _ frame: UnsafeMutableRawPointer, _ candidate: Candidate, _ change: ChecksumChange,
    shifting offset: Int, by shift: UInt32, _ kind: TransportChecksum
  ) {
    let timeToLive = unsafe frame.octet(Field.timeToLive)
    unsafe frame.storeBytes(of: timeToLive &- 1, toByteOffset: Field.timeToLive, as: UInt8.self)
    let ipChecksum = unsafe frame.raw16(Field.ipChecksum)
    unsafe frame.store(raw: change.ip.applied(to: ipChecksum), Field.ipChecksum)
    if candidate.isTCP {
      let old = unsafe frame.raw32(offset)
      let new = (old.byteSwapped &+ shift).byteSwapped
      unsafe frame.store(raw: new, offset)
      guard kind == .partial else {
        let checksum = unsafe frame.raw16(Field.tcpChecksum)
        let changed = change.transport.applied(to: checksum)
        return unsafe frame.store(
          raw: RawChange.applied(from: old, to: new, on: changed), Field.tcpChecksum)
      }
    }
    unsafe rewriteOther(frame, candidate, change, kind)
  }
}

extension RawChange {
  /// The complete checksum after two words, as they stand in the frame, have changed.
  @inline(__always)
  fileprivate static func applied(
    from old: UInt32, to new: UInt32, on checksum: UInt16
  ) -> UInt16 {
    let sum = UInt64(~checksum) &+ UInt64(~old) &+ UInt64(new)
    return ~InternetChecksum.fold(sum)
  }
}
