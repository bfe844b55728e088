import Frames
import Wire

// FullNAT's connections: an entry of the connection table, by which requests find them, a local port
// that is leased as long as they are there, and a position in the reply index that goes with it.

extension Director {
  /// A local endpoint for a connection of `record`; `nil` when none is left.
  ///
  /// When all ports are leased, that of the connection that ended first is taken. Its real server may
  /// still remember it, and takes the new SYN all the same: its sequence number is higher, and it has
  /// no timestamps.
  mutating func leaseLocalPort(of record: RecordIndex) -> LocalPorts.Lease? {
    guard let list = forwarding[record].pools else { return nil }
    return localPorts.lease(from: list) ?? leaseEnded(of: record, list)
  }

  /// Gives a local endpoint back that no connection got.
  mutating func giveBack(_ lease: LocalPorts.Lease, of record: RecordIndex) {
    guard let list = forwarding[record].pools else { return }
    localPorts.release(lease.local.port, at: lease.offset, of: list)
  }

  /// Gives the new connection at `index`, whose first packet has the sequence number `clientSequence`,
  /// its local endpoint.
  mutating func translate(
    _ index: Int, by lease: LocalPorts.Lease, clientSequence: UInt32, at now: Instant
  ) {
    let record = connections[index].destination
    let first = firstNumbers(lease.local, record, at: now)
    link(
      index, lease, shift: first.sequence &- clientSequence, clientSequence: clientSequence)
    if forwarding[record].rules.shiftsTimestamps {
      translations[timestampShift: index] = first.timestamp
      translations[index].flags.insert(.awaitsTimestamp)
    }
  }

  /// The port of a connection that has ended, which is forgotten for it.
  private mutating func leaseEnded(
    of record: RecordIndex, _ list: Range<Int>
  ) -> LocalPorts.Lease? {
    let real = forwarding[record].real
    let `protocol` = forwarding[record].protocol
    while let local = localPorts.takeEnded(from: list) {
      guard let ended = find(`protocol`, repliedFrom: real, to: local),
        connections[ended].state.allowsReuse
      else { continue }
      expireNow(ended)
      if let lease = localPorts.lease(local, from: list) { return lease }
    }
    return nil
  }

  /// Gives the connection at `index` its translation, and lets replies find it.
  private mutating func link(
    _ index: Int, _ lease: LocalPorts.Lease, shift: UInt32, clientSequence: UInt32
  ) {
    translations[index] = Translation(
      shift: shift, port: lease.local.port.byteSwapped, lease: UInt8(lease.offset))
    translations[details: index] = TranslationDetails(clientSequence: clientSequence)
    replies.set(replyPosition(of: index), to: index, shift: shift)
  }

  /// The local endpoint of the connection at `index`, which is one of `record`.
  @inline(__always)
  func rawLocal(of index: Int, _ record: RecordIndex) -> RawEndpoint {
    let translation = translations[index]
    return RawEndpoint(
      address: localPorts.rawAddress(
        at: Int(translation.lease), of: forwarding[record].firstPool),
      port: translation.port)
  }

  /// The local endpoint of the connection at `index`, which must have one.
  func local(of index: Int) -> Endpoint {
    rawLocal(of: index, connections[index].destination).endpoint
  }

  /// Where the place of the connection at `index` stands for its replies.
  private func replyPosition(of index: Int) -> Int {
    let local = local(of: index)
    let key = ConnectionKey(local.address, local.port, connections[index].key.protocol)
    let real = forwarding[connections[index].destination].rawReal
    guard let position = replies.position(of: key, from: real) else {
      preconditionFailure("the reply index does not have the pool of \(local)")
    }
    return position
  }

  /// The connection whose real server replies from `source` to the local endpoint of `key`.
  func findTranslated(_ key: ConnectionKey, repliedFrom source: Endpoint) -> Int? {
    replies.position(of: key, from: RawEndpoint(source)).flatMap { replies[$0] }
  }

  /// The local endpoint `local`, if it is one of `record` and nobody has it.
  mutating func leaseLocalPort(_ local: Endpoint, of record: RecordIndex) -> LocalPorts.Lease? {
    forwarding[record].pools.flatMap { localPorts.lease(local, from: $0) }
  }

