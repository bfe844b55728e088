import Netlink
import Wire

/// Replies pass the director, because it is the way to everywhere.
struct DefaultGateway: Need {
  private let gateway: IPv4Address

  init(_ gateway: IPv4Address) {
    self.gateway = gateway
  }

  func changes(on snapshot: Snapshot) throws(ServerError) -> [Change] {
    let link = try link(in: snapshot)
    let before = snapshot.defaultRoute
    if let before, isRight(before) { return [] }
    let after = Route(
      to: .everything, via: gateway, linkIndex: link.index, priority: before?.priority ?? 0)
    return [.route(RouteReplacement(before: before, after: after))]
  }

  func findings(in snapshot: Snapshot) -> [Finding] {
    let route = snapshot.defaultRoute
    var problem: String?
    if let route, !isRight(route) {
      problem = "replies do not pass the director, and reach clients with this server's address"
    } else if route == nil {
      problem = "clients cannot be reached"
    }
    return [
      Finding(
        "default route", found: route.map { snapshot.text(of: $0) } ?? "none",
        wanted: "via \(gateway)",
        problem: problem.map { "\($0): ip route replace default via \(gateway)" })
    ]
  }

  private func isRight(_ route: Route) -> Bool {
    route.isUnicast && route.gateway == gateway && route.linkIndices.count == 1
  }

  /// The device in whose network the gateway is.
  private func link(in snapshot: Snapshot) throws(ServerError) -> Snapshot.Device {
    guard snapshot.places(of: gateway).isEmpty else {
      throw ServerError(
        .wrong, "--gateway \(gateway) is an address of this server; the director's is wanted")
    }
    let outer = snapshot.addresses.filter { $0.device != "lo" && $0.address.prefix.length < 32 }
    let near = outer.filter { $0.address.prefix.contains(gateway) }
    let nearest = near.max { $0.address.prefix.length < $1.address.prefix.length }
    guard let nearest, let device = snapshot.device(nearest.device) else {
      let networks = outer.map { "\($0.address.prefix) on \($0.device)" }.joined(separator: ", ")
      throw ServerError(
        .wrong,
        "--gateway \(gateway) is in no network of this server"
          + " (\(networks.isEmpty ? "it has none" : networks)); a director in one of them is wanted"
      )
    }
    guard device.isUp else {
      throw ServerError(
        .wrong,
        "device \(device.name), by which --gateway \(gateway) is reached, is off; on is wanted")
    }
    return device
  }
}

extension Snapshot {
  /// The default route that counts; `nil` if there is none.
  var defaultRoute: Route? {
    routes.filter { $0.destination == .everything && $0.typeOfService == 0 }
      .min { $0.priority < $1.priority }
  }

  /// "default via 10.0.0.1 dev eth0".
  func text(of route: Route) -> String {
    let devices = route.linkIndices.map { name(of: $0) }
    return route.isUnicast
      ? "\(route) dev \(devices.joined(separator: ", "))" : "\(route), which refuses packets"
  }
}
