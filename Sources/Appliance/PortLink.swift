import Configuration
import Director
import Frames
import LinkIO
import Netlink

/// A port's device, and what is known of it.
final class PortLink {
  let index: PortIndex
  /// The name in the configuration.
  let name: String
  let attachment: TAPAttachment
  let binding: PortBinding

  /// The device; `nil` while it is missing.
  private(set) var device: TAPDevice?
  /// Follows the device's link.
  private(set) var monitor: LinkMonitor?
  /// Whether the link can pass frames, as last heard.
  var isRunning = true

  var received = FrameCount()
  var sent = FrameCount()
  /// Frames that the device refused.
  var refusedCount: UInt64 = 0

  init(index: PortIndex, port: DirectorConfiguration.Port, binding: PortBinding) {
    self.index = index
    name = port.name
    self.binding = binding
    attachment = TAPAttachment(
      name: binding.tap, namespace: NetworkNamespace(binding.namespace),
      macAddress: port.macAddress, ceiling: binding.offloads ?? .full, creation: binding.creation)
  }

  /// Opens the device, waiting at most `patience` for whoever still holds it.
  func open(patience: Duration) throws(LinkError) {
    let device = try attachment.open(patience: patience)
    monitor = try LinkMonitor(of: attachment.namespace)
    self.device = device
    isRunning = true
  }

  /// Closes the device and forgets the monitor.
  func close() {
    device = nil
    monitor = nil
  }

  /// Sends those frames of `batch` that go out by this port; answers how many could not be.
  func transmit(_ batch: borrowing FrameBatch) -> (refused: Int, isGone: Bool) {
    guard let device else { return (0, false) }
    var refused = 0
    for slot in 0..<batch.count where batch[slot].verdict == .transmit(index) {
      switch device.transmit(slot, of: batch) {
      case .sent:
        sent.add(batch[slot].length)
      case .refused:
        refused += 1
      case .gone:
        return (refused, true)
      }
    }
    refusedCount += UInt64(refused)
    return (refused, false)
  }
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