  /// Gives the new connection at `index` the translation that is known of it.
  mutating func translate(
    _ index: Int, by lease: LocalPorts.Lease, as translation: TranslationSnapshot
  ) {
    link(
      index, lease, shift: translation.sequenceShift,
      clientSequence: translation.clientSequence ?? 0)
    translations[timestampShift: index] = translation.timestampShift
    translations[toldCount: index] = UInt8(clamping: translation.toldCount)
    if let serverSequence = translation.serverSequence {
      noteServerSequence(serverSequence, at: index)
    }
  }

  /// What is known of the translation of the connection at `index`.
  func translationSnapshot(of index: Int) -> TranslationSnapshot? {
    guard forwarding[connections[index].destination].pools != nil else { return nil }
    let translation = translations[index]
    let isTCP = connections[index].key.protocol == .tcp
    return TranslationSnapshot(
      local: local(of: index), sequenceShift: isTCP ? translation.shift : 0,
      timestampShift: translations[timestampShift: index],
      clientSequence: isTCP ? translations[details: index].clientSequence : nil,
      serverSequence: translation.flags.contains(.knowsServerSequence)
        ? translations[details: index].serverSequence : nil,
      toldCount: Int(translations[toldCount: index]))
  }

  /// Lets replies no longer find the connection at `index`, and gives its local port back.
  mutating func unlink(_ index: Int) {
    guard let list = forwarding[connections[index].destination].pools else { return }
    replies.clear(replyPosition(of: index))
    let translation = translations[index]
    localPorts.release(translation.port.byteSwapped, at: Int(translation.lease), of: list)
  }

  /// Notes the client's first sequence number: a SYN of a client that began anew may differ from the
  /// one that opened the connection.
  mutating func noteClientSequence(_ sequence: UInt32, at index: Int) {
    guard translations[details: index].clientSequence != sequence else { return }
    translations[details: index].clientSequence = sequence
    translations[index].flags.subtract([.knowsServerSequence, .isPrefixAcknowledged])
  }

  /// Notes the first timestamp of the connection at `index`, `nil` when its client has none.
  mutating func noteClientTimestamp(_ timestamp: UInt32?, at index: Int) {
    guard translations[index].flags.remove(.awaitsTimestamp) != nil else { return }
    let first = translations[timestampShift: index]
    translations[timestampShift: index] = timestamp.map { first &- $0 } ?? 0
  }

  /// Notes the real server's first sequence number of the connection at `index`.
  mutating func noteServerSequence(_ sequence: UInt32, at index: Int) {
    translations[details: index].serverSequence = sequence
    translations[index].flags.insert(.knowsServerSequence)
  }

  /// What rewriting a packet of the connection at `index` does to its checksums.
  func change(of index: Int, _ direction: Direction) -> ChecksumChange {
    let client = connections[index].key.client
    let record = connections[index].destination
    let local = rawLocal(of: index, record).endpoint
    let isReply = direction == .outbound
    let found = isReply ? local : client
    let given = isReply ? client : local
    return ChecksumChange(
      addresses: InternetChecksum.change(from: found.address, to: given.address)
        &+ (isReply
          ? forwarding[record].outboundAddresses : forwarding[record].inboundAddresses),
      ports: InternetChecksum.change(from: found.port, to: given.port)
        &+ (isReply ? forwarding[record].outboundPorts : forwarding[record].inboundPorts))
  }

  /// The first sequence number and the first timestamp of a connection from `local` to a real server.
  ///
  /// For each four values other ones. The sequence number grows by one each 64 ns (RFC 6528 section 3),
  /// so that it is higher than any that the last connection of the same values has used, unless that
  /// one sent more than 15.6 MB/s; the timestamp by one each millisecond, the usual clock of TCP
  /// (RFC 7323 section 5.4).
  private func firstNumbers(
    _ local: Endpoint, _ record: RecordIndex, at now: Instant
  ) -> (sequence: UInt32, timestamp: UInt32) {
    let real = forwarding[record].real
    let hash = SipHash.hash(
      UInt64(local.address.rawValue) << 32 | UInt64(real.address.rawValue),
      UInt64(local.port) << 16 | UInt64(real.port), key: sequenceKey)
    let sequence =
      UInt32(truncatingIfNeeded: hash) &+ UInt32(truncatingIfNeeded: now.nanoseconds / 64)
    let timestamp =
      UInt32(truncatingIfNeeded: hash >> 32)
      &+ UInt32(truncatingIfNeeded: now.nanoseconds / 1_000_000)
    return (fixedChoices.localSequence ?? sequence, timestamp)
  }
}
