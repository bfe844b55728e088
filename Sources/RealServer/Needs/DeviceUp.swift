import Wire

/// A device is on: what is off has no addresses that count.
struct DeviceUp: Need {
  let name: String

  func changes(on snapshot: Snapshot) throws(ServerError) -> [Change] {
    guard let device = snapshot.device(name) else {
      try findings(in: snapshot).refuseWrong()
      return []
    }
    if device.isUp { return [] }
    var changes = [Change.power(DevicePower(device: name))]
    if name == "lo", !snapshot.addresses.contains(where: { $0.device == name }) {
      // The kernel gives it this one by itself, but does not take it away again.
      let usual = IPv4InterfaceAddress(IPv4Address(127, 0, 0, 1), length: 8)
      changes.append(.address(AddressAddition(held: HeldAddress(usual, on: name))))
    }
    return changes
  }

  func findings(in snapshot: Snapshot) -> [Finding] {
    let device = snapshot.device(name)
    let problem: String? =
      switch device?.isUp {
      case nil: "there is no such device in this network namespace"
      case false?: "addresses on it do not count: ip link set \(name) up"
      case true?: nil
      }
    return [
      Finding(
        "device \(name)", found: device.map { $0.isUp ? "on" : "off" } ?? "none", wanted: "on",
        problem: problem)
    ]
  }
}
