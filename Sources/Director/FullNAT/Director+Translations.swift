import Frames
import Wire

// FullNAT's connections: two entries of the connection table, the client's and the local one, with a
// local port that is leased as long as they are there.

extension Director {
  /// A local endpoint for a connection of `record`; `nil` when none is left.
  ///
  /// When all ports are leased, that of the connection that ended first is taken. Its real server may
  /// still remember it, and takes the new SYN all the same: its sequence number is higher, and it has
  /// no timestamps.
  mutating func leaseLocalPort(of record: UInt16) -> LocalPorts.Lease? {
    guard let list = forwarding[record].pools else { return nil }
    return localPorts.lease(from: list) ?? leaseEnded(of: record, list)
  }

  /// Gives a local endpoint back that no connection got.
  mutating func giveBack(_ lease: LocalPorts.Lease, of record: UInt16) {
    guard let list = forwarding[record].pools else { return }
    localPorts.release(lease.local.port, at: lease.offset, of: list)
  }

  /// Gives the new connection at `index`, whose first packet has the sequence number `clientSequence`,
  /// its local endpoint and its other half.
  mutating func translate(
    _ index: Int, by lease: LocalPorts.Lease, clientSequence: UInt32, at now: Instant
  ) {
    let sequence = localSequence(lease.local, connections[index].destination, at: now)
    link(index, lease, shift: sequence &- clientSequence, clientSequence: clientSequence)
  }

  /// The port of a connection that has ended, which is forgotten for it.
  private mutating func leaseEnded(
    of record: UInt16, _ list: Range<Int>
  ) -> LocalPorts.Lease? {
    guard let real = forwarding[record].replyRecord.map({ forwarding[$0].real }) else { return nil }
    let `protocol` = forwarding[record].protocol
    while let local = localPorts.takeEnded(from: list) {
      let key = ConnectionKey(local.address, local.port, `protocol`)
      guard let reply = find(key, where: { $0.takesReplies(from: real) }),
        connections[reply].state.allowsReuse
      else { continue }
      expireNow(Int(translations[details: reply].other))
      if let lease = localPorts.lease(local, from: list) { return lease }
    }
    return nil
  }

  /// Adds the other half of the connection at `index`, for which the table always has room.
  private mutating func link(
    _ index: Int, _ lease: LocalPorts.Lease, shift: UInt32, clientSequence: UInt32
  ) {
    let entry = connections[index]
    let client = entry.key.client
    guard let replyRecord = forwarding[entry.destination].replyRecord else {
      preconditionFailure("a connection without FullNAT has one half")
    }
    let key = ConnectionKey(lease.local.address, lease.local.port, entry.key.protocol)
    guard
      let reply = connections.insert(
        key, state: entry.state, destination: replyRecord, stamp: entry.stamp, isReply: true)
    else { preconditionFailure("a connection has no room for its other half") }
    var request = Translation()
    request.setEndpoint(lease.local)
    request.shift = shift
    var answer = request
    answer.setEndpoint(client)
    let details = TranslationDetails(
      other: UInt32(reply), clientSequence: clientSequence, lease: UInt16(lease.offset))
    translations[details: index] = details
    translations[details: reply] = details
    translations[details: reply].other = UInt32(index)
    translations[index] = request
    translations[reply] = answer
  }

  /// The local endpoint `local`, if it is one of `record` and nobody has it.
  mutating func leaseLocalPort(_ local: Endpoint, of record: UInt16) -> LocalPorts.Lease? {
    forwarding[record].pools.flatMap { localPorts.lease(local, from: $0) }
  }

  /// Gives the new connection at `index` the translation that is known of it.
  mutating func translate(
    _ index: Int, by lease: LocalPorts.Lease, as translation: TranslationSnapshot
  ) {
    link(
      index, lease, shift: translation.sequenceShift,
      clientSequence: translation.clientSequence ?? 0)
    translations[index].toldCount = UInt8(clamping: translation.toldCount)
    if let serverSequence = translation.serverSequence {
      noteServerSequence(serverSequence, at: index)
    }
  }

