import CMnl
import Glibc

/// The links and addresses of one network namespace, read and changed.
package final class LinkTable {
  /// Whose links these are.
  package let namespace: NetworkNamespace
  let socket: NetlinkSocket

  /// Opens the table of `namespace`; the calling thread stays where it is.
  package convenience init(of namespace: NetworkNamespace) throws(LinkError) {
    let table = try namespace.perform { () throws(LinkError) in
      try Self.openSocket(namespace)
    }
    self.init(namespace: namespace, socket: table)
  }

  /// Opens the table of the namespace that the calling thread is in, which is `namespace`.
  package convenience init(ofCurrent namespace: NetworkNamespace) throws(LinkError) {
    self.init(namespace: namespace, socket: try Self.openSocket(namespace))
  }

  private init(namespace: NetworkNamespace, socket: NetlinkSocket) {
    self.namespace = namespace
    self.socket = socket
  }

  private static func openSocket(
    _ namespace: NetworkNamespace
  ) throws(LinkError) -> NetlinkSocket {
    do throws(SystemError) {
      return try NetlinkSocket(isBlocking: true)
    } catch {
      throw LinkError(.system, "no netlink socket in \(namespace): \(error)")
    }
  }

  /// The link `name`, or `nil` if there is none.
  package func link(ifPresent name: String) throws(LinkError) -> LinkState? {
    try Self.checkName(name)
    var request = NetlinkRequest.link(type: RTM_GETLINK, flags: NLM_F_ACK)
    request.put(name, as: IFLA_IFNAME)
    do throws(SystemError) {
      for message in try socket.transact(request) where message.type == RTM_NEWLINK {
        guard let link = LinkState(message.payload) else { throw SystemError(code: EBADMSG) }
        return link
      }
      return nil
    } catch {
      if error.code == ENODEV { return nil }
      throw LinkError(.system, "link \(name) in \(namespace) cannot be read: \(error)")
    }
  }

  /// The link `name`; throws `linkMissing` if there is none.
  package func link(_ name: String) throws(LinkError) -> LinkState {
    guard let link = try link(ifPresent: name) else {
      throw LinkError(.linkMissing, "no link \(name) in \(namespace)")
    }
    return link
  }

  /// Whether the kernel could have given a link this name: 1-15 bytes without slash, colon or white
  /// space.
  package static func isPossible(name: String) -> Bool {
    (1...15).contains(name.utf8.count) && name != "." && name != ".."
      && !name.utf8.contains { $0 <= 0x20 || $0 == 0x2f || $0 == 0x3a || $0 == 0x7f }
  }

  private static func checkName(_ name: String) throws(LinkError) {
    guard isPossible(name: name) else {
      throw LinkError(
        .unsuitable, "\"\(name)\" is no link's name: 1 to 15 bytes without '/', ':' or spaces")
    }
  }
}
