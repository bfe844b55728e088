public import Wire

/// What became of a frame.
@frozen
@usableFromInline
package enum Verdict: Equatable, Sendable {
  /// To be sent, as it stands now, out of the port.
  case transmit(PortIndex)

  /// Not to be sent; the reason's counter has been raised.
  case drop(DropReason)

  /// A copy waits until its next hop is known, or until the rest of its datagram is there.
  case hold

  /// The director is done with it: it was for the director itself, or went out in pieces.
  case absorb
}

/// Where a frame of a batch lies and what is known of it.
@frozen
@usableFromInline
package struct FrameSlot: Sendable {
  /// Where the Ethernet header begins, in bytes from the start of the batch's memory.
  @usableFromInline package var start: Int

  /// The length in bytes from the Ethernet header on, without the virtio-net header.
  @usableFromInline package var length: Int

  /// Of a frame of the director's own: the frame of the batch before which it is sent.
  @usableFromInline package var turn: UInt16 = 0

  /// The port that the frame came in by.
  @usableFromInline package var port: PortIndex

  /// What the director decided; `absorb` until it has.
  @usableFromInline package var verdict: Verdict

  /// Checksum and segmentation state, as it came or is to be sent.
  @usableFromInline package var offload: VirtioNetHeader

  @inlinable
  package init(
    start: Int, length: Int, port: PortIndex, offload: VirtioNetHeader, verdict: Verdict = .absorb
  ) {
    self.start = start
    self.length = length
    self.port = port
    self.verdict = verdict
    self.offload = offload
  }
}
