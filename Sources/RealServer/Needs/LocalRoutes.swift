import Netlink

/// Replies find the way to the director's local addresses.
struct LocalRoutes: Need {
  private let directors: [LocalAddresses]

  init(_ directors: [LocalAddresses]) {
    self.directors = directors
  }

  /// No route of ours: which router leads there only the operator knows.
  func changes(on snapshot: Snapshot) throws(ServerError) -> [Change] {
    try findings(in: snapshot).refuseWrong()
    return []
  }

  func findings(in snapshot: Snapshot) -> [Finding] {
    directors.flatMap(\.ends).map { address in
      let way = snapshot.ways[address]
      let problem: String? =
        switch way?.kind {
        case nil: "replies have no way: ip route add \(address) via ROUTER"
        case .some where way?.isUnicast != true:
          "it is an address of this server or its network, not the director's: look at --from"
        case .some: nil
        }
      return Finding(
        "route to \(address)", found: way.map { snapshot.way(of: $0) } ?? "none",
        wanted: "a way to the director", problem: problem)
    }
  }
}

extension Snapshot {
  /// "via 10.0.0.1 dev eth0", "dev eth0", "this server itself".
  fileprivate func way(of route: Route) -> String {
    if route.isLocal { return "this server itself" }
    guard route.isUnicast else { return "not to one host" }
    let devices = route.linkIndices.map { "dev \(name(of: $0))" }.joined(separator: ", ")
    return route.gateway.map { "via \($0) \(devices)" } ?? devices
  }
}
