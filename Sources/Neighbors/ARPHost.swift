package import Frames
package import Wire

/// The director as a station that speaks ARP: answers for its addresses, asks for others', and keeps
/// frames while it asks.
///
/// Pure: frames and the time in, verdicts and frames out. The rules are those of RFC 826, RFC 5227
/// and `net/ipv4/arp.c`; `receive`, `use` and `advance` live in files of their own.
package struct ARPHost: ~Copyable {
  /// One port of the host.
  package struct Port: Equatable, Sendable {
    package let macAddress: MACAddress
    /// The host's own addresses with their connected networks.
    package let addresses: [IPv4InterfaceAddress]
    /// Addresses that are answered for here without being used as a sender: the virtual ones.
    package let virtualAddresses: [IPv4Address]
    /// Virtual addresses that real servers on the segment have, too, and must not answer for.
    package let sharedAddresses: [IPv4Address]

    package init(
      macAddress: MACAddress, addresses: [IPv4InterfaceAddress], virtualAddresses: [IPv4Address],
      sharedAddresses: [IPv4Address] = []
    ) {
      self.macAddress = macAddress
      self.addresses = addresses
      self.virtualAddresses = virtualAddresses
      self.sharedAddresses = sharedAddresses
    }

    /// Whether the port answers for `address`.
    func owns(_ address: IPv4Address) -> Bool {
      virtualAddresses.contains(address) || addresses.contains { $0.address == address }
    }

    /// Whether `address` means every station of a connected network.
    func isBroadcast(_ address: IPv4Address) -> Bool {
      addresses.contains { $0.prefix.directedBroadcast == address }
    }

    /// Whether `address` is reached without a router.
    func isConnected(_ address: IPv4Address) -> Bool {
      addresses.contains { $0.prefix.contains(address) }
    }

    /// The own address to ask for `target` with: one of the same network, never a virtual one.
    func senderAddress(for target: IPv4Address) -> IPv4Address? {
      (addresses.first { $0.prefix.contains(target) } ?? addresses.first)?.address
    }
  }

  private(set) var ports: [Port]

  /// What is known of other stations.
  package var neighbors: NeighborTable

  /// Claims of our addresses by other stations.
  package internal(set) var conflictCount: UInt64 = 0

  /// When a state ends next, or a use is to be noticed; `nil` when there is nothing to wait for.
  var nextSweep: Instant?

  /// Announcements still to be sent.
  var announcements: [Announcement] = []

  /// When servers are asked again for addresses that they share with us.
  var probes: [SharedAddressProbe] = []

  /// The defences of addresses of ours; there are no more than such addresses.
  var defences: [SegmentAddress: Defence] = [:]

  /// When the next of `defences` is due again; `nil` when none of them was claimed again.
  var nextDefence: Instant?

  /// Who claims addresses of ours.
  var conflictTable = ConflictTable()

  /// What an operator should hear of.
  var notices = NoticeBoard()

  /// Frames that waited in vain since they were last taken.
  var undelivered: [[UInt8]] = []

  /// The most frames that are kept of those that waited for one neighbour in vain.
  static let undeliveredLimit = 8

  /// A host on `ports` that will pin up to `pinnedCount` gateways and real servers.
  package init(ports: [Port], pinnedCount: Int = 0) {
    self.ports = ports
    neighbors = NeighborTable(pinnedCount: pinnedCount)
  }

  /// Takes other virtual and shared addresses.
  ///
  /// `ports` are otherwise the same. Ports that have new addresses announce theirs.
  package mutating func setVirtualAddresses(of ports: [Port], at now: Instant) {
    for (index, port) in ports.enumerated() {
      let former = self.ports[index]
      self.ports[index] = port
      if !Set(port.virtualAddresses).isSubset(of: former.virtualAddresses) {
        announce(port: PortIndex(index), at: now)
      }
    }
  }

  /// Whether any port answers for `address`.
  package func owns(_ address: IPv4Address) -> Bool {
    ports.contains { $0.owns(address) }
  }

  /// The frames that waited for a neighbour in vain, oldest first, a few of each; each is answered
  /// once.
  package mutating func takeUndelivered() -> [[UInt8]] {
    defer { undelivered = [] }
    return undelivered
  }

  /// Makes sure that `advance` has work at `deadline`.
  mutating func schedule(_ deadline: Instant) {
    nextSweep = nextSweep.map { min($0, deadline) } ?? deadline
  }

  /// When `advance` has work next; `nil` when there is nothing to wait for.
  package var nextDeadline: Instant? {
    let announcement = announcements.map(\.due).min()
    let probe = probes.map(\.due).min()
    return [nextSweep, announcement, probe, nextDefence, notices.nextDeadline].compactMap(\.self)
      .min()
  }

  /// Appends an ARP frame to `outbox`; `false` when there is no room.
  func send(
    _ fields: ARPFields, to destination: MACAddress, port: PortIndex, outbox: inout FrameBatch
  ) -> Bool {
    guard outbox.hasRoom else { return false }
    outbox.append(length: EthernetFrame.headerLength + ARPPacket.length, port: port)
    let index = outbox.count - 1
    outbox[index].verdict = .transmit(port)
    write(fields, to: destination, port: port, over: outbox.bytes(at: index))
    return true
  }

  /// Writes an ARP frame from `port` over the first 42 bytes of `frame`; traps if they are fewer.
  func write(
    _ fields: ARPFields, to destination: MACAddress, port: PortIndex,
    over frame: consuming MutableRawSpan
  ) {
    destination.store(into: &frame, at: 0)
    ports[port.index].macAddress.store(into: &frame, at: 6)
    frame.storeNetwork(EtherType.arp.rawValue, at: 12)
    fields.store(into: &frame, at: EthernetFrame.headerLength)
  }
}
