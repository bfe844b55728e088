package import Frames
import Neighbors
import Wire

/// The whole data path: frames and the time in, verdicts and rewritten frames out.
///
/// It owns no file descriptor and reads no clock, so that tests, vectors and captures run the code
/// that runs in production. One thread owns it. A frame goes through the files in this order:
///
/// ```
/// Director.process -> Classification -> FastPath (established TCP and UDP)
///                  -> SlowPath -> ARPHost
///                              -> LocalDelivery (ping)
///                              -> Scheduling -> Forward (NAT, FullNAT, Tunnel) -> Dispatch
/// ```
package struct Director: ~Copyable {
  /// What it does.
  package internal(set) var configuration: DirectorConfiguration

  /// What it has done.
  package internal(set) var counters = DirectorCounters()

  /// Whether established flows may take the fast path; both paths give the same frames.
  package var isFastPathEnabled = true

  /// What would be chosen by chance, where tests want to know it.
  package var fixedChoices = FixedChoices()

  let ports: [PortFacts]
  /// Every address that is the director's own: virtual ones and those of ports.
  var ownAddresses: AddressSet
  /// Those of them to which real servers reply.
  var localAddresses: AddressSet
  /// Whether there are any.
  var hasLocalAddresses: Bool
  /// Those to which clients send: all but the local ones.
  var requestAddresses: AddressSet
  /// Every directed broadcast address of a connected network: nobody sends from one.
  let broadcastAddresses: AddressSet
  var routes: RoutingTable
  let routeSearch: RouteSearch
  var arp: ARPHost
  var services: ServiceTable
  var forwarding: ForwardingTable
  var connections: ConnectionTable
  /// What FullNAT knows of connections, by their places in the table.
  var translations: TranslationTable
  /// Where replies of FullNAT find their connection.
  var replies: ReplyIndex
  var localPorts: LocalPorts
  /// What keeps FullNAT's sequence numbers from being foreseen.
  let sequenceKey: (UInt64, UInt64)
  var timers: TimerWheel
  var tunnelEnds: TunnelEnds
  /// Of each port, whether it takes segments in UDP tunnels as one frame.
  var superframePorts: [Bool]
  var reassembly = Reassembly()
  var errorLimits: ErrorLimits
  /// The identification of the last packet of our own.
  var nextIdentification: UInt16
  /// Batches of one frame: for a datagram put together from fragments, and for a frame of our own.
  var spareForDatagram: FrameBatch?
  var spareForSending: FrameBatch?
  let transitions: TCPTransitions
  var timeouts: StateTimeouts
  var candidates: CandidateBatch
  /// Whether more connections have ended than one call may deal with.
  var isExpiryBehind = false
  /// The search for connections whose ends are to be reset.
  var sweep: ConnectionSweep
  /// Checks of our own that go the way of the packets.
  var pathProbes = PathProbes()
  /// The new connections whose beginning is watched.
  var watch = SuspicionWatch()

  /// Whether frames since the last `advance` may have brought `nextDeadline` nearer, or left notices:
  /// those of established flows do not, nor those that open one among others.
  package internal(set) var hasNews = false

  /// A director that does what `configuration` says, with an empty connection table.
  ///
  /// `seed` keeps clients from choosing their places in the table: random, and unknown to them.
  package init(
    configuration: DirectorConfiguration, seed: UInt64, at now: Instant
  ) throws(TableMemoryError) {
    // What may fail comes first, while there is nothing to take back.
    let table = try ConnectionTable(
      limit: configuration.connectionLimit, seed: seed)
    let replies = try ReplyIndex(positionCount: configuration.localPortCount)
    let translations = try TranslationTable(
      placeCount: configuration.hasFullNAT ? table.placeCount : 1)
    let wheel = try TimerWheel(placeCount: table.placeCount, at: now)
    connections = table
    timers = wheel
    self.translations = translations
    self.replies = replies
    sequenceKey = (
      SipHash.hash(seed, 1, key: (seed, ~seed)), SipHash.hash(seed, 2, key: (seed, ~seed))
    )
    transitions = TCPTransitions(.normal)
    errorLimits = ErrorLimits(at: now)
    nextIdentification = UInt16(truncatingIfNeeded: seed)
    spareForDatagram = nil
    spareForSending = nil
    candidates = CandidateBatch()
    sweep = ConnectionSweep(rate: configuration.probeRate)
    self.configuration = configuration
    ports = configuration.ports.map { PortFacts(macAddress: $0.macAddress, mtu: $0.mtu) }
    let virtual = configuration.allVirtualAddresses
    let own = virtual + configuration.ports.flatMap { $0.addresses.map(\.address) }
    let local = Set(configuration.localAddresses)
    ownAddresses = AddressSet(own)
    localAddresses = AddressSet(local)
    hasLocalAddresses = !local.isEmpty
    requestAddresses = AddressSet(own.filter { !local.contains($0) })
    broadcastAddresses = AddressSet(
      configuration.ports.flatMap { $0.addresses.compactMap(\.prefix.directedBroadcast) })
    routes = RoutingTable(configuration)
    arp = ARPHost(
      ports: configuration.arpPorts, pinnedCount: routes.nextHops(of: configuration.services).count)
    let parts = ServiceParts(
      configuration, routes: &routes, arp: &arp, localPorts: LocalPorts(seed: seed), at: now)
    routeSearch = RouteSearch(routes)
    services = ServiceTable(parts.services)
    forwarding = ForwardingTable(parts.records)
    localPorts = parts.localPorts
    for pool in localPorts.allRanges where !self.replies.add(pool.ports, of: pool.key) {
      preconditionFailure("the reply index was made with room for all local ports")
    }
    tunnelEnds = TunnelEnds(parts.records)
    superframePorts = configuration.ports.map { _ in false }
    timeouts = configuration.timeouts
    for index in configuration.ports.indices {
      arp.announce(port: PortIndex(index), at: now)
    }
  }

  /// Takes the memory of the tables from the kernel before there is traffic.
  ///
  /// Otherwise each of the first thousands of connections waits for pages to be cleared. Costs some
  /// 0.3 ms a MiB; tables for a million connections are 36 MB, with FullNAT 72 MB.
  package func populateMemory() {
    connections.populate()
    timers.populate()
    translations.populate()
    replies.populate()
  }

  /// Decides every frame of `batch` and rewrites those that are sent on.
  ///
  /// Frames of the director's own are appended to `outbox`, each of which is to be sent before the
  /// frame of the batch that its `turn` names: so those that take the place of one, segments and
  /// fragments, neither overtake those before it nor fall behind those after.
  package mutating func process(
    _ batch: inout FrameBatch, outbox: inout FrameBatch, at now: Instant
  ) {
    let outboxCount = outbox.count
    if isFastPathEnabled {
      classify(&batch)
      if hasLocalAddresses { findTranslated(batch.count) }
    }
    var index = 0
    while true {
      if isFastPathEnabled { index = forwardEstablished(from: index, of: &batch, at: now) }
      guard index < batch.count else { break }
      if isFastPathEnabled,
        openConnection(forCandidate: index, batch[index].offload, at: now)
      {
        continue
      }
      hasNews = true
      let ownCount = outbox.count
      let verdict = takeSlowPath(index, of: &batch, outbox: &outbox, at: now)
      for own in ownCount..<outbox.count { outbox[own].turn = UInt16(truncatingIfNeeded: index) }
      batch[index].verdict = verdict
      count(verdict)
      index += 1
    }
    counters.received &+= UInt64(batch.count)
    counters.originated &+= UInt64(outbox.count - outboxCount)
  }

  /// Does what is due by now: ends connections, asks ends of those whose server is gone, asks for
  /// neighbours, announces addresses, gives up datagrams that are not complete.
  package mutating func advance(to now: Instant, outbox: inout FrameBatch) {
    hasNews = false
    let outboxCount = outbox.count
    arp.advance(to: now, outbox: &outbox, drops: &counters.drops)
    answerUndelivered(outbox: &outbox, at: now)
    let incomplete = reassembly.expire(at: now, drops: &counters.drops)
    answerIncomplete(incomplete, outbox: &outbox, at: now)
    expireConnections(at: now)
    judgeOpenings(at: now)
    advanceProbes(outbox: &outbox, at: now)
    sweepConnections(outbox: &outbox, at: now)
    expirePathMTUs(at: now)
    counters.originated &+= UInt64(outbox.count - outboxCount)
  }

  /// When `advance` should be called next; `nil` when there is nothing to wait for.
  package func nextDeadline(after now: Instant) -> Instant? {
    if isExpiryBehind { return now }
    let tick = connections.count > 0 ? now.advanced(by: Self.expiryInterval) : nil
    let lookup = Self.earlier(arp.nextDeadline, tunnelEnds.nextDeadline)
    let ending = Self.earlier(sweep.nextDeadline(after: now), tick)
    let watching = Self.earlier(pathProbes.nextDeadline, watch.nextDeadline)
    let waiting = Self.earlier(reassembly.nextDeadline, watching)
    return Self.earlier(Self.earlier(lookup, waiting), ending)
  }

  private static func earlier(_ one: Instant?, _ other: Instant?) -> Instant? {
    guard let one, let other else { return one ?? other }
    return min(one, other)
  }

  /// How often ended connections are looked for.
  private static let expiryInterval = Duration.milliseconds(250)

  private mutating func count(_ verdict: Verdict) {
    switch verdict {
    case .transmit: counters.transmitted &+= 1
    case .hold: counters.held &+= 1
    case .absorb: counters.absorbed &+= 1
    case .drop(let reason): counters.drops[reason] &+= 1
    }
  }
}

/// Choices that are otherwise left to chance; `nil` leaves them to it.
package struct FixedChoices: Sendable {
  /// The first sequence number that FullNAT gives a connection.
  package var localSequence: UInt32?
  /// The outer source port of GUE.
  package var encapsulationSourcePort: UInt16?
}

/// What every frame needs to know of a port.
struct PortFacts: Sendable {
  let macAddress: MACAddress
  let mtu: Int
  /// The link address as it stands in a frame.
  let rawMAC: UInt64

  init(macAddress: MACAddress, mtu: Int) {
    self.macAddress = macAddress
    self.mtu = mtu
    rawMAC = macAddress.raw
  }
}

extension MACAddress {
  /// The address as it stands in a frame, in the lower 48 bits: the first octet is the lowest.
  @inline(__always) var raw: UInt64 { rawValue.byteSwapped >> 16 }
}
