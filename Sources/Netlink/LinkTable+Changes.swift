import CMnl
import Glibc
package import Wire

extension LinkTable {
  /// Sets the largest IP packet of `link`, in bytes.
  package func setMTU(_ mtu: Int, of link: LinkState) throws(LinkError) {
    var request = Self.change(of: link)
    request.put(UInt32(clamping: mtu), as: IFLA_MTU)
    try apply(request, to: link, "MTU \(mtu)")
  }

  /// Sets the link's own address.
  package func setAddress(_ address: MACAddress, of link: LinkState) throws(LinkError) {
    var request = Self.change(of: link)
    request.put(address, as: IFLA_ADDRESS)
    try apply(request, to: link, "address \(address)")
  }

  /// Switches `link` on or off.
  package func setUp(_ isUp: Bool, of link: LinkState) throws(LinkError) {
    let up = UInt32(IFF_UP)
    let request = NetlinkRequest.link(
      type: RTM_NEWLINK, flags: NLM_F_ACK, index: link.index, interfaceFlags: isUp ? up : 0,
      change: up)
    try apply(request, to: link, isUp ? "being switched on" : "being switched off")
  }

  /// Makes `link` a port of the bridge `name`, which has to be in the same namespace.
  package func setBridge(_ name: String, of link: LinkState) throws(LinkError) {
    let bridge = try self.link(name)
    guard bridge.kind == "bridge" else {
      let found = bridge.kind.map { "of kind \($0)" } ?? "a device"
      throw LinkError(
        .unsuitable, "link \(name) in \(namespace) is \(found); wanted is a bridge for \(link.name)"
      )
    }
    var request = Self.change(of: link)
    request.put(UInt32(bitPattern: bridge.index), as: IFLA_MASTER)
    try apply(request, to: link, "bridge \(name)")
  }

  private static func change(of link: LinkState) -> NetlinkRequest {
    .link(type: RTM_NEWLINK, flags: NLM_F_ACK, index: link.index)
  }

  private func apply(
    _ request: borrowing NetlinkRequest, to link: LinkState, _ change: String
  ) throws(LinkError) {
    do throws(SystemError) {
      _ = try socket.transact(request)
    } catch {
      let text = "link \(link.name) in \(namespace) refuses \(change): \(error)"
      switch error.code {
      case EPERM, EACCES:
        throw LinkError.lacking("NET_ADMIN", text)
      case EINVAL, ERANGE:
        throw LinkError(.unsuitable, text)
      case ENODEV:
        throw LinkError(.linkMissing, text)
      default:
        throw LinkError(.system, text)
      }
    }
  }
}
