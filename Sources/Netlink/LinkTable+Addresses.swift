import CMnl
import Glibc
package import Wire

extension LinkTable {
  /// Gives `link` the address `address`; as one for this host alone if `isHostOnly`, so that the
  /// kernel never takes it for a source by itself.
  package func addAddress(
    _ address: IPv4InterfaceAddress, isHostOnly: Bool, to link: LinkState
  ) throws(LinkError) {
    let scope = isHostOnly ? RT_SCOPE_HOST : RT_SCOPE_UNIVERSE
    let flags = NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL
    try send(
      RTM_NEWADDR, flags, address, scope: UInt8(scope.rawValue), of: link, "takes no \(address)")
  }

  /// Takes `address` from `link`.
  package func removeAddress(
    _ address: IPv4InterfaceAddress, from link: LinkState
  ) throws(LinkError) {
    try send(RTM_DELADDR, NLM_F_ACK, address, scope: 0, of: link, "keeps \(address)")
  }

  private func send(
    _ type: Int, _ flags: Int32, _ address: IPv4InterfaceAddress, scope: UInt8, of link: LinkState,
    _ problem: String
  ) throws(LinkError) {
    var request = NetlinkRequest.address(
      type: type, flags: flags, family: AF_INET, prefixLength: address.prefix.length, scope: scope,
      index: link.index)
    request.put(address.address.octets, as: IFA_LOCAL)
    request.put(address.address.octets, as: IFA_ADDRESS)
    try attempt(request, "link \(link.name) in \(namespace) \(problem)")
  }

  /// Sends `request`, which changes something; `problem` is what to say if the kernel refuses.
  func attempt(
    _ request: borrowing NetlinkRequest, _ problem: String
  ) throws(LinkError) {
    do throws(SystemError) {
      _ = try socket.transact(request)
    } catch {
      let text = "\(problem): \(error)"
      switch error.code {
      case EPERM, EACCES: throw LinkError.lacking("NET_ADMIN", text)
      case EEXIST: throw LinkError(.linkExists, text)
      case ENODEV, EADDRNOTAVAIL, ESRCH: throw LinkError(.linkMissing, text)
      case EINVAL, ENETUNREACH, ENETDOWN: throw LinkError(.unsuitable, text)
      default: throw LinkError(.system, text)
      }
    }
  }
}
