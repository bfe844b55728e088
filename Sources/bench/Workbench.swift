// Fence: this file hands the memory of one batch to the engine in C.
//
// Memory: that of the `FrameBatch`, and one allocation of 64 slots that point into it.
// Owner: the `Workbench` value, which cannot be copied, owns both.
// Soundness: the batch holds 64 frames of 64 bytes from `init` on, and none is added or removed; a
// template is copied only from inside its pool.

import CEngine
import Director
import Frames
import Wire

/// Both engines at one batch of 64 frames.
@safe
struct Workbench: ~Copyable {
  /// Who works.
  enum Worker: CaseIterable {
    /// Nobody: the frames are only copied into the batch.
    case nobody
    case engineInC
    case director
  }

  var director: Director
  private let engine: EngineInC
  private var batch = FrameBatch()
  private var outbox = FrameBatch()
  private let slots: UnsafeMutablePointer<cengine_frame>
  private(set) var now = Self.start
  /// Frames that both engines sent alike, byte by byte.
  var comparedCount = 0

  private static let start = Instant(nanoseconds: 1_000_000_000_000)
  private static let seed: UInt64 = 0x5eed

  /// Both engines with room for `limit` connections.
  init(limit: Int) throws(BenchError) {
    director = try Self.director(limit: limit, at: Self.start)
    engine = EngineInC(limit: limit, seed: Self.seed, at: Self.start)
    unsafe slots = .allocate(capacity: FrameBatch.frameLimit)
    for index in 0..<FrameBatch.frameLimit {
      batch.append(length: TemplatePool.frameLength, port: Site.outside)
      var slot = unsafe cengine_frame()
      unsafe slot.bytes = unsafe batch.base(at: index).assumingMemoryBound(to: UInt8.self)
      unsafe slot.length = UInt32(TemplatePool.frameLength)
      unsafe slots.advanced(by: index).initialize(to: slot)
    }
    learnNeighbors()
  }

  deinit { unsafe slots.deallocate() }

  private static func director(limit: Int, at now: Instant) throws(BenchError) -> Director {
    do {
      return try Director(configuration: Site.configuration(limit: limit), seed: seed, at: now)
    } catch {
      throw .memory("\(error)")
    }
  }

  /// Lets the frames come in by `port` from now on.
  mutating func receive(by port: PortIndex) {
    for index in 0..<FrameBatch.frameLimit {
      batch[index].port = port
      unsafe slots[index].port = port.rawValue
    }
  }

  /// Copies the 64 templates from `index` on into the batch and lets `worker` decide them.
  @inline(__always)
  mutating func work(_ worker: Worker, _ pool: borrowing TemplatePool, from index: Int) {
    unsafe cengine_fill(
      slots, pool.base.advanced(by: index * TemplatePool.frameLength), Int32(FrameBatch.frameLimit))
    switch worker {
    case .nobody:
      break
    case .engineInC:
      unsafe engine.process(slots, count: FrameBatch.frameLimit, at: now)
    case .director:
      director.process(&batch, outbox: &outbox, at: now)
    }
  }

  /// Lets time pass for both.
  mutating func wait(_ duration: Duration) {
    now = now.advanced(by: duration)
  }

  /// Ends the connections of `worker` whose time is over.
  mutating func expire(_ worker: Worker) {
    switch worker {
    case .nobody:
      break
    case .engineInC:
      engine.expire(at: now)
    case .director:
      repeat {
        director.advance(to: now, outbox: &outbox)
      } while director.nextDeadline(after: now) == now
    }
  }

  /// The connections that `worker` holds.
  func connectionCount(_ worker: Worker) -> Int {
    switch worker {
    case .nobody: 0
    case .engineInC: engine.connectionCount
    case .director: director.connectionCount
    }
  }

  /// Tells the director, which forgets them when time passes, all link addresses anew.
  mutating func learnNeighbors() {
    outbox.removeAll()
    director.installNeighbor(Site.router, mac: Site.routerMAC, port: Site.outside, at: now)
    for service in 0..<Site.serviceCount {
      for place in 0..<Site.serverCount {
        director.installNeighbor(
          Site.server(service, place), mac: Site.serverMAC(service, place), port: Site.inside,
          at: now)
      }
    }
  }

  /// Whether frame `index` of the batch was sent on by `worker`, which worked last.
  func isForwarded(_ index: Int, by worker: Worker) -> Bool {
    switch worker {
    case .nobody: false
    case .engineInC: unsafe slots[index].is_forwarded != 0
    case .director:
      if case .transmit = batch[index].verdict { true } else { false }
    }
  }

  /// Frame `index` of the batch as it stands.
  func octets(at index: Int) -> [UInt8] {
    unsafe batch.readBytes(at: index).withUnsafeBytes { unsafe [UInt8]($0) }
  }

  /// The destination address of frame `index` of the batch.
  func destination(at index: Int) -> IPv4Address {
    IPv4Address(batch.readBytes(at: index), at: 30)
  }
}
