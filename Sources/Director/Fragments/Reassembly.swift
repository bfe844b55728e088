import Frames
import Wire

/// Fragments that wait for the rest of their datagrams, bounded in memory and time.
///
/// Every fragment of either direction waits here before its connection is looked for, as in `ip_vs`.
/// When too much waits, the oldest datagrams go first: what belongs together comes within
/// milliseconds, so that a flood of lone fragments displaces itself. Memory: 4 MiB.
struct Reassembly: Sendable {
  /// How long a datagram waits for its last fragment (`net.ipv4.ipfrag_time`).
  static let patience = Duration.seconds(30)

  /// The most bytes that wait (`net.ipv4.ipfrag_high_thresh`).
  static let memoryLimit = 4 * 1024 * 1024

  private var datagrams: [DatagramKey: PartialDatagram] = [:]
  /// The datagrams in the order in which they began; some may be complete and gone.
  private var order: [(key: DatagramKey, began: Instant)] = []
  /// How many entries at the start of `order` are done with.
  private var orderStart = 0
  private(set) var memory = 0

  /// The number of datagrams that are not complete.
  var count: Int { datagrams.count }

  /// What became of a fragment.
  enum Outcome {
    /// It waits for others.
    case waiting
    /// The frame of the whole datagram, and the length in bytes of its longest fragment as an IP packet.
    case complete([UInt8], largestFragment: Int)
    case refused(DropReason)
  }

  /// Takes note of a fragment.
  ///
  /// Fragments that are given up for it are counted in `drops`.
  mutating func add(
    _ packet: IPv4Packet, frame: RawSpan, port: PortIndex, drops: inout DropCounters,
    at now: Instant
  ) -> Outcome {
    guard let fragment = FragmentFields(packet, port: port) else {
      return .refused(.fragmentInvalid)
    }
    let key = fragment.key
    if datagrams[key] == nil {
      datagrams[key] = PartialDatagram(at: now)
      order.append((key, now))
    }
    let before = datagrams[key]?.memory ?? 0
    let refusal = datagrams[key]?.add(fragment, frame: frame)
    memory += (datagrams[key]?.memory ?? 0) - before
    switch refusal {
    case .duplicate:
      return .refused(.fragmentDuplicate)
    case .overlap:
      drops[.fragmentOverlap] += UInt64(forget(key))
      return .refused(.fragmentOverlap)
    case .impossible:
      drops[.fragmentInvalid] += UInt64(forget(key))
      return .refused(.fragmentInvalid)
    case nil:
      break
    }
    guard let datagram = datagrams[key], datagram.isComplete else {
      makeRoom(&drops)
      return .waiting
    }
    let frame = datagram.assemble()
    let others = forget(key) - 1
    guard let frame else {
      drops[.fragmentInvalid] += UInt64(others)
      return .refused(.fragmentInvalid)
    }
    return .complete(frame, largestFragment: datagram.largestFragment)
  }

  /// A datagram that was given up though its first fragment had come.
  struct Incomplete: Sendable {
    let firstFrame: [UInt8]
    let port: PortIndex
  }

  /// Gives up the datagrams whose time is over; answers those whose sender is to know.
  mutating func expire(at now: Instant, drops: inout DropCounters) -> [Incomplete] {
    var incomplete: [Incomplete] = []
    while let oldest, oldest.began.advanced(by: Self.patience) <= now {
      if let datagram = datagrams[oldest.key], !datagram.firstFrame.isEmpty {
        incomplete.append(Incomplete(firstFrame: datagram.firstFrame, port: oldest.key.port))
      }
      drops[.fragmentTimeExceeded] += UInt64(forget(oldest.key))
    }
    return incomplete
  }

  /// When `expire` has work next; `nil` when nothing waits.
  var nextDeadline: Instant? {
    datagrams.isEmpty
      ? nil : order[orderStart...].first.map { $0.began.advanced(by: Self.patience) }
  }

  /// The datagram that began first.
  private var oldest: (key: DatagramKey, began: Instant)? {
    mutating get {
      while orderStart < order.count {
        let entry = order[orderStart]
        if datagrams[entry.key]?.began == entry.began { return entry }
        orderStart += 1
      }
      order.removeAll(keepingCapacity: true)
      orderStart = 0
      return nil
    }
  }

  /// Gives up the oldest datagrams until the rest fits.
  private mutating func makeRoom(_ drops: inout DropCounters) {
    while memory > Self.memoryLimit, let oldest {
      drops[.fragmentMemoryExceeded] += UInt64(forget(oldest.key))
    }
    // What is done with must not pile up while the oldest datagram waits.
    if orderStart > 1024 || order.count > 2 * datagrams.count + 1024 {
      let waiting = datagrams
      order.removeAll { waiting[$0.key]?.began != $0.began }
      orderStart = 0
    }
  }

  /// Forgets a datagram; answers how many of its fragments had come.
  private mutating func forget(_ key: DatagramKey) -> Int {
    guard let datagram = datagrams.removeValue(forKey: key) else { return 0 }
    memory -= datagram.memory
    return datagram.fragmentCount
  }
}
