import CMnl
import Glibc
package import Wire

extension LinkTable {
  /// All IPv4 routes of the main table.
  package func routes() throws(LinkError) -> [Route] {
    let request = NetlinkRequest.message(
      type: RTM_GETROUTE, flags: NLM_F_DUMP, header: Self.anyRoute(length: 0))
    return try list(request, of: "routes").filter { $0.type == RTM_NEWROUTE }.compactMap {
      Route($0.payload)
    }.filter { $0.table == Route.mainTable }
  }

  /// The way that a packet to `address` would take; `nil` if there is none.
  package func way(to address: IPv4Address) throws(LinkError) -> Route? {
    var request = NetlinkRequest.message(
      type: RTM_GETROUTE, flags: NLM_F_ACK, header: Self.anyRoute(length: 32))
    request.put(address.octets, as: Route.Kind.destination)
    do throws(SystemError) {
      return try socket.transact(request).lazy.filter { $0.type == RTM_NEWROUTE }
        .compactMap { Route($0.payload) }.first
    } catch {
      if [ENETUNREACH, EHOSTUNREACH, EACCES, EINVAL].contains(error.code) { return nil }
      throw LinkError(.system, "no way to \(address) can be asked for in \(namespace): \(error)")
    }
  }

  /// Puts `route` in, in the place of the one that it `replaces`, if there is one.
  package func setRoute(_ route: Route) throws(LinkError) {
    let flags = NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE
    try send(RTM_NEWROUTE, flags, route, "the route \(route) is refused")
  }

  /// Takes `route` out.
  package func removeRoute(_ route: Route) throws(LinkError) {
    try send(RTM_DELROUTE, NLM_F_ACK, route, "the route \(route) stays")
  }

  private func send(
    _ type: Int, _ flags: Int32, _ route: Route, _ problem: String
  ) throws(LinkError) {
    var request = NetlinkRequest.message(type: type, flags: flags, header: route.header)
    for attribute in route.wholeAttributes { request.put(attribute.payload, as: attribute.type) }
    try attempt(request, "\(problem) in \(namespace)")
  }

  /// The fixed part of a request about routes to a destination of `length` bits.
  private static func anyRoute(length: UInt8) -> [UInt8] {
    [UInt8(AF_INET), length] + [UInt8](repeating: 0, count: MemoryLayout<rtmsg>.size - 2)
  }
}
