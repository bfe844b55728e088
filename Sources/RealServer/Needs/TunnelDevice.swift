/// The kernel has a device that takes the outer headers off.
struct TunnelDevice: Need {
  let name: String
  let kind: String

  func changes(on snapshot: Snapshot) throws(ServerError) -> [Change] {
    guard let device = snapshot.device(name) else {
      return [.device(DeviceCreation(name: name, kind: kind))]
    }
    guard device.kind == kind else {
      try findings(in: snapshot).refuseWrong()
      return []
    }
    return []
  }

  func findings(in snapshot: Snapshot) -> [Finding] {
    let device = snapshot.device(name)
    var problem: String?
    if device == nil {
      problem = "nothing takes the outer headers off: modprobe \(kind)"
    } else if device?.kind != kind {
      problem = "another device has its name: ip link set \(name) name OTHER"
    }
    return [
      Finding(
        "device \(name)", found: device.map { $0.kind ?? "a device" } ?? "none", wanted: kind,
        problem: problem)
    ]
  }
}
