import Wire

/// The VIPs are no addresses of this server: the director answers for them alone.
struct AbsentAddresses: Need {
  private let addresses: [IPv4Address]

  init(_ addresses: [IPv4Address]) {
    self.addresses = addresses
  }

  /// An address that others put there is theirs to take away.
  func changes(on snapshot: Snapshot) throws(ServerError) -> [Change] {
    try findings(in: snapshot).refuseWrong()
    return []
  }

  func findings(in snapshot: Snapshot) -> [Finding] {
    addresses.map { address in
      let places = snapshot.places(of: address)
      let repairs = places.map { "ip addr del \($0.address) dev \($0.device)" }
      return Finding(
        "VIP \(address)", found: places.text, wanted: "nowhere",
        problem: places.isEmpty
          ? nil : "in this mode it is the director's alone: \(repairs.joined(separator: "; "))")
    }
  }
}
