import Wire

/// The VIPs are addresses of this server, on one device and nowhere else, each as /32.
struct HeldAddresses: Need {
  private let addresses: [IPv4Address]
  private let device: String

  init(_ addresses: [IPv4Address], on device: String) {
    self.addresses = addresses
    self.device = device
  }

  func changes(on snapshot: Snapshot) throws(ServerError) -> [Change] {
    var changes: [Change] = []
    for address in addresses {
      if snapshot.places(of: address).isEmpty {
        let held = HeldAddress(IPv4InterfaceAddress(address, length: 32), on: device)
        changes.append(.address(AddressAddition(held: held)))
      } else {
        try [finding(of: address, in: snapshot)].refuseWrong()
      }
    }
    return changes
  }

  func findings(in snapshot: Snapshot) -> [Finding] {
    addresses.map { finding(of: $0, in: snapshot) }
  }

  private func finding(of address: IPv4Address, in snapshot: Snapshot) -> Finding {
    let places = snapshot.places(of: address)
    let problems = places.compactMap { problem($0) }
    let missing = "packets to it are not this server's: ip addr add \(address)/32 dev \(device)"
    return Finding(
      "VIP \(address)", found: places.text, wanted: "/32 on \(device)",
      problem: places.isEmpty
        ? missing : (problems.isEmpty ? nil : problems.joined(separator: "; ")))
  }

  private func problem(_ place: HeldAddress) -> String? {
    let length = place.address.prefix.length
    let repair = "ip addr del \(place.address) dev \(place.device)"
    if place.device != device {
      let reason =
        place.device == "lo"
        ? "it belongs on \(device), where packets come out of the tunnel"
        : "on \(place.device) neighbours may be answered for it whatever arp_ignore says"
      return "\(reason): \(repair)"
    }
    return length == 32
      ? nil : "/\(length) takes all of \(place.address.prefix) for this server's own: \(repair)"
  }
}

extension Snapshot {
  /// Where `address` is held.
  func places(of address: IPv4Address) -> [HeldAddress] {
    addresses.filter { $0.address.address == address }
  }
}

extension [HeldAddress] {
  /// "/32 on lo, /24 on eth0".
  var text: String {
    isEmpty
      ? "nowhere"
      : map { "/\($0.address.prefix.length) on \($0.device)" }.joined(separator: ", ")
  }
}
