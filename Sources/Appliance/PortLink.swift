import Configuration
import Director
import Frames
import LinkIO
import Netlink

/// Where a port's device comes from: a TAP, or a stand-in for one.
protocol DeviceSource {
  /// As it stands in messages.
  var description: String { get }

  /// Opens the device, waiting at most `patience` for whoever still holds it.
  func open(patience: Duration) throws(LinkError) -> OpenDevice
}

/// A device that was opened, and what is known of it.
struct OpenDevice {
  let device: any FrameDevice
  /// The number of its link; 0 when it has none.
  var linkIndex: Int32 = 0
  var level = OffloadLevel.full
  var isMultiQueue = false
  /// Whether it takes frames of TCP segments in UDP tunnels.
  var takesTunnelSuperframes = false
  /// Follows the device's link.
  var monitor: LinkMonitor?
}

extension TAPAttachment: DeviceSource {
  func open(patience: Duration) throws(LinkError) -> OpenDevice {
    let device: TAPDevice = try open(patience: patience)
    return OpenDevice(
      device: device, linkIndex: device.index, level: device.level,
      isMultiQueue: device.isMultiQueue,
      takesTunnelSuperframes: device.takesTunnelSuperframes,
      monitor: try LinkMonitor(of: namespace))
  }
}

/// A port and its device.
final class PortLink {
  let index: PortIndex
  /// The name in the configuration.
  let name: String
  let source: any DeviceSource

  /// The device; `nil` while it is missing.
  private(set) var device: (any FrameDevice)?
  /// What is known of the device; of the last one while it is missing.
  private(set) var opened: OpenDevice?
  /// Whether the link can pass frames, as last heard.
  var isRunning = true
  /// The link's own MTU in bytes, as last heard; 0 before.
  var linkMTU = 0

  private(set) var received = FrameCount()
  private(set) var sent = FrameCount()
  /// Frames that the device refused.
  private(set) var refusedCount: UInt64 = 0

  /// Whether nothing tells when the device has frames.
  var isAlwaysAsked: Bool {
    if let device { device.descriptor == nil } else { false }
  }

  /// How many frames the next batch takes.
  var burst = 1

  init(index: PortIndex, name: String, source: any DeviceSource) {
    self.index = index
    self.name = name
    self.source = source
  }

  /// Opens the device, waiting at most `patience` for whoever still holds it.
  func open(patience: Duration) throws(LinkError) {
    let opened = try source.open(patience: patience)
    self.opened = opened
    device = opened.device
    isRunning = true
  }

  /// Closes the device and forgets what was known of it.
  func close() {
    device = nil
    opened = nil
    isRunning = false
  }

  /// Asks the device for no more than `ceiling` from now on.
  func lower(to ceiling: OffloadLevel) throws(LinkError) {
    guard let device = device as? TAPDevice else { return }
    try device.lower(to: ceiling)
    opened?.level = device.level
    opened?.takesTunnelSuperframes = device.takesTunnelSuperframes
  }

  /// Takes frames from the device into `batch`.
  func receive(into batch: inout FrameBatch) -> ReceiveOutcome {
    guard let device else { return .drained }
    let outcome = device.receive(into: &batch, port: index)
    for slot in 0..<batch.count { received.add(batch[slot].length) }
    return outcome
  }

  /// Sends the frames that go out by this port: those of `batch`, and each of `own` when its turn comes
  /// among them.
  func transmit(_ batch: borrowing FrameBatch, own: borrowing FrameBatch) -> TransmitCount {
    var count = TransmitCount()
    var next = 0
    for slot in 0..<own.count where own[slot].verdict == .transmit(index) {
      let turn = min(Int(own[slot].turn), batch.count)
      if turn > next {
        transmit(next..<turn, of: batch, &count)
        next = turn
      }
      transmit(slot..<slot + 1, of: own, &count)
    }
    transmit(next..<batch.count, of: batch, &count)
    refusedCount += UInt64(count.refused)
    return count
  }

  private func transmit(
    _ slots: Range<Int>, of batch: borrowing FrameBatch, _ count: inout TransmitCount
  ) {
    guard let device, !count.isGone else { return }
    for slot in slots where batch[slot].verdict == .transmit(index) {
      switch device.transmit(slot, of: batch) {
      case .sent:
        sent.add(batch[slot].length)
      case .refused:
        count.refused += 1
      case .gone:
        count.isGone = true
        return
      }
    }
  }
}

/// What became of frames that were to be sent.
struct TransmitCount {
  /// How many the device did not take.
  var refused = 0
  /// Whether the device went away.
  var isGone = false
}

/// Frames and their bytes.
struct FrameCount {
  private(set) var frames: UInt64 = 0
  private(set) var bytes: UInt64 = 0

  mutating func add(_ length: Int) {
    frames &+= 1
    bytes &+= UInt64(length)
  }
}
