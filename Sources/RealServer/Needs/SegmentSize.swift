import Netlink
import Wire

/// Clients are told to send segments small enough for the tunnel.
///
/// The director cannot tell them: this server's SYN-ACK does not pass it.
struct SegmentSize: Need {
  /// The IPv4 and TCP headers inside.
  private static let headers = 40

  /// Less cannot be; a device's MTU that leads below is somebody's mistake.
  private static let least = 88

  private let destinations: [IPv4Prefix]
  private let overhead: Int

  init(routes: [IPv4Prefix], overhead: Int) {
    destinations = routes
    self.overhead = overhead
  }

  func changes(on snapshot: Snapshot) throws(ServerError) -> [Change] {
    var changes: [Change] = []
    for destination in destinations {
      let routes = routes(to: destination, in: snapshot)
      if routes.isEmpty { try [absence(of: destination)].refuseWrong() }
      for route in routes {
        guard let limit = limit(of: route, in: snapshot) else {
          try [unknown(route, in: snapshot)].refuseWrong()
          continue
        }
        if isRight(route, limit) { continue }
        let after = route.announcing(UInt32(limit))
        changes.append(.route(RouteReplacement(before: route, after: after)))
      }
    }
    return changes
  }

  func findings(in snapshot: Snapshot) -> [Finding] {
    destinations.flatMap { destination in
      let routes = routes(to: destination, in: snapshot)
      return routes.isEmpty
        ? [absence(of: destination)] : routes.map { finding(of: $0, in: snapshot) }
    }
  }

  private func finding(of route: Route, in snapshot: Snapshot) -> Finding {
    guard let limit = limit(of: route, in: snapshot) else { return unknown(route, in: snapshot) }
    let name = snapshot.text(of: route)
    return Finding(
      "advmss of \(route.destination == .everything ? "default" : "\(route.destination)")",
      found: route.announcedSegmentSize.map { "\($0)" } ?? "none: \(limit + overhead)",
      wanted: "at most \(limit)",
      problem: isRight(route, limit)
        ? nil
        : "full segments of clients do not fit the tunnel: ip route change \(name) advmss \(limit)")
  }

  /// What fits; `nil` if the route's device has no MTU that makes sense.
  private func limit(of route: Route, in snapshot: Snapshot) -> Int? {
    let devices = route.linkIndices.compactMap { index in
      snapshot.devices.first { $0.index == index }?.mtu
    }
    guard devices.count == route.linkIndices.count, let least = devices.min() else { return nil }
    // 0 is how the kernel writes that a route has no MTU of its own.
    let mtu = route.mtu.flatMap { $0 == 0 ? nil : min(Int($0), least) } ?? least
    let limit = mtu - overhead - Self.headers
    return (Self.least...65_495).contains(limit) ? limit : nil
  }

  private func isRight(_ route: Route, _ limit: Int) -> Bool {
    guard let size = route.announcedSegmentSize, size > 0 else { return false }
    return size <= UInt32(limit)
  }

  private func routes(to destination: IPv4Prefix, in snapshot: Snapshot) -> [Route] {
    snapshot.routes.filter { $0.destination == destination && $0.isUnicast }
  }

  private func absence(of destination: IPv4Prefix) -> Finding {
    let name = destination == .everything ? "default" : "\(destination)"
    return Finding(
      "route \(name)", found: "none", wanted: "by a router to the clients",
      problem: "replies have no way: ip route add \(name) via ROUTER, or --route for another")
  }

  private func unknown(_ route: Route, in snapshot: Snapshot) -> Finding {
    Finding(
      "route \(route.destination == .everything ? "default" : "\(route.destination)")",
      found: snapshot.text(of: route), wanted: "a device whose MTU leaves room for the tunnel",
      problem: "no segment fits a tunnel by this device: look at its MTU")
  }
}
