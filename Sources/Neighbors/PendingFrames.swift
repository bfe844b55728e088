import Frames
import Wire

/// Frames that wait for one neighbour's link address, oldest first, bounded.
///
/// Memory: at most 64 frames and 96 KiB a neighbour; room for one GSO frame and some small ones.
struct PendingFrames: Sendable {
  /// The most frames that wait.
  static let frameLimit = 64
  /// The most bytes that wait.
  static let byteLimit = 96 * 1024

  private struct Frame: Sendable {
    let bytes: [UInt8]
    let offload: VirtioNetHeader
  }

  private var frames: [Frame] = []
  private(set) var byteCount = 0

  var count: Int { frames.count }

  /// Keeps a copy of `bytes`; answers how many older frames had to go for it.
  mutating func append(_ bytes: RawSpan, offload: VirtioNetHeader) -> Int {
    var displaced = 0
    while !frames.isEmpty
      && (frames.count >= Self.frameLimit || byteCount + bytes.byteCount > Self.byteLimit)
    {
      byteCount -= frames.removeFirst().bytes.count
      displaced += 1
    }
    let copy = [UInt8](copying: bytes)
    frames.append(Frame(bytes: copy, offload: offload))
    byteCount += copy.count
    return displaced
  }

  /// Moves the waiting frames to `outbox`, oldest first, addressed to `mac`; answers how many did
  /// not fit.
  mutating func release(
    to mac: MACAddress, port: PortIndex, outbox: inout FrameBatch
  ) -> Int {
    var lost = 0
    for frame in frames {
      guard outbox.append(copying: frame.bytes, port: port, offload: frame.offload)
      else {
        lost += 1
        continue
      }
      let index = outbox.count - 1
      outbox[index].verdict = .transmit(port)
      var bytes = outbox.bytes(at: index)
      mac.store(into: &bytes, at: 0)
    }
    removeAll()
    return lost
  }

  /// Forgets all frames; answers them, oldest first.
  @discardableResult
  mutating func removeAll() -> [[UInt8]] {
    let removed = frames.map(\.bytes)
    frames = []
    byteCount = 0
    return removed
  }
}
