import Frames
import Wire

/// How an address of ours was last defended on a segment.
struct Defence: Sendable {
  var sent: Instant
  /// Whether it was claimed since.
  var isClaimedAgain = false

  /// When the address may be defended again.
  var due: Instant { sent.advanced(by: NeighborTiming.defence) }
}

/// An address on the segment of a port; ordered, so that frames do not depend on how a dictionary is
/// laid out.
struct SegmentAddress: Hashable, Comparable, Sendable {
  let address: IPv4Address
  let port: PortIndex

  static func < (left: Self, right: Self) -> Bool {
    (left.port.rawValue, left.address.rawValue) < (right.port.rawValue, right.address.rawValue)
  }
}

extension ARPHost {
  /// The stations that claim addresses of ours, the one heard of last first; at most 16.
  package var conflicts: [AddressConflict] { conflictTable.latestFirst }

  /// What happened to addresses since the last call, at most one notice for each of them in ten
  /// seconds.
  package mutating func takeNotices() -> [AddressNotice] { notices.take() }

  /// Another station claims an address of ours: say that it is ours, at most once in ten seconds on a
  /// segment (RFC 5227 section 2.4 (b)).
  ///
  /// A claim that gets no answer misleads others all the same, so `repeatDefences` gives it when it
  /// may: the last word is ours.
  mutating func defend(
    _ address: IPv4Address, against claimant: MACAddress, port: PortIndex, index: Int,
    batch: inout FrameBatch, at now: Instant
  ) -> Verdict {
    conflictCount += 1
    conflictTable.note(address, claimedBy: claimant, port: port, at: now)
    notices.note(.claimed(by: claimant), of: address, port: port, at: now)
    guard ports[port.index].owns(address) else { return .drop(.arpConflict) }
    let place = SegmentAddress(address: address, port: port)
    if let last = defences[place], now < last.due {
      defences[place]?.isClaimedAgain = true
      nextDefence = nextDefence.map { min($0, last.due) } ?? last.due
      return .drop(.arpConflict)
    }
    defences[place] = Defence(sent: now)
    return rewrite(
      announcement(of: address, port: port), to: .broadcast, port: port, index: index,
      batch: &batch)
  }

  /// Defends the addresses that were claimed again after their last defence, as far as `outbox` has
  /// room.
  mutating func repeatDefences(to now: Instant, outbox: inout FrameBatch) {
    guard let next = nextDefence, next <= now else { return }
    nextDefence = nil
    for (place, defence) in defences.sorted(by: { $0.key < $1.key }) where defence.isClaimedAgain {
      let fields = announcement(of: place.address, port: place.port)
      if defence.due <= now,
        send(fields, to: .broadcast, port: place.port, outbox: &outbox)
      {
        defences[place] = Defence(sent: now)
      } else {
        nextDefence = nextDefence.map { min($0, defence.due) } ?? defence.due
      }
    }
  }

  /// Takes note that a gateway or real server told another link address than before.
  mutating func noteMove(of neighbor: Neighbor, to mac: MACAddress, at now: Instant) {
    guard neighbor.isPinned, neighbor.mac != .zero, neighbor.mac != mac else { return }
    notices.note(
      .moved(from: neighbor.mac, to: mac), of: neighbor.address, port: neighbor.port, at: now)
  }
}
