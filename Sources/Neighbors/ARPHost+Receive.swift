package import Frames
import Wire

/// What an ARP frame says, once it has been checked.
private struct Message {
  let operation: ARPOperation
  let senderMAC: MACAddress
  let senderAddress: IPv4Address
  let targetMAC: MACAddress
  let targetAddress: IPv4Address
  let frameDestination: MACAddress

  /// Whether the sender tells its own address (RFC 5227 section 3); a reply must also target itself.
  var isGratuitous: Bool {
    senderAddress == targetAddress && (operation == .request || targetMAC == senderMAC)
  }
}

extension ARPHost {
  /// Takes note of the ARP frame at `index` of `batch`, and turns it into the answer where one is due.
  ///
  /// Frames that waited for what it tells are appended to `outbox`.
  package mutating func receive(
    _ index: Int, of batch: inout FrameBatch, outbox: inout FrameBatch, drops: inout DropCounters,
    at now: Instant
  ) -> Verdict {
    let port = batch[index].port
    switch Self.check(batch.readBytes(at: index)) {
    case .failure(let reason):
      return .drop(reason)
    case .success(let message):
      guard !ports[port.index].isBroadcast(message.senderAddress)
      else { return .drop(.arpSenderInvalid) }
      return take(
        message, port: port, index: index, batch: &batch, outbox: &outbox, drops: &drops, at: now)
    }
  }

  /// Reads the frame; refuses what no honest station sends.
  private static func check(_ frame: RawSpan) -> Result<Message, DropReason> {
    guard let ethernet = EthernetFrame(frame), let packet = ARPPacket(ethernet.payload)
    else { return .failure(.arpMalformed) }
    let message = Message(
      operation: packet.operation, senderMAC: packet.senderMAC,
      senderAddress: packet.senderAddress, targetMAC: packet.targetMAC,
      targetAddress: packet.targetAddress, frameDestination: ethernet.destination)
    let isProbe = message.senderAddress == .unspecified && message.operation == .request
    guard message.senderMAC.isStation, message.senderMAC == ethernet.source,
      isProbe || message.senderAddress.isUnicastHost
    else { return .failure(.arpSenderInvalid) }
    guard !message.targetAddress.isMulticast, !message.targetAddress.isLoopback
    else { return .failure(.arpNotForUs) }
    return .success(message)
  }

  private mutating func take(
    _ message: Message, port: PortIndex, index: Int, batch: inout FrameBatch,
    outbox: inout FrameBatch, drops: inout DropCounters, at now: Instant
  ) -> Verdict {
    // Two ports of one segment hear each other.
    guard !ports.contains(where: { $0.macAddress == message.senderMAC })
    else { return .drop(.frameLooped) }
    if owns(message.senderAddress) {
      return defend(
        message.senderAddress, against: message.senderMAC, port: port, index: index, batch: &batch,
        at: now)
    }
    let isForUs = ports[port.index].owns(message.targetAddress)
    let isConnected = ports[port.index].isConnected(message.senderAddress)
    switch message.operation {
    case .request where isForUs:
      if isConnected,
        let neighbor = neighbors.insert(message.senderAddress, port: port, at: now)
      {
        _ = learn(
          message, neighbor: neighbor, confirmed: false, outbox: &outbox, drops: &drops, at: now)
      }
      return answer(message, port: port, index: index, batch: &batch)
    case .request:
      guard let neighbor = known(message.senderAddress, port: port),
        learn(
          message, neighbor: neighbor, confirmed: false, outbox: &outbox, drops: &drops, at: now)
      else { return .drop(.arpNotForUs) }
      return .absorb
    case .reply:
      guard let neighbor = known(message.senderAddress, port: port),
        learn(
          message, neighbor: neighbor, confirmed: !message.frameDestination.isMulticast,
          outbox: &outbox, drops: &drops, at: now)
      else { return .drop(.arpUnsolicited) }
      return .absorb
    }
  }

  /// The neighbour, if we have ever asked for it or been told of it.
  private func known(_ address: IPv4Address, port: PortIndex) -> Int? {
    guard let index = neighbors.index(of: address, port: port), neighbors[index].state != .idle
    else { return nil }
    return index
  }

  /// Takes over the sender's link address; `false` when it tells nothing new, or must not replace the
  /// known one.
  ///
  /// A link address that differs from a usable one is taken when that is older than the lock time,
  /// or when the sender announces itself.
  private mutating func learn(
    _ message: Message, neighbor: Int, confirmed: Bool, outbox: inout FrameBatch,
    drops: inout DropCounters, at now: Instant
  ) -> Bool {
    let entry = neighbors[neighbor]
    let isSame = entry.state.isUsable && entry.mac == message.senderMAC
    if entry.state.isUsable && !isSame && !message.isGratuitous
      && entry.updated.duration(to: now) <= NeighborTiming.lock
    {
      return false
    }
    if isSame && !confirmed { return false }
    noteMove(of: entry, to: message.senderMAC, at: now)
    neighbors[neighbor].mac = message.senderMAC
    neighbors[neighbor].updated = now
    if confirmed {
      let end = now.advanced(by: NeighborTiming.reachable)
      neighbors.enter(.reachable, at: neighbor, until: end)
      schedule(end)
    } else {
      neighbors.enter(.stale, at: neighbor, until: nil)
      schedule(now.advanced(by: NeighborTiming.sweep))
    }
    let lost = neighbors.release(neighbor, outbox: &outbox)
    drops[.outboxFull] += UInt64(lost)
    return true
  }

  /// Turns a request for one of our addresses into the answer.
  private func answer(
    _ request: Message, port: PortIndex, index: Int, batch: inout FrameBatch
  ) -> Verdict {
    let reply = ARPFields(
      operation: .reply, senderMAC: ports[port.index].macAddress,
      senderAddress: request.targetAddress, targetMAC: request.senderMAC,
      targetAddress: request.senderAddress)
    return rewrite(reply, to: request.senderMAC, port: port, index: index, batch: &batch)
  }

  /// Makes the frame at `index` the ARP frame of `fields`, without padding.
  func rewrite(
    _ fields: ARPFields, to destination: MACAddress, port: PortIndex, index: Int,
    batch: inout FrameBatch
  ) -> Verdict {
    batch[index].length = EthernetFrame.headerLength + ARPPacket.length
    batch[index].offload = VirtioNetHeader()
    write(fields, to: destination, port: port, over: batch.bytes(at: index))
    return .transmit(port)
  }
}
