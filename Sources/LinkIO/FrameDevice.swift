package import Frames

/// What frames come from and go to: a TAP, or a stand-in for one.
package protocol FrameDevice: AnyObject {
  /// What to wait on for frames; `nil` if the device is always to be asked.
  var descriptor: Int32? { get }

  /// Appends waiting frames to `batch` as frames of `port` until none waits or it has no room.
  func receive(into batch: inout FrameBatch, port: PortIndex) -> ReceiveOutcome

  /// Sends the frame at `index` of `batch` as its slot describes it; the frame's bytes stay, the
  /// headroom before it may be written over.
  func transmit(_ index: Int, of batch: borrowing FrameBatch) -> TransmitOutcome
}

/// How a device's `receive` ended.
@frozen
package enum ReceiveOutcome: Equatable, Sendable {
  /// No frame waits.
  case drained
  /// The batch, or the call's own bound, is full: frames may wait.
  case full
  /// The device does not exist any more; no frame will come.
  case gone
}

/// What became of a frame given to a device.
@frozen
package enum TransmitOutcome: Equatable, Sendable {
  case sent
  /// The device took none of it: its queue is full, it is switched off, or the frame is not one.
  case refused
  /// The device does not exist any more.
  case gone
}
