import CMnl
import Glibc

extension LinkTable {
  /// Makes a link of `kind`, such as "ipip", which needs no more to be said.
  ///
  /// The kernel may load a module for it, which may bring a link of that name of its own: `linkExists`.
  package func createLink(_ name: String, kind: String) throws(LinkError) {
    var request = NetlinkRequest.link(
      type: RTM_NEWLINK, flags: NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL)
    request.put(name, as: IFLA_IFNAME)
    let details = [NetlinkAttribute(IFLA_INFO_KIND, Array(kind.utf8))]
    request.put(NetlinkAttribute.encoded(details), as: IFLA_LINKINFO)
    try attempt(request, "no link \(name) of kind \(kind) can be made in \(namespace)")
  }

  /// Removes `link`.
  package func removeLink(_ link: LinkState) throws(LinkError) {
    let request = NetlinkRequest.link(type: RTM_DELLINK, flags: NLM_F_ACK, index: link.index)
    try attempt(request, "link \(link.name) in \(namespace) cannot be removed")
  }
}
