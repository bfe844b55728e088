// Fence: this file opens `/dev/net/tun` and talks to it by ioctl.
//
// Memory: none of its own; names are copied by the kernel during the call.
// Owner: the `TAPQueue` value owns the descriptor, and closes it unless `release` gave it away.
// Soundness: the shims of CLinux bound the name, and pass numbers otherwise.

import CLinux
import Glibc
import Netlink

/// A descriptor of `/dev/net/tun`: one queue of a TAP once attached.
///
/// It belongs to the network namespace of the thread that opened it.
@safe
struct TAPQueue: ~Copyable {
  let descriptor: Int32

  /// Opens a queue that belongs to no device yet.
  init() throws(LinkError) {
    descriptor = unsafe open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.refusal(SystemError.last) }
  }

  /// What the kernel's refusal to open the file means; EPERM comes from a container's list of devices.
  static func refusal(_ error: SystemError) -> LinkError {
    let option = "in a container: --device /dev/net/tun"
    return switch error.code {
    case ENOENT, ENOTDIR, ENODEV, ENXIO:
      LinkError(
        .system, "no /dev/net/tun: \(error); it needs the kernel's module tun (\(option))")
    case EPERM, EACCES:
      LinkError(.notPermitted, "/dev/net/tun cannot be opened: \(error); it needs root (\(option))")
    default:
      LinkError(.system, "/dev/net/tun cannot be opened: \(error)")
    }
  }

  deinit { close(descriptor) }

  /// Gives the descriptor to the caller.
  consuming func release() -> Int32 {
    let descriptor = self.descriptor
    discard self
    return descriptor
  }

  /// Attaches to the TAP `name`, or creates it: the kernel tells no difference unless `flags` say
  /// IFF_TUN_EXCL.
  ///
  /// IFF_TAP and IFF_NO_PI are always set.
  func attach(to name: String, flags: Int32) throws(SystemError) {
    let all = Int32(IFF_TAP | IFF_NO_PI) | flags
    guard unsafe clinux_tun_attach(descriptor, name, all) == 0 else { throw SystemError.last }
  }

  /// Fixes the length of the virtio-net header at `length` bytes.
  func setVnetHeaderLength(_ length: Int) throws(SystemError) {
    guard clinux_tun_set_vnet_header_length(descriptor, Int32(length)) == 0 else {
      throw SystemError.last
    }
  }

  /// Asks for the highest rung from `ceiling` down that the kernel has; `nil` if it has none of
  /// those with a header in front.
  func setOffload(atMost ceiling: OffloadLevel) -> OffloadLevel? {
    ceiling.andBelow.first { level in
      level.hasVnetHeader && clinux_tun_set_offload(descriptor, level.mask) == 0
    }
  }

  /// Whether the kernel knows TCP segments in UDP tunnels: it takes their flag beside all others, which
  /// stay asked for until `setOffload`.
  ///
  /// A frame that comes in this moment and is one is lost: no header here can say it.
  func knowsTunnelSuperframes() -> Bool {
    let mask = OffloadLevel.full.mask | UInt32(CLINUX_TUN_F_UDP_TUNNEL_GSO)
    return clinux_tun_set_offload(descriptor, mask) == 0
  }

  /// Switches all offloads off, which may have been left on by who held the TAP before.
  func clearOffload() throws(SystemError) {
    guard clinux_tun_set_offload(descriptor, 0) == 0 else { throw SystemError.last }
  }
}
