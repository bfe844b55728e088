package import Frames
package import Wire

/// A device without a kernel: what is put in is received, what is transmitted is kept.
package final class InMemoryLink: FrameDevice {
  /// A frame outside a batch.
  package struct Frame: Equatable, Sendable {
    /// From the Ethernet header on.
    package var bytes: [UInt8]
    package var offload: VirtioNetHeader

    package init(_ bytes: [UInt8], offload: VirtioNetHeader = VirtioNetHeader()) {
      self.bytes = bytes
      self.offload = offload
    }
  }

  private var waiting: [Frame] = []
  private var position = 0

  /// What was transmitted, in order.
  package private(set) var transmitted: [Frame] = []

  /// Whether the device behaves as if it had been removed.
  package var isGone = false

  /// Whether the device takes no frames.
  package var refusesFrames = false

  package init() {}

  package var descriptor: Int32? { nil }

  /// How many frames wait to be received.
  package var waitingCount: Int { waiting.count - position }

  /// Puts `frame` behind those that wait.
  package func put(_ frame: Frame) {
    waiting.append(frame)
  }

  /// Gives away what was transmitted.
  package func takeTransmitted() -> [Frame] {
    defer { transmitted = [] }
    return transmitted
  }

  /// Appends waiting frames to `batch`.
  ///
  /// A frame longer than any that a batch takes is thrown away.
  package func receive(into batch: inout FrameBatch, port: PortIndex) -> ReceiveOutcome {
    if isGone { return .gone }
    while position < waiting.count {
      guard batch.hasRoom else { return .full }
      let frame = waiting[position]
      position += 1
      _ = batch.append(copying: frame.bytes, port: port, offload: frame.offload)
    }
    waiting.removeAll(keepingCapacity: true)
    position = 0
    return .drained
  }

  package func transmit(_ index: Int, of batch: borrowing FrameBatch) -> TransmitOutcome {
    if isGone { return .gone }
    if refusesFrames { return .refused }
    transmitted.append(Frame(batch.octets(at: index), offload: batch[index].offload))
    return .sent
  }
}
