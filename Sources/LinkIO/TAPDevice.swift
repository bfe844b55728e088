// Fence: this file reads frames into a batch's memory and writes them from it.
//
// Memory: the batch's, between `headroom` bytes before a frame and the largest frame's end.
// Owner: the caller's `FrameBatch`; the `TAPDevice` object owns two descriptors, closed in `deinit`.
// Soundness: a read is bounded by `maximumFrameLength` behind `nextFrame` and needs at most 24 of the 66
// bytes before it; a write takes a length that the batch has checked, and the 24 bytes before a frame
// that the batch keeps free. No pointer is kept.

import CLinux
package import Frames
import Glibc
package import Netlink
import Wire

/// One queue of a TAP: a network card's other end.
@safe
package final class TAPDevice: FrameDevice {
  /// The link's name and number, and the namespace that it is in.
  package let name: String
  package let index: Int32
  package let namespace: NetworkNamespace

  /// Whether closing the device removes it, since nobody but us made it.
  package let isOwn: Bool

  /// Whether the TAP was made for several queues.
  package let isMultiQueue: Bool

  /// The rung that was reached.
  package private(set) var level: OffloadLevel

  private let queueDescriptor: Int32
  private let lockDescriptor: Int32
  private let vnetHeaderLength: Int

  /// How often one call may ask for a frame: enough for a batch, and for some that the kernel throws
  /// away while we read.
  private static var readLimit: Int { 2 * FrameBatch.frameLimit }

  init(
    name: String, index: Int32, namespace: NetworkNamespace, isOwn: Bool, isMultiQueue: Bool,
    offloads: TAPOffloads, queue: consuming TAPQueue, lock: consuming TAPLock
  ) {
    self.name = name
    self.index = index
    self.namespace = namespace
    self.isOwn = isOwn
    self.isMultiQueue = isMultiQueue
    level = offloads.level
    vnetHeaderLength = offloads.headerLength
    queueDescriptor = queue.release()
    lockDescriptor = lock.release()
  }

  deinit {
    close(queueDescriptor)
    close(lockDescriptor)
  }

  package var descriptor: Int32? { queueDescriptor }

  /// Whether it takes frames of TCP segments in UDP tunnels.
  package var takesTunnelSuperframes: Bool {
    level == .full && vnetHeaderLength == VirtioNetHeader.tunnelLength
  }

  /// Reads until the kernel has no frame left or the batch no room: one system call a frame.
  @inline(never)
  package func receive(into batch: inout FrameBatch, port: PortIndex) -> ReceiveOutcome {
    let descriptor = queueDescriptor
    let headerLength = vnetHeaderLength
    var readsLeft = Self.readLimit
    while batch.hasRoom, readsLeft > 0 {
      readsLeft &-= 1
      let start = unsafe batch.nextFrame - headerLength
      let count = unsafe read(descriptor, start, headerLength &+ FrameBatch.maximumFrameLength)
      guard count >= headerLength else {
        if count >= 0 { continue }
        switch errno {
        case EAGAIN: return .drained
        // One frame was lost: it has a form that a virtio-net header cannot say.
        case EINVAL, EINTR, ENOMEM: continue
        default: return .gone
        }
      }
      var offload = VirtioNetHeader()
      if headerLength > 0 {
        let bytes = unsafe RawSpan(_unsafeStart: start, byteCount: headerLength)
        // What was not asked for is not taken: nobody here looks into a tunnel.
        guard let header = VirtioNetHeader(bytes), !header.gsoType.isInUDPTunnel else { continue }
        offload = header
      }
      batch.append(length: count &- headerLength, port: port, offload: offload)
    }
    return .full
  }

  /// Writes the frame: one system call.
  ///
  /// Without a virtio-net header a frame with a partial checksum or of several segments is refused,
  /// with the short one a frame of segments in a tunnel.
  @inline(never)
  package func transmit(_ index: Int, of batch: borrowing FrameBatch) -> TransmitOutcome {
    let slot = batch[index]
    let headerLength = vnetHeaderLength
    let start = unsafe batch.base(at: index) - headerLength
    var offload = slot.offload
    // In numbers: the set operations of another module are generic calls.
    let isInTunnel = offload.gsoType.isInUDPTunnel
    var meant = VirtioNetHeader.Flags.needsChecksum.rawValue
    if isInTunnel { meant |= VirtioNetHeader.Flags.tunnelChecksum.rawValue }
    let partial = offload.flags.rawValue & meant
    offload.flags = VirtioNetHeader.Flags(rawValue: partial)
    if headerLength == VirtioNetHeader.tunnelLength {
      var bytes = unsafe MutableRawSpan(_unsafeStart: start, byteCount: headerLength)
      offload.storeWithTunnel(into: &bytes)
    } else if headerLength > 0, !isInTunnel {
      var bytes = unsafe MutableRawSpan(_unsafeStart: start, byteCount: headerLength)
      offload.store(into: &bytes)
    } else if offload.isGSO || partial != 0 {
      return .refused
    }
    if unsafe write(queueDescriptor, start, headerLength &+ slot.length) >= 0 { return .sent }
    switch errno {
    case EBADFD, EBADF, ENODEV: return .gone
    default: return .refused
    }
  }

  /// Asks the kernel for no more than `ceiling` from now on.
  ///
  /// A device with a virtio-net header goes down to `whole` at most; to be without one it has to be
  /// opened anew.
  package func lower(to ceiling: OffloadLevel) throws(LinkError) {
    guard level.hasVnetHeader, ceiling.isBelow(level) else { return }
    let wanted = ceiling.hasVnetHeader ? ceiling : .whole
    guard clinux_tun_set_offload(queueDescriptor, wanted.mask) == 0 else {
      throw LinkError(
        .system, "offloads of TAP \(name) in \(namespace) cannot be lowered: \(SystemError.last)")
    }
    level = wanted
  }
}
