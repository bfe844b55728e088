// Fence: reads and writes the bytes of frames through pointers.
//
// Memory: that of the `FrameBatch`.
// Owner: the batch.
// Soundness: as in `FastPath.swift`: only headers of candidates are touched, which `classify` found
// inside of their frames.

import Frames
import Wire

extension Director {
  /// For each reply to a local address, starts loading the connection whose place stands at the
  /// position that `classify` found and began to load.
  @inline(never)
  mutating func findTranslated(_ count: Int) {
    for index in 0..<count where candidates[index].isToLocal && candidates[index].home >= 0 {
      guard let place = replies[candidates[index].home] else { continue }
      let bucket = place / ConnectionTable.laneCount
      connections.prefetch(bucket)
      // The options of a reply are edited by what is known of its requests.
      if candidates[index].hasOptions {
        translations.prefetch(bucket)
        translations.prefetchDetails(bucket)
      }
    }
  }

  /// The connection of a reply to a local address.
  @inline(__always)
  func translated(_ candidate: Candidate) -> Int? {
    candidate.home >= 0 ? replies[candidate.home] : nil
  }

  /// Whether a packet of a translated connection is like most: none that carries a PROXY header, or
  /// the option that tells a datagram's client, and no reply of a connection that comes to an end.
  @inline(__always)
  func takesTranslated(
    _ frame: UnsafeMutableRawPointer, _ candidate: Candidate, _ connection: Int,
    _ record: RecordIndex
  ) -> Bool {
    guard candidate.isInbound else { return !forwarding[record].endsConnections }
    switch forwarding[record].rules.clientAddress {
    case .none, .toa:
      return true
    case .proxyV2:
      guard let insertion = insertion(into: connection, record) else { return true }
      return unsafe !insertion.belongs(
        into: frame.raw32(Field.tcpSequence).byteSwapped,
        count: Int(candidate.totalLength) &- Int(candidate.headerLength), candidate.flags)
    case .uoaOption, .uoaProtocol:
      return translations[connection].flags.contains(.hasTold)
    }
  }

  /// Overwrites options of a request that the server could take for ours and shifts its timestamp;
  /// shifts the selective acknowledgments and the echoed timestamp of a reply.
  @inline(never)
  mutating func editOptions(
    _ candidate: Candidate, _ connection: Int, _ record: RecordIndex, _ index: Int,
    of batch: inout FrameBatch, _ kind: TransportChecksum
  ) {
    guard var segment = MutableTCPSegment(batch.bytes(at: index, from: Field.transport))
    else { return }
    if candidate.isInbound {
      _ = segment.overwriteOptions(forwarding[record].rules.overwrittenOptions, kind)
      if forwarding[record].rules.shiftsTimestamps {
        segment.shiftTimestamp(by: translations[timestampShift: connection], kind)
      }
    } else if forwarding[record].method == .fullnat {
      if candidate.flags.contains(.ack) {
        segment.shiftTimestampEcho(by: 0 &- translations[timestampShift: connection], kind)
      }
      shiftSelectiveAcks(of: &segment, connection, record, kind)
    }
  }

  /// Inserts the option that tells the client's address into a request that is rewritten, if it is one
  /// that carries it and has the room; answers how much longer the frame became.
  @inline(__always)
  mutating func insertOption(
    _ candidate: Candidate, _ connection: Int, _ acknowledgment: UInt32, _ index: Int,
    of batch: inout FrameBatch, _ mtu: Int
  ) -> Int {
    guard
      candidate.isTCP,
      forwarding[connections[connection].destination].rules.clientAddress == .toa,
      carriesOption(connection, candidate.flags, acknowledgment: acknowledgment)
    else { return 0 }
    guard
      insertAddressOption(connection, index, of: &batch, transport: Field.transport, mtu: mtu)
    else {
      counters.clientAddressesUntold &+= 1
      return 0
    }
    return AddressOption.length
  }

  /// A request: from the local endpoint to the real server, with the sequence number shifted.
  @inline(__always)
  func rewriteTranslated(
    _ frame: UnsafeMutableRawPointer, _ candidate: Candidate, _ connection: Int,
    toServerOf record: RecordIndex, _ kind: TransportChecksum
  ) {
    let sequence = unsafe frame.raw32(Field.tcpSequence).byteSwapped
    let shifted =
      candidate.isTCP ? shiftedSequence(sequence, of: connection, record) : sequence
    unsafe rewriteTranslated(
      frame, candidate, from: rawLocal(of: connection, record),
      to: forwarding[record].rawReal, storing: shifted, Field.tcpSequence, kind)
  }

  /// A reply: from the virtual service to the client, with the acknowledgment number shifted back.
  @inline(__always)
  mutating func rewriteTranslated(
    _ frame: UnsafeMutableRawPointer, _ candidate: Candidate, _ connection: Int,
    fromServerOf record: RecordIndex, _ kind: TransportChecksum
  ) {
    var number: UInt32 = 0
    if candidate.isTCP {
      number = unsafe frame.raw32(Field.tcpAcknowledgment).byteSwapped
      // Without ACK the number says nothing, and stays.
      if candidate.flags.contains(.ack) {
        number = shiftedAcknowledgment(
          number, by: replies.shift(at: candidate.home), of: connection, record)
      }
    }
    unsafe rewriteTranslated(
      frame, candidate, from: forwarding[record].rawVirtual,
      to: connections[connection].rawClient, storing: number, Field.tcpAcknowledgment, kind)
  }

  /// Both endpoints, the time to live, one number of TCP, and both checksums.
  @inline(__always)
  private func rewriteTranslated(
    _ frame: UnsafeMutableRawPointer, _ candidate: Candidate, from source: RawEndpoint,
    to destination: RawEndpoint, storing number: UInt32, _ offset: Int, _ kind: TransportChecksum
  ) {
    var addresses = unsafe UInt64(~frame.raw32(Field.source)) &+ UInt64(source.address)
    addresses &+= unsafe UInt64(~frame.raw32(Field.destination)) &+ UInt64(destination.address)
    var ports = unsafe UInt64(~frame.raw16(Field.sourcePort)) &+ UInt64(source.port)
    ports &+= unsafe UInt64(~frame.raw16(Field.destinationPort)) &+ UInt64(destination.port)
    unsafe frame.store(raw: source.address, Field.source)
    unsafe frame.store(raw: destination.address, Field.destination)
    unsafe frame.store(raw: source.port, Field.sourcePort)
    unsafe frame.store(raw: destination.port, Field.destinationPort)
    let timeToLive = unsafe frame.octet(Field.timeToLive)
    unsafe frame.storeBytes(of: timeToLive &- 1, toByteOffset: Field.timeToLive, as: UInt8.self)
    let ipSum =
      unsafe UInt64(~frame.raw16(Field.ipChecksum)) &+ addresses
      &+ UInt64(ChecksumChange.hop.rawValue)
    unsafe frame.store(raw: ~InternetChecksum.fold(ipSum), Field.ipChecksum)
    if candidate.isTCP {
      let old = unsafe frame.raw32(offset)
      let new = number.byteSwapped
      unsafe frame.store(raw: new, offset)
      guard kind == .partial else {
        let sum =
          unsafe UInt64(~frame.raw16(Field.tcpChecksum)) &+ addresses &+ ports &+ UInt64(~old)
          &+ UInt64(new)
        return unsafe frame.store(raw: ~InternetChecksum.fold(sum), Field.tcpChecksum)
      }
    }
    unsafe rewriteOther(
      frame, candidate, ChecksumChange(rawAddresses: addresses, rawPorts: ports), kind)
  }
}
