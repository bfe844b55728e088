import CMnl
import Glibc

extension LinkTable {
  /// How often a list is read again that changed while it was read.
  private static let readLimit = 8

  /// All links of the namespace.
  package func links() throws(LinkError) -> [LinkState] {
    let request = NetlinkRequest.link(type: RTM_GETLINK, flags: NLM_F_DUMP)
    return try list(request, of: "links").filter { $0.type == RTM_NEWLINK }.compactMap {
      LinkState($0.payload)
    }
  }

  /// All IPv4 addresses on links of the namespace.
  package func addresses() throws(LinkError) -> [InterfaceAddress] {
    let request = NetlinkRequest.address(type: RTM_GETADDR, flags: NLM_F_DUMP, family: AF_INET)
    return try list(request, of: "addresses").filter { $0.type == RTM_NEWADDR }.compactMap {
      InterfaceAddress($0.payload)
    }
  }

  func list(
    _ request: borrowing NetlinkRequest, of things: String
  ) throws(LinkError) -> [NetlinkMessage] {
    var readsLeft = Self.readLimit
    while true {
      readsLeft -= 1
      do throws(SystemError) {
        return try socket.transact(request)
      } catch {
        if error.code == EINTR, readsLeft > 0 { continue }
        throw LinkError(.system, "\(things) of \(namespace) cannot be listed: \(error)")
      }
    }
  }
}
