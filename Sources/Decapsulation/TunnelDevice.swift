// Fence: this file opens `/dev/net/tun`, names its device and writes packets to it.
//
// Memory: arrays on the caller's side; names are copied by the kernel during the call.
// Owner: a `TunnelDevice` owns its descriptor and closes it once, in `deinit`; the device goes with it.
// Soundness: the shims of CLinux bound the names; the range to write is checked.

import CLinux
import Glibc
package import Netlink
package import Wire

/// The TUN device through which packets that were in a tunnel get into the kernel.
///
/// It has the virtual addresses, each as /32: with `rp_filter` 2 the kernel takes nothing from a
/// device without any address, and with 1 nothing at all, since the way back is another.
@safe
package final class TunnelDevice {
  package static let name = "tapvs-decap"

  private let descriptor: Int32

  /// Makes the device in the namespace that the caller is in.
  package init() throws(LinkError) {
    descriptor = unsafe open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw Self.refusal(SystemError.last, "/dev/net/tun cannot be opened")
    }
    let flags = Int32(IFF_TUN | IFF_NO_PI | IFF_VNET_HDR | IFF_TUN_EXCL)
    guard unsafe clinux_tun_attach(descriptor, Self.name, flags) == 0,
      clinux_tun_set_vnet_header_length(descriptor, Int32(VirtioNetHeader.length)) == 0
    else { throw Self.refusal(SystemError.last, "device \(Self.name) cannot be made") }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  private static func refusal(_ error: SystemError, _ problem: String) -> LinkError {
    switch error.code {
    case EPERM, EACCES: .lacking("NET_ADMIN", "\(problem): \(error)")
    case EBUSY, EEXIST:
      LinkError(.unsuitable, "\(problem): it exists; another `tapvs real-server decap` runs here")
    default: LinkError(.system, "\(problem): \(error)")
    }
  }

  /// Gives the device `addresses`, switches it on and has the kernel take what comes out of it.
  package func configure(_ addresses: [IPv4Address], in table: LinkTable) throws(LinkError) {
    for (number, address) in addresses.enumerated() {
      let label = number == 0 ? Self.name : "\(Self.name):\(number)"
      guard unsafe clinux_tunnel_set_address(label, address.rawValue) == 0 else {
        throw Self.refusal(SystemError.last, "device \(Self.name) takes no address \(address)")
      }
    }
    try ReversePathFilter.loosen(Self.name)
    try table.setUp(true, of: try table.link(Self.name))
  }

  /// Hands the kernel a packet with its virtio-net header, which lie at `range` of `bytes`; whether it
  /// took it.
  package func write(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
    precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
    return unsafe bytes.withUnsafeBytes { buffer in
      guard let base = buffer.baseAddress else { return false }
      return unsafe Glibc.write(descriptor, base + range.lowerBound, range.count) == range.count
    }
  }
}