  /// What is known of the translation of the connection whose client's half is at `index`.
  func translationSnapshot(of index: Int) -> TranslationSnapshot? {
    guard forwarding[connections[index].destination].pools != nil else { return nil }
    let translation = translations[index]
    let isTCP = connections[index].key.protocol == .tcp
    return TranslationSnapshot(
      local: translation.rawEndpoint.endpoint, sequenceShift: isTCP ? translation.shift : 0,
      clientSequence: isTCP ? translations[details: index].clientSequence : nil,
      serverSequence: translation.flags.contains(.knowsServerSequence)
        ? translation.serverSequence : nil,
      toldCount: Int(translation.toldCount))
  }

  /// Forgets the other half of the connection at `index`, and gives its local port back.
  mutating func unlink(_ index: Int) {
    guard let list = forwarding[connections[index].destination].pools else { return }
    let details = translations[details: index]
    localPorts.release(
      translations[index].rawEndpoint.endpoint.port, at: Int(details.lease), of: list)
    connections.remove(at: Int(details.other), isReply: true)
  }

  /// Notes the client's first sequence number: a SYN of a client that began anew may differ from the
  /// one that opened the connection.
  mutating func noteClientSequence(_ sequence: UInt32, at index: Int) {
    guard translations[details: index].clientSequence != sequence else { return }
    for half in [index, Int(translations[details: index].other)] {
      translations[details: half].clientSequence = sequence
      translations[half].flags = []
    }
  }

  /// Notes the real server's first sequence number of the connection whose client's half is at `index`.
  mutating func noteServerSequence(_ sequence: UInt32, at index: Int) {
    for half in [index, Int(translations[details: index].other)] {
      translations[half].serverSequence = sequence
      translations[half].flags.insert(.knowsServerSequence)
    }
  }

  /// The entry by which requests find the connection that has an entry at `index`.
  @inline(__always)
  func requestHalf(of index: Int) -> Int {
    forwarding[connections[index].destination].isReplyHalf
      ? Int(translations[details: index].other) : index
  }

  /// What rewriting a packet of the half at `index` does to its checksums.
  func change(of index: Int) -> ChecksumChange {
    let entry = connections[index]
    let found = entry.key.client
    let given = translations[index].rawEndpoint.endpoint
    let record = entry.destination
    let isReply = forwarding[record].isReplyHalf
    return ChecksumChange(
      addresses: InternetChecksum.change(from: found.address, to: given.address)
        &+ (isReply
          ? forwarding[record].outboundAddresses : forwarding[record].inboundAddresses),
      ports: InternetChecksum.change(from: found.port, to: given.port)
        &+ (isReply ? forwarding[record].outboundPorts : forwarding[record].inboundPorts))
  }

  /// The first sequence number of a connection from `local` to a real server.
  ///
  /// For each four values another one, which grows by one each 64 ns (RFC 6528 section 3), so that it
  /// is higher than any that the last connection of the same values has used.
  private func localSequence(
    _ local: Endpoint, _ record: UInt16, at now: Instant
  ) -> UInt32 {
    if let fixed = fixedChoices.localSequence { return fixed }
    let real = forwarding[record].real
    let hash = SipHash.hash(
      UInt64(local.address.rawValue) << 32 | UInt64(real.address.rawValue),
      UInt64(local.port) << 16 | UInt64(real.port), key: sequenceKey)
    return UInt32(truncatingIfNeeded: hash)
      &+ UInt32(truncatingIfNeeded: now.nanoseconds / 64)
  }
}

extension Translation {
  fileprivate mutating func setEndpoint(_ endpoint: Endpoint) {
    let raw = RawEndpoint(endpoint)
    address = raw.address
    port = raw.port
  }
}
